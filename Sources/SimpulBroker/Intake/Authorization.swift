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
    /// What each recipient owes by when, in the order of the header's recipients.
    public let due: [DueTimes]
    /// What the sender owes by when.
    public let senderDue: DueTimes
    /// How fast it must move; nil where its type knows no level.
    public let level: ClockLevel?
    /// The policy that decided, and that the times were computed by.
    public let policy: Digest

    /// What the message is keyed by.
    public var key: MessageKey { header.key }

    /// The recipients with what they owe, as the receipt says it.
    var recipientClocks: [ReceiptStatement.RecipientClocks] {
        zip(header.recipients, due).map { ReceiptStatement.RecipientClocks(agency: $0, due: $1) }
    }

    fileprivate init(_ consented: ConsentedMessage, decisions: [(agency: AgencyID, rule: String)]) {
        let (message, policy) = (consented.valid, consented.valid.caller.rules.policy)
        header = message.header
        envelope = message.envelope.bytes
        digest = message.envelope.digest
        consent = message.consent
        self.decisions = decisions
        let clocks = policy.clocks.clocks(
            of: message.header, acceptedAt: message.caller.at, answering: consented.answeredLevel)
        let hub = message.header.hub
        // The broker reads what it accepts as it accepts it.
        due = message.header.recipients.map { $0 == hub ? .none : clocks.recipient }
        senderDue = clocks.sender
        level = clocks.level
        self.policy = policy.digest
    }
}

/// ``ConsentedMessage`` → ``AuthorizedMessage``: the policy is asked about every recipient and every fallback, and for the
/// times that run from the moment of acceptance.
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
                // Validation has found every party active in these very rules, or the hub itself.
                guard let agency = rules.roster.party(id, of: message.header.hub) else { continue }
                let decision = rules.policy.decide(
                    message.header, from: message.caller.agency, to: agency, answersRed: consented.answersRed)
                switch decision {
                case .allowed(let rule): decisions.append((id, rule))
                case .denied(let denial):
                    let pointer = "/header/\(member)/\(index)"
                    faults.append(DocumentFault(pointer: pointer, keyword: denial.keyword, detail: denial.text))
                }
            }
        }
        guard let first = faults.first, !faults.isEmpty else {
            return AuthorizedMessage(consented, decisions: decisions)
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
