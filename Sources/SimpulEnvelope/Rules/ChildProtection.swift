internal import SimpulCore
internal import StrictJSON

/// a child, also one who is presumed to be, gets more protection.
enum ChildProtection {
    /// An alert, tip, screening or referral about a child is for now or soon. One that cancels asks for nothing, and one
    /// that tells of a rescue tells of what is past.
    static func urgencyHasAFloor(_ subject: RuleSubject, _: RoleLookup, _ faults: inout RuleFaults) {
        let header = subject.header
        guard concerns(header), !header.isCancel, subject.headerJSON["event"]?.isString("RESCUE_OUTCOME") != true else {
            return
        }
        if let urgency = header.urgency, urgency != .immediate, urgency != .expected {
            faults.add(
                "/header/urgency", "About a child it is Immediate or Expected.",
                "Jika menyangkut anak, nilainya Immediate atau Expected.")
        }
        if header.priority == .normal {
            faults.add(
                "/header/priority", "About a child it is EMERGENCY_24H or URGENT_72H.",
                "Jika menyangkut anak, nilainya EMERGENCY_24H atau URGENT_72H.")
        }
    }

    /// A protection unit sends it, gets it or stands by, or the header says why not. Where the roles of a party are not
    /// known, nobody can say that there is none.
    static func protectionUnitIsParty(_ subject: RuleSubject, _ roles: RoleLookup, _ faults: inout RuleFaults) {
        let header = subject.header
        guard concerns(header), !header.explainsNoProtectionUnit else { return }
        func mayBeUnit(_ agency: AgencyID) -> Bool {
            roles(agency)?.contains { $0.description == "UPTD" } ?? true
        }
        guard !mayBeUnit(header.sender), !header.recipients.contains(where: mayBeUnit),
            !header.fallback.contains(where: mayBeUnit)
        else { return }
        faults.add(
            "/header/recipients",
            "A child is concerned: a protection unit (UPTD) is a party, or uptdAbsence says why not.",
            "Menyangkut anak: UPTD PPA menjadi pihak, atau uptdAbsence menyebut sebabnya.")
    }

    /// A screening beyond the initial one, which comes before there was time, has the child's best interest assessed.
    static func bestInterestIsAssessed(_ subject: RuleSubject, _ body: JSONValue, _ faults: inout RuleFaults) {
        guard subject.header.type == .screening, subject.header.isAboutChild, body["childBestInterest"] == nil,
            body["step"]?.isOne(of: ["full", "review"]) == true
        else { return }
        faults.add(
            "/body/childBestInterest", "A full screening or review of a child has the best interest assessed.",
            "Skrining penuh atau tinjauan atas anak memuat asesmen kepentingan terbaik anak.")
    }

    private static func concerns(_ header: Header) -> Bool {
        guard header.isAboutChild else { return false }
        switch header.type {
        case .alert, .tip, .screening, .referral: return true
        default: return false
        }
    }
}
