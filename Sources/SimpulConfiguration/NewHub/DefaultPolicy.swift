internal import SimpulCore

/// The policy of a new hub: who sends and who receives each type by default.
enum DefaultPolicy {
    private struct Rule {
        let type: MessageType
        let note: String
        let from: String
        let to: String
        let basis: String
    }

    private static let rules = [
        Rule(
            type: .alert, note: "Somebody may be in danger now.",
            from: "IMM, POL, UPTD, SOC, HLT, NGO, LAB, CONS", to: "IMM, POL, TF, UPTD, SOC, NGO, LAB, CONS",
            basis: "UU 27/2022 (PDP) Pasal 20 ayat (2) huruf d: kepentingan vital; Perpres 49/2023: Gugus Tugas TPPO"),
        Rule(
            type: .tip, note: "What somebody has seen or heard.",
            from: "IMM, TF, UPTD, NGO, LAB, FACILITATOR", to: "IMM, POL, TF, UPTD",
            basis: "UU 27/2022 (PDP) Pasal 20 ayat (2) huruf e: kepentingan umum; Perpres 49/2023: Gugus Tugas TPPO"),
        Rule(
            type: .referral,
            note:
                "A person is handed on to a service. FACILITATOR may refer persons at risk once a rule can say only that.",
            from: "IMM, POL, UPTD, SOC, HLT, NGO, LAB", to: "POL, UPTD, SOC, HLT, NGO, LAB, LPSK, IO",
            basis: "UU 21/2007 Pasal 52-53: rehabilitasi dan pertolongan pertama paling lambat 7 hari"),
        Rule(
            type: .referralStatus, note: "The answer to a referral, and every step after it.",
            from: "POL, UPTD, SOC, HLT, NGO, LAB, LPSK, IO, CONS", to: "IMM, POL, UPTD, SOC, HLT, NGO, LAB",
            basis: "UU 21/2007 Pasal 52-53; Permen PPPA 8/2021: standar pelayanan terpadu"),
        Rule(
            type: .activityReport, note: "What was done for prevention, in numbers.",
            from: "IMM, POL, TF, UPTD, SOC, HLT, NGO, LAB, FACILITATOR, IO", to: "TF",
            basis: "Perpres 49/2023: pemantauan dan pelaporan Gugus Tugas TPPO"),
    ]

    /// The file.
    static var text: String {
        let head = """
            # Who may send what to whom: agencies with a role under `from` to agencies with a role under `to`.
            # What no rule allows is refused; MEDIA, PROS and CRT take part in none of these types.
            # The citations are a start for the parties' lawyers, not their work.
            version: 1
            rules:

            """
        return head + rules.map(text).joined() + DefaultClocks.text
    }

    private static func text(_ rule: Rule) -> String {
        """
          # \(rule.note)
          - id: \(rule.type.rawValue)
            type: \(rule.type.rawValue)
            from: [\(rule.from)]
            to: [\(rule.to)]
            basis: "\(rule.basis)"

        """
    }
}
