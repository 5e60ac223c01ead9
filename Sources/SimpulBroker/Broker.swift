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
    /// The way where there is no line.
    public let courier: Courier
    /// What parties see of their messages.
    public let messages: MessageViews
    /// What fires clocks.
    public let clocks: ClockWatch
    /// Files that go with messages.
    public let attachments: Attachments
    /// What operators do to queues and deliveries.
    public let orders: Orders
    /// Who takes part.
    public let directory: Directory
    /// What was counted since the start.
    public let counters: Counters
    /// The inbox as those see it who push.
    let pushInbox: PushInbox
    /// How pushing goes.
    public let pushBoard = PushBoard()
    /// What may be sent.
    public let catalogue: SchemaCatalogue
    /// Where everything is kept.
    public let store: any MessageStore
    /// The bounds in force.
    public let limits: Limits
    /// The broker's clock.
    public let now: @Sendable () -> Timestamp

    /// A broker of those parts.
    public init(
        rulebook: Rulebook, catalogue: SchemaCatalogue, store: any MessageStore, files: any AttachmentFiles,
        receipts: ReceiptIssuer, certificates: [Directory.BrokerCertificate], courierKey: CourierKey? = nil,
        limits: Limits,
        now: @escaping @Sendable () -> Timestamp
    ) {
        id = receipts.broker
        self.rulebook = rulebook
        self.store = store
        self.limits = limits
        self.now = now
        counters = Counters()
        authenticator = Authenticator(rulebook: rulebook, limits: limits, now: now)
        intake = Intake(
            authenticator: authenticator, catalogue: catalogue, store: store, receipts: receipts,
            quotas: Quotas(limits: limits), counters: counters, limits: limits)
        inbox = Inbox(
            authenticator: authenticator, store: store, receipts: receipts, catalogue: catalogue, counters: counters,
            limits: limits, now: now)
        pushInbox = PushInbox(
            store: store, receipts: receipts, catalogue: catalogue, counters: counters, limits: limits, now: now)
        let queues = KnownQueues(hub: receipts.broker, rulebook: rulebook, store: store, pushBoard: pushBoard)
        messages = MessageViews(store: store, queues: queues, limits: limits, now: now)
        clocks = ClockWatch(
            rulebook: rulebook, store: store, receipts: receipts, counters: counters, limits: limits, now: now)
        attachments = Attachments(rows: store, files: files, limits: limits, now: now)
        courier = Courier(
            authenticator: authenticator, intake: intake, inbox: inbox, attachments: attachments, store: store,
            rulebook: rulebook, receipts: receipts, key: courierKey, limits: limits, now: now)
        orders = Orders(store: store, receipts: receipts, rulebook: rulebook, now: now)
        self.catalogue = catalogue
        directory = Directory(
            broker: receipts.broker, certificates: certificates + (courierKey.map { [$0.listed] } ?? []))
    }

    /// Records in the log which roster and policy are in force, where the newest record of each says otherwise.
    /// Where it throws, one of the two may be recorded already; the next call records the rest.
    public func recordRules() async throws(StoreError) {
        let rules = rulebook.rules
        for (subject, digest) in [(LogRecord.Subject.roster, rules.roster.digest), (.policy, rules.policy.digest)] {
            if try await store.lastRecorded(subject) != digest {
                try await store.append(LogRecord(subject, digest: digest, at: now()))
            }
        }
    }

    /// Does ``recordRules()``, and again after each of those pauses as long as it fails. Rules that are not recorded are
    /// in force nevertheless: what they revoke stays revoked.
    /// - Parameter failed: told of each failure, and whether another attempt follows.
    /// - Returns: whether they are recorded; false too where the task was cancelled in a pause.
    public func recordRules(
        retryingAfter pauses: [Duration], failed: @Sendable (StoreError, _ isLast: Bool) -> Void
    ) async -> Bool {
        for pause in pauses.map(Optional.some) + [nil] {
            do {
                try await recordRules()
                return true
            } catch {
                failed(error, pause == nil)
            }
            guard let pause, (try? await Task.sleep(for: pause)) != nil else { return false }
        }
        return false
    }
}
