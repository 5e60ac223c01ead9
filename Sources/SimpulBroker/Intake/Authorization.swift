public import SimpulCore
internal import SimpulEnvelope

/// A message that may pass: the only kind that a store accepts.
public struct AuthorizedMessage: Sendable {
    /// The header.
    public let header: Header
    /// The envelope, as it was submitted.
    public let envelope: [UInt8]
    /// The envelope's digest.
    public let digest: Digest
    /// What it says of a consent; of a `consent` only.
    public let consent: ConsentStatement?
    /// What the policy said about each recipient.
    public let decisions: [(agency: AgencyID, rule: String)]

    /// What the message is keyed by.
    public var key: MessageKey { header.key }

    fileprivate init(_ message: ValidMessage, decisions: [(agency: AgencyID, rule: String)]) {
        header = message.header
        envelope = message.envelope.bytes
        digest = message.envelope.digest
        consent = message.consent
        self.decisions = decisions
    }
}

/// ``ConsentedMessage`` → ``AuthorizedMessage``: the policy is asked about every recipient and every fallback.
struct Authorization: Sendable {
    /// - Throws: `policy-denied` with the rule that each denied recipient missed.
    func authorize(_ consented: ConsentedMessage) throws(Refusal) -> AuthorizedMessage {
        let message = consented.valid
        let rules = message.caller.rules
        var decisions: [(agency: AgencyID, rule: String)] = []
        var faults: [DocumentFault] = []
        let parties = [("recipients", message.header.recipients), ("fallback", message.header.fallback)]
        for (member, agencies) in parties {
            for (index, id) in agencies.enumerated() {
                // Validation has found every party active in these very rules, or the broker itself.
                guard let agency = rules.roster.activeAgency(id) else { continue }
                switch rules.policy.decide(message.header.type, from: message.caller.agency, to: agency) {
                case .allowed(let rule): decisions.append((id, rule))
                case .denied(let missed):
                    let pointer = "/header/\(member)/\(index)"
                    faults.append(DocumentFault(pointer: pointer, keyword: "policy", detail: missed.text))
                }
            }
        }
        guard let first = faults.first, !faults.isEmpty else {
            return AuthorizedMessage(message, decisions: decisions)
        }
        throw Refusal(
            .policyDenied, at: .authorize,
            LocalizedText(
                "The policy does not allow this (\(first.detail.english)).",
                "Kebijakan tidak mengizinkan ini (\(first.detail.indonesian))."),
            diagnosis: faults.map { "\($0.pointer) \($0.detail.english)" }.joined(separator: "; "), faults: faults,
            message: message.header.id)
    }
}
