internal import NIOConcurrencyHelpers
public import SimpulBroker
public import SimpulCore

/// A store in memory, for tests that are not about disks: the same rules as on an engine, written a second time.
public final class MemoryStore: MessageStore {
    private let state = NIOLockedValueBox(State())
    private let doorbell = Doorbell()

    /// An empty store.
    public init() {}

    /// Makes every write fail from now on, as a full disk does; nil makes them work again.
    public func failWrites(with error: StoreError?) { state.withLockedValue { $0.failure = error } }

    /// The log as it was written.
    public var leaves: [(nonce: [UInt8], record: LogRecord)] {
        state.withLockedValue { state in state.log.map { ($0.nonce, $0.record) } }
    }

    /// The acceptance of the envelope with that digest by that sender.
    public func acceptance(
        of digest: Digest, from sender: AgencyID
    ) async throws(StoreError) -> StoredAcceptance? {
        state.withLockedValue { state in
            state.messages.values.first { $0.digest == digest && $0.key.sender == sender }.map { message in
                StoredAcceptance(key: message.key, receipt: state.receipt(at: message.sequence))
            }
        }
    }

    /// Stores a message with its deliveries, its receipt and its leaf.
    public func accept(
        _ message: AuthorizedMessage, at now: Timestamp, sign: @escaping @Sendable (UInt64) throws -> Receipt
    ) async throws(StoreError) -> AcceptOutcome {
        let outcome = try write { state throws(StoreError) in try state.accept(message, at: now, sign: sign) }
        if case .accepted = outcome { doorbell.ring(message.header.recipients) }
        return outcome
    }

    /// Appends one leaf that is about no delivery.
    @discardableResult
    public func append(_ record: LogRecord) async throws(StoreError) -> UInt64 {
        try write { state throws(StoreError) in state.append(record) }
    }

    /// Leases waiting deliveries.
    public func claim(
        _ claim: Claim, at now: Timestamp, sign: @escaping @Sendable (RungEvent) throws -> Receipt
    ) async throws(StoreError) -> ClaimOutcome {
        try write { state throws(StoreError) in try state.claim(claim, at: now, sign: sign) }
    }

    /// Gives leases back.
    public func release(_ tokens: [DeliveryToken], of agency: AgencyID) async throws(StoreError) {
        try write { state throws(StoreError) in state.release(tokens, of: agency) }
        doorbell.ring([agency])
    }

    /// Settles a leased delivery.
    public func settle(
        _ token: DeliveryToken, of agency: AgencyID, at now: Timestamp,
        sign: @escaping @Sendable (RungEvent) throws(Refusal) -> SignedRung
    ) async throws(StoreError) -> SettleOutcome {
        try write { state throws(StoreError) in state.settle(token, of: agency, at: now, sign: sign) }
    }

    /// All that is known of one message, or nil.
    public func state(of key: MessageKey) async throws(StoreError) -> MessageState? {
        state.withLockedValue { $0.state(of: key) }
    }

    /// The numbers that operators see.
    public func statistics(at now: Timestamp) async throws(StoreError) -> StoreStatistics {
        state.withLockedValue { $0.statistics(at: now) }
    }

    /// The digest that the newest leaf of that subject records, or nil.
    public func lastRecorded(_ subject: LogRecord.Subject) async throws(StoreError) -> Digest? {
        state.withLockedValue { state in
            state.log.last { $0.record.subject == subject }?.record.configurationDigest
        }
    }

    /// Signals each change after which a delivery of that agency may be waiting.
    public func changes(for agency: AgencyID) -> AsyncStream<Void> { doorbell.changes(for: agency) }

    /// A write that throws leaves the state as it was.
    private func write<Value>(_ body: (inout State) throws(StoreError) -> Value) throws(StoreError) -> Value {
        let result = state.withLockedValue { state -> Result<Value, StoreError> in
            if let failure = state.failure { return .failure(failure) }
            var changed = state
            do throws(StoreError) {
                let value = try body(&changed)
                state = changed
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        return try result.get()
    }
}

private struct State {
    struct Leaf {
        var record: LogRecord
        var nonce: [UInt8]
    }

    struct Message {
        var key: MessageKey
        var digest: Digest
        var header: Header
        var envelope: [UInt8]
        var sequence: UInt64
        var deliveries: [Delivery]
    }

    struct Delivery {
        var agency: AgencyID
        var state = DeliveryState.waiting
        var leaseUntil = Timestamp(milliseconds: 0)
        var attempt = 0
        var rungs: [RecordedRung] = []

        var height: Int { rungs.map(\.rung.height).max() ?? Rung.accepted.height }

        func waits(at now: Timestamp) -> Bool { state == .waiting || (state == .leased && leaseUntil <= now) }
    }

    struct Lease {
        var message: MessageKey
        var position: Int
        var attempt: Int
        var agency: AgencyID
        var until: Timestamp
        var isSettled = false
    }

    var failure: StoreError?
    var log: [Leaf] = []
    var frontier = MerkleFrontier()
    var messages: [MessageKey: Message] = [:]
    var leases: [DeliveryToken: Lease] = [:]

    func receipt(at sequence: UInt64) -> Receipt { Receipt(token: log[Int(sequence)].record.octets) }

    mutating func append(_ record: LogRecord) -> UInt64 {
        let nonce = LogRecord.nonce()
        log.append(Leaf(record: record, nonce: nonce))
        frontier.append(record.leaf(nonce: nonce))
        return frontier.size - 1
    }

    mutating func accept(
        _ message: AuthorizedMessage, at now: Timestamp, sign: (UInt64) throws -> Receipt
    ) throws(StoreError) -> AcceptOutcome {
        if let stored = messages[message.key] {
            guard stored.digest == message.digest else { return .conflict(stored: stored.digest) }
            return .repeated(receipt(at: stored.sequence))
        }
        let receipt: Receipt
        do { receipt = try sign(frontier.size) } catch { throw StoreError(.unavailable, "signing failed: \(error)") }
        messages[message.key] = Message(
            key: message.key, digest: message.digest, header: message.header, envelope: message.envelope,
            sequence: append(LogRecord(receipt: receipt, at: now)),
            deliveries: message.header.recipients.map { Delivery(agency: $0) })
        return .accepted(receipt)
    }

    mutating func claim(
        _ claim: Claim, at now: Timestamp, sign: (RungEvent) throws -> Receipt
    ) throws(StoreError) -> ClaimOutcome {
        let own = places(of: claim.agency, type: claim.type)
        let waiting = own.filter { delivery(at: $0).waits(at: now) }
        var leased: [LeasedDelivery] = []
        var octets = 0
        for place in waiting.prefix(claim.limit) {
            octets += messages[place.key]?.envelope.count ?? 0
            guard leased.isEmpty || octets <= claim.bytes else { break }
            do { leased.append(try lease(place, claim, at: now, sign: sign)) } catch {
                throw StoreError(.unavailable, "signing failed: \(error)")
            }
        }
        guard leased.isEmpty else { return .leased(leased) }
        return .empty(
            nextLeaseEnd: own.map { delivery(at: $0) }.filter { $0.state == .leased }.map(\.leaseUntil).min())
    }

    private typealias Place = (key: MessageKey, position: Int)

    /// The deliveries of an agency in the order of claims.
    private func places(of agency: AgencyID, type: MessageType?) -> [Place] {
        let order: [Header.Urgency] = [.immediate, .expected, .unknown, .future, .past]
        let ranked = messages.values.filter { type == nil || $0.header.type == type }.sorted { one, other in
            let ranks = [one, other].map { order.firstIndex(of: $0.header.urgency ?? .unknown) ?? 0 }
            return (ranks[0], one.sequence) < (ranks[1], other.sequence)
        }
        return ranked.flatMap { message in
            message.deliveries.indices.filter { message.deliveries[$0].agency == agency }.map { (message.key, $0) }
        }
    }

    private func delivery(at place: Place) -> Delivery {
        messages[place.key]?.deliveries[place.position] ?? Delivery(agency: place.key.sender)
    }

    private mutating func lease(
        _ place: Place, _ claim: Claim, at now: Timestamp, sign: (RungEvent) throws -> Receipt
    ) throws -> LeasedDelivery {
        guard var message = messages[place.key] else { throw TestSetupError(what: "no such message") }
        var delivery = message.deliveries[place.position]
        if delivery.height < Rung.delivered.height {
            let receipt = try sign(
                RungEvent(key: place.key, digest: message.digest, agency: claim.agency, at: now))
            _ = append(LogRecord(receipt: receipt, at: now))
            delivery.rungs.append(RecordedRung(rung: .delivered, at: now, receipt: receipt))
        }
        delivery.state = .leased
        delivery.attempt += 1
        delivery.leaseUntil = claim.leaseUntil
        message.deliveries[place.position] = delivery
        messages[place.key] = message
        if delivery.attempt > 1 { forgetEnded(of: place, at: now) }
        let token = DeliveryToken()
        leases[token] = Lease(
            message: place.key, position: place.position, attempt: delivery.attempt, agency: claim.agency,
            until: claim.leaseUntil)
        return LeasedDelivery(
            token: token, key: place.key, attempt: delivery.attempt, leaseUntil: claim.leaseUntil,
            due: message.header.due, envelope: message.envelope, receipt: receipt(at: message.sequence))
    }

    /// Forgets the oldest of a delivery's unsettled leases that ended more than a day ago.
    private mutating func forgetEnded(of place: Place, at now: Timestamp) {
        let oldest = now.advanced(bySeconds: -86400)
        let ended = leases.filter { _, lease in
            lease.message == place.key && lease.position == place.position && !lease.isSettled && lease.until < oldest
        }
        for (token, _) in ended.sorted(by: { $0.value.until < $1.value.until }).prefix(8) { leases[token] = nil }
    }

    mutating func release(_ tokens: [DeliveryToken], of agency: AgencyID) {
        for token in tokens {
            guard let lease = leases[token], lease.agency == agency, !lease.isSettled else { continue }
            let delivery = delivery(at: (lease.message, lease.position))
            guard delivery.state == .leased, delivery.attempt == lease.attempt else { continue }
            messages[lease.message]?.deliveries[lease.position].state = .waiting
        }
    }

    mutating func settle(
        _ token: DeliveryToken, of agency: AgencyID, at now: Timestamp,
        sign: (RungEvent) throws(Refusal) -> SignedRung
    ) -> SettleOutcome {
        guard let lease = leases[token], lease.agency == agency, let message = messages[lease.message] else {
            return .unknown
        }
        var delivery = message.deliveries[lease.position]
        let lives = delivery.state == .leased && delivery.attempt == lease.attempt && delivery.leaseUntil > now
        guard lease.isSettled || lives else { return .leaseExpired }
        let signed: SignedRung
        do {
            signed = try sign(RungEvent(key: message.key, digest: message.digest, agency: agency, at: now))
        } catch { return .refused(error) }
        leases[token]?.isSettled = true
        guard signed.rung.height > delivery.height else { return .settled }
        _ = append(LogRecord(receipt: signed.receipt, at: now))
        delivery.rungs.append(RecordedRung(rung: signed.rung, at: now, receipt: signed.receipt))
        delivery.state = signed.rung.height >= Rung.opened.height ? .opened : .acknowledged
        messages[lease.message]?.deliveries[lease.position] = delivery
        return .settled
    }

    func state(of key: MessageKey) -> MessageState? {
        messages[key].map { message in
            let accepted = log[Int(message.sequence)].record
            return MessageState(
                key: key, type: message.header.type, digest: message.digest,
                accepted: RecordedRung(rung: .accepted, at: accepted.at, receipt: receipt(at: message.sequence)),
                deliveries: message.deliveries.map {
                    MessageState.Delivery(agency: $0.agency, state: $0.state, rungs: $0.rungs)
                })
        }
    }

    func statistics(at now: Timestamp) -> StoreStatistics {
        var queues: [AgencyID: StoreStatistics.Queue] = [:]
        for message in messages.values.sorted(by: { $0.sequence < $1.sequence }) {
            for delivery in message.deliveries {
                var queue = queues[delivery.agency] ?? .init()
                switch delivery.state {
                case .acknowledged, .opened: queue.settled += 1
                case .leased where delivery.leaseUntil > now: queue.leased += 1
                case .waiting, .leased: queue.waiting += 1
                }
                if delivery.state == .waiting || delivery.state == .leased {
                    queue.oldest = queue.oldest ?? log[Int(message.sequence)].record.at
                }
                queues[delivery.agency] = queue
            }
        }
        let root = Digest(octets: frontier.root)?.description.dropFirst("sha-256:".count) ?? ""
        return StoreStatistics(
            messages: messages.count, logSize: frontier.size, logRoot: String(root), queues: queues)
    }
}
