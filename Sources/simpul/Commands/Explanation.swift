import SimpulBroker
import SimpulClient
import SimpulConfiguration
import SimpulCore
import StrictJSON

/// What `simpul explain` has found out about one message.
struct Explanation {
    let at: Timestamp
    private let sender: AgencyID
    private var header: Header?
    private var parties: [Party] = []
    private var sealedFor: [AgencyID] = []
    private var clocks: Clocks?
    /// Why it would be refused; nil where it would be accepted.
    private(set) var refusal: Refusal?

    /// By when whom would owe what.
    private struct Clocks {
        let level: ClockLevel?
        let recipients: [(agency: AgencyID, due: DueTimes)]
        let sender: DueTimes
    }

    /// What the policy says about one party.
    private struct Party {
        let agency: AgencyID
        let isFallback: Bool
        let decision: PolicyDecision
        let basis: String?
    }

    init(at: Timestamp, from sender: AgencyID) {
        (self.at, self.sender) = (at, sender)
    }

    /// Asks the policy about every party of a header, whether or not the message would come so far.
    mutating func judge(_ header: Header, by rules: Rulebook.Rules) {
        self.header = header
        guard let sender = rules.roster.agencies[sender] else { return }
        for (agencies, isFallback) in [(header.recipients, false), (header.fallback, true)] {
            for id in agencies {
                guard let agency = rules.roster.party(id, of: header.hub) else { continue }
                let decision = rules.policy.decide(header, from: sender, to: agency)
                let basis: String? =
                    if case .allowed(let rule) = decision {
                        rules.policy.rules.first { $0.id == rule }?.basis
                    } else { nil }
                parties.append(Party(agency: id, isFallback: isFallback, decision: decision, basis: basis))
            }
        }
    }

    /// Notes for whom the body is sealed.
    /// - Throws: `seal-recipients` where a party has no certificate to seal to.
    mutating func seal(for agencies: [AgencyID], _ certificates: [RosterCertificate]) throws(Refusal) {
        let without = agencies.filter { agency in !certificates.contains { $0.agency == agency } }
        guard without.isEmpty else {
            let names = without.map(\.description).joined(separator: ", ")
            throw Refusal(
                .sealRecipients, at: .validate,
                LocalizedText(
                    "These parties have no current seal certificate: \(names).",
                    "Pihak berikut tidak memiliki sertifikat segel yang berlaku: \(names)."))
        }
        sealedFor = agencies
    }

    mutating func accepted(_ message: AuthorizedMessage, _ rehearsal: Rehearsal) {
        if parties.isEmpty { judge(message.header, by: rehearsal.rules) }
        header = message.header
        clocks = Clocks(
            level: message.level, recipients: Array(zip(message.header.recipients, message.due)),
            sender: message.senderDue)
    }

    mutating func refused(_ refusal: Refusal) { self.refusal = refusal }

    // MARK: The answer

    private enum Verdict: String { case passed, refused, notReached = "not-reached" }

    private var checks: [(check: IntakeCheck, verdict: Verdict)] {
        let failed = refusal.flatMap(IntakeCheck.init)
        var isBehind = false
        return IntakeCheck.allCases.map { check in
            if isBehind { return (check, .notReached) }
            isBehind = check == failed
            return (check, isBehind ? .refused : .passed)
        }
    }

    func json(_ terminal: Terminal) -> JSON {
        .object([
            "accepted": .bool(refusal == nil), "sender": .string(sender.description), "at": .string(at.description),
            "type": header.map { .string($0.type.rawValue) }, "code": refusal.map { .string($0.code.rawValue) },
            "detail": refusal.map { .string($0.detail[terminal.language]) },
            "errors": refusal.map { .array($0.faults.map(terminal.json)) },
            "checks": .array(
                checks.map { ["check": .string($0.check.rawValue), "verdict": .string($0.verdict.rawValue)] }),
            "sealedFor": .array(sealedFor.map { .string($0.description) }),
            "parties": .array(parties.map { json($0, terminal.language) }),
            "level": clocks?.level.map { .string($0.name) },
            "due": clocks.map {
                .array(
                    $0.recipients.map { .object([.init("agency", .string($0.agency.description))] + $0.due.members) })
            },
            "senderDue": clocks.map { .object($0.sender.members) },
        ])
    }

    private func json(_ party: Party, _ language: Language) -> JSON {
        let common: [JSON.Member] = [
            .init("agency", .string(party.agency.description)), .init("fallback", .bool(party.isFallback)),
        ]
        return switch party.decision {
        case .allowed(let rule):
            .object(
                common + [.init("rule", .string(rule)), .init("basis", party.basis.map { .string($0) } ?? .null)])
        case .denied(let denial):
            .object(
                common + [
                    .init("denied", .string(denial.keyword)), .init("detail", .string(denial.text[language])),
                ])
        }
    }

    func text(_ terminal: Terminal) -> String {
        let language = terminal.language
        let type = header.map { "\($0.type.rawValue) " } ?? ""
        let title = LocalizedText("\(type)from \(sender) at \(at)", "\(type)dari \(sender) pada \(at)")
        var lines = [title[language]]
        for (check, verdict) in checks {
            lines.append("  \(Self.mark(verdict)[language]) \(check.question[language])")
            if verdict == .refused, let refusal { lines += reason(refusal, terminal) }
            if check == .seal, verdict == .passed, !sealedFor.isEmpty {
                let names = sealedFor.map(\.description).joined(separator: ", ")
                lines.append("      " + LocalizedText("sealed for \(names)", "disegel untuk \(names)")[language])
            }
            if check == .policy { lines += parties.map { line($0, language) } }
        }
        let end =
            refusal.map {
                LocalizedText(
                    "It would be refused: \($0.code.status) \($0.code.rawValue).",
                    "Akan ditolak: \($0.code.status) \($0.code.rawValue).")
            } ?? LocalizedText("It would be accepted.", "Akan diterima.")
        return (lines + [end[language]] + clockLines(language)).joined(separator: "\n")
    }

    private func clockLines(_ language: Language) -> [String] {
        guard let clocks else { return [] }
        let owed = clocks.recipients.map { ("\($0.agency)", $0.due) } + [("\(sender)", clocks.sender)]
        return owed.filter { !$0.1.members.isEmpty }.map { name, due in
            let times = Clock.allCases.compactMap { clock in due[clock].map { "\(clock.member) \($0)" } }
            return "  \(name): " + times.joined(separator: ", ")
        }
    }

    private static func mark(_ verdict: Verdict) -> LocalizedText {
        switch verdict {
        case .passed: LocalizedText("yes", "ya   ")
        case .refused: LocalizedText("NO ", "TIDAK")
        case .notReached: LocalizedText("-  ", "-    ")
        }
    }

    private func reason(_ refusal: Refusal, _ terminal: Terminal) -> [String] {
        ["      \(refusal.code.rawValue): \(refusal.detail[terminal.language])"]
            + refusal.faults.map { "    " + terminal.line($0) }
    }

    private func line(_ party: Party, _ language: Language) -> String {
        let name = party.isFallback ? "\(party.agency) (fallback)" : "\(party.agency)"
        return switch party.decision {
        case .allowed(let rule): "      \(name): \(rule)" + (party.basis.map { ", \($0)" } ?? "")
        case .denied(let denial): "      \(name): \(denial.keyword), \(denial.text[language])"
        }
    }
}
