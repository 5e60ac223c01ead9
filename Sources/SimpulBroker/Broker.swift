public import SimpulCore
public import SimpulEnvelope

/// One broker, wired: what the edges (HTTPS, status socket) call. It holds no state of its own.
public struct Broker: Sendable {
    /// The broker's id.
    public let id: AgencyID
    /// The rules in force.
    public let rulebook: Rulebook
    /// Who is speaking.
    public let authenticator: Authenticator
    /// The way in.
    public let intake: Intake
    /// The way out.
    public let inbox: Inbox
    /// What parties see of their messages.
    public let messages: MessageViews
    /// Who takes part.
    public let directory: Directory
    /// What was counted since the start.
    public let counters: Counters
    /// Where everything is kept.
    public let store: any MessageStore
    /// The bounds in force.
    public let limits: Limits
    /// The broker's clock.
    public let now: @Sendable () -> Timestamp

    /// A broker of those parts.
    public init(
        rulebook: Rulebook, catalogue: SchemaCatalogue, store: any MessageStore, receipts: ReceiptIssuer,
        certificates: [Directory.BrokerCertificate], limits: Limits, now: @escaping @Sendable () -> Timestamp
    ) {
        id = receipts.broker
        self.rulebook = rulebook
        self.store = store
        self.limits = limits
        self.now = now
        counters = Counters()
        authenticator = Authenticator(rulebook: rulebook, limits: limits, now: now)
        intake = Intake(
            authenticator: authenticator, catalogue: catalogue, store: store, receipts: receipts, counters: counters,
            limits: limits)
        inbox = Inbox(
            store: store, receipts: receipts, catalogue: catalogue, counters: counters, limits: limits, now: now)
        messages = MessageViews(store: store)
        directory = Directory(broker: receipts.broker, certificates: certificates)
    }

    /// Records in the log which roster and policy are in force, where the newest record of each says otherwise.
    public func recordRules() async throws(StoreError) {
        let rules = rulebook.rules
        for (subject, digest) in [(LogRecord.Subject.roster, rules.roster.digest), (.policy, rules.policy.digest)] {
            if try await store.lastRecorded(subject) != digest {
                try await store.append(LogRecord(subject, digest: digest, at: now()))
            }
        }
    }
}
