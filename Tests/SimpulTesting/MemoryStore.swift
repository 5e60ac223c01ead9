internal import NIOConcurrencyHelpers
public import SimpulBroker
public import SimpulCore

/// A store in memory, for tests that are not about disks: the same rules as on an engine, written a second time.
public final class MemoryStore: MessageStore {
    let state = NIOLockedValueBox(MemoryState())
    private let doorbell = Doorbell()
    private let slowness = NIOLockedValueBox<(@Sendable () async -> Void)?>(nil)

    /// An empty store.
    public init(limits: Limits = Limits()) { state.withLockedValue { $0.limits = limits } }

    /// Makes every write fail from now on, as a full disk does; nil makes them work again.
    public func failWrites(with error: StoreError?) { state.withLockedValue { $0.failure = error } }

    /// What every settling waits for from now on, as for a slow disk.
    public func settleOnly(after wait: @escaping @Sendable () async -> Void) { slowness.withLockedValue { $0 = wait } }

    /// The log as it was written.
    public var leaves: [(nonce: [UInt8], record: LogRecord)] {
        state.withLockedValue { state in state.log.map { ($0.nonce, $0.record) } }
    }

    /// The acceptance of the message under that key.
    public func acceptance(of key: MessageKey) async throws(StoreError) -> StoredAcceptance? {
        state.withLockedValue { state in
            state.messages[key].map { StoredAcceptance(digest: $0.digest, receipt: state.receipt(at: $0.sequence)) }
        }
    }

    /// What is known of the messages that a header refers to.
    public func relations(of header: Header) async throws(StoreError) -> Relations {
        state.withLockedValue { state in
            state.relationsRead += 1
            return state.relations(of: header)
        }
    }

    /// How often ``relations(of:)`` was called.
    public var relationsRead: Int { state.withLockedValue { $0.relationsRead } }

    /// What an agency may know of the grants under a reference.
    public func grants(
        under reference: ConsentReference, status: Header.Status, for agency: AgencyID
    ) async throws(StoreError) -> KnownGrants {
        state.withLockedValue { $0.known(reference, status, to: agency) }
    }

    /// Stores messages with their deliveries, receipts and leaves.
    public func accept(
        _ messages: [AuthorizedMessage], at now: Timestamp, queued: Int,
        sign: @escaping @Sendable (AuthorizedMessage) -> AcceptanceSigner
    ) async throws(StoreError) -> [Result<AcceptOutcome, StoreError>] {
        var results: [Result<AcceptOutcome, StoreError>] = []
        for message in messages {
            do throws(StoreError) {
                results.append(
                    .success(
                        try write { state throws(StoreError) in
                            try state.accept(message, at: now, queued: queued, sign: sign(message))
                        }))
            } catch {
                results.append(.failure(error))
            }
        }
        return results
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
    }

    /// Gives one lease back.
    public func giveBack(
        _ token: DeliveryToken, of agency: AgencyID, at now: Timestamp, until: Timestamp?, isFailure: Bool
    ) async throws(StoreError) -> LeaseOutcome {
        try write { state throws(StoreError) in
            state.giveBack(token, of: agency, at: now, until: until, isFailure: isFailure)
        }
    }

    /// Lets one lease end later.
    public func extend(
        _ token: DeliveryToken, of agency: AgencyID, at now: Timestamp, until: Timestamp, totalSeconds: Int
    ) async throws(StoreError) -> LeaseOutcome {
        try write { state throws(StoreError) in
            state.extend(token, of: agency, at: now, until: until, totalSeconds: totalSeconds)
        }
    }

    /// Settles a leased delivery.
    public func settle(
        _ token: DeliveryToken, of agency: AgencyID, at now: Timestamp, isBare: Bool,
        sign: @escaping @Sendable (RungEvent) throws(Refusal) -> SignedRung
    ) async throws(StoreError) -> SettleOutcome {
        if let wait = slowness.withLockedValue({ $0 }) { await wait() }
        return try write { state throws(StoreError) in
            state.settle(token, of: agency, at: now, isBare: isBare, sign: sign)
        }
    }

    /// Records a rung without a lease.
    public func record(
        _ key: MessageKey, of agency: AgencyID, at now: Timestamp,
        sign: @escaping @Sendable (RungEvent) throws(Refusal) -> SignedRung
    ) async throws(StoreError) -> SettleOutcome {
        try write { state throws(StoreError) in state.record(key, of: agency, at: now, sign: sign) }
    }

    /// What an agency has sent.
    public func sent(by agency: AgencyID, _ query: OutboxQuery) async throws(StoreError) -> OutboxPage {
        state.withLockedValue { $0.sent(by: agency, query) }
    }

    /// All that is known of one message, or nil.
    public func state(of key: MessageKey) async throws(StoreError) -> MessageState? {
        state.withLockedValue { $0.state(of: key) }
    }

    /// The numbers that operators see.
    public func statistics(at now: Timestamp) async throws(StoreError) -> StoreStatistics {
        state.withLockedValue { $0.statistics(at: now) }
    }

    /// The newest leaf of that subject, or nil; of receipts always nil.
    public func newest(_ subject: LogRecord.Subject) async throws(StoreError) -> LogRecord? {
        guard subject != .receipt else { return nil }
        return state.withLockedValue { state in state.log.last { $0.record.subject == subject }?.record }
    }

    /// Nothing is ever committed to memory.
    public var commits: Int { 0 }

    /// Signals each change after which a delivery of that agency may be waiting.
    public func changes(for agency: AgencyID) -> AsyncStream<Void> { doorbell.changes(for: agency) }

    func read<Value>(_ body: (MemoryState) -> Value) -> Value { state.withLockedValue { body($0) } }

    /// A write that throws leaves the state as it was.
    func write<Value>(_ body: (inout MemoryState) throws(StoreError) -> Value) throws(StoreError) -> Value {
        var ringing: Set<AgencyID> = []
        let result = state.withLockedValue { state -> Result<Value, StoreError> in
            if let failure = state.failure { return .failure(failure) }
            var changed = state
            do throws(StoreError) {
                let value = try body(&changed)
                ringing = changed.ringing
                changed.ringing = []
                state = changed
                return .success(value)
            } catch {
                return .failure(error)
            }
        }
        doorbell.ring(ringing)
        return try result.get()
    }
}

/// What a memory store holds.
struct MemoryState {
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
        var senderDue: DueTimes
        var level: ClockLevel?
        var senderRungs: [RecordedRung] = []
        var purged: Timestamp?
        /// Whether it was taken back before anybody got it, and nothing of it is known any more.
        var isErased: Bool { envelope.isEmpty && purged == nil }
        var rank: Int { header.rank(level: level) }
    }

    struct Delivery {
        var agency: AgencyID
        var due = DueTimes.none
        var machine = DeliveryMachine()
        var rungs: [RecordedRung] = []
        var nextDue: Timestamp?
        var progress = ClockProgress()
        var turn = 0

        var isSettled: Bool { machine.state.isSettled }

        var wasRecalled: Bool { rungs.contains { $0.rung == .recalled } }

        /// When it waits again, where it is held.
        var heldUntil: Timestamp? {
            switch machine.state {
            case .leased, .pushing: machine.leaseUntil
            case .backingOff: machine.notBefore
            default: nil
            }
        }
    }

    struct Lease {
        var message: MessageKey
        var position: Int
        var attempt: Int
        var agency: AgencyID
        var since: Timestamp
        var until: Timestamp
        var isSettled = false
    }

    /// A rung that waits for one who is told of it.
    struct Told {
        var leaf: Int
        var key: MessageKey
        var agency: AgencyID
        var isSettled = false
        var attempt = 0
        var token: DeliveryToken?
        var isLeased = false
        var since = Timestamp(milliseconds: 0)
        var until = Timestamp(milliseconds: 0)
    }

    /// Whose word about what a state is.
    struct Turn: Hashable {
        var subject: String
        var agency: AgencyID
        var type: MessageType
        var status: Header.Status
    }

    var limits = Limits()
    var lanes: [Lane.Key: Lane] = [:]
    var served: [LaneQueue: Int] = [:]
    var grants: [GrantKey: ConsentGrant] = [:]
    var attachments: [AttachmentKey: Attachment] = [:]
    var told: [Told] = []
    var owed: [MessageKey: Owed] = [:]
    /// What is to be looked at again, and since when.
    var again: (since: Timestamp, places: [Place])?
    var answers: [AgencyID: Set<UInt64>] = [:]
    var confirmationSizes: [Int] = []
    var positions: [Turn: LifecycleState] = [:]
    var paused: [AgencyID: PausedQueue] = [:]
    var purges: [MessageKey: Timestamp] = [:]
    var relationsRead = 0
    var ringing: Set<AgencyID> = []

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
        _ message: AuthorizedMessage, at now: Timestamp, queued: Int, sign: AcceptanceSigner
    ) throws(StoreError) -> AcceptOutcome {
        if let stored = messages[message.key] {
            guard stored.digest == message.digest else { return .conflict(stored: stored.digest) }
            return .repeated(receipt(at: stored.sequence))
        }
        let missing = missingAttachments(of: message.header)
        guard missing.isEmpty else { return .refused(.attachmentMissing(missing, of: message.header)) }
        let step: LifecycleStep?
        let grant: ConsentGrant?
        do throws(Refusal) {
            step = try relations(of: message.header).check(message.header)
            grant = try known(for: message).check(message.header, message.consent, at: now, limits: limits)
        } catch {
            return .refused(error)
        }
        let open = messages.values.filter { $0.key.sender == message.key.sender }
            .reduce(0) { $0 + $1.deliveries.count { !$0.isSettled } }
        let waiting = message.header.recipients.count { $0 != message.header.hub }
        guard waiting == 0 || open + waiting <= queued else { return .queueFull }
        let receipt = try signing { try sign.accepted(frontier.size) }
        messages[message.key] = Message(
            key: message.key, digest: message.digest, header: message.header, envelope: message.envelope,
            sequence: append(LogRecord(receipt: receipt, at: now)),
            deliveries: zip(message.header.recipients, message.due).map { agency, due in
                Delivery(agency: agency, due: due, turn: enter(agency, message))
            },
            senderDue: message.senderDue, level: message.level)
        if let step {
            for agency in step.agencies {
                positions[turn(of: step.subject, for: message.header, of: agency)] = step.position
            }
        }
        for position in message.due.indices { replan((message.key, position)) }
        if message.senderDue != .none {
            let duties = OwedClocks(due: message.senderDue)
            owed[message.key] = Owed(clocks: duties, nextDue: duties.next)
        }
        attach(message.header)
        purges[message.key] = BodyRetention.firstLook(
            acceptedAt: now, expires: message.header.expires, keptSeconds: limits.openedBodySeconds)
        ringing.formUnion(message.header.recipients)
        try settleOwn(message, at: now, sign: sign.acknowledged)
        try raiseAnswered(by: message.header, at: now, sign: sign.answered)
        if message.header.refersToOthers { stopClocks(by: message.header) }
        if let grant {
            grants[grant.key] = grant
            if let end = grant.end { try recall(whatStandsOn: grant, because: end.cause, at: now, sign: sign.recalled) }
        }
        try recallOwn(message.header, at: now, sign: sign.recalled)
        return .accepted(receipt)
    }

    private mutating func enter(_ agency: AgencyID, _ message: AuthorizedMessage) -> Int {
        let queue = LaneQueue(recipient: agency, rank: message.header.rank(level: message.level))
        let key = Lane.Key(queue: queue, sender: message.key.sender)
        return lanes[key, default: Lane()].enter(served: served[queue] ?? 0)
    }

    func signing<Signed>(_ sign: () throws -> Signed) throws(StoreError) -> Signed {
        do { return try sign() } catch { throw StoreError(.unavailable, "signing failed: \(error)") }
    }

    func relations(of header: Header) -> Relations {
        let parties = messages.values.filter { message in
            message.key.id == header.inReplyTo
                && (message.key.sender == header.sender
                    || message.deliveries.contains { $0.agency == header.sender && !$0.machine.wasNeverGot })
        }
        let answered = parties.sorted { $0.sequence < $1.sequence }.map { message in
            Relations.Related(
                key: message.key, type: message.header.type,
                hasState: message.header.type.lifecycle != nil && message.header.position != nil,
                isReceived: message.deliveries.contains { $0.agency == header.sender && !$0.machine.wasNeverGot },
                position: positions[turn(of: LifecycleStep.subject(answering: message.key), for: header)],
                level: message.level,
                isRed: header.state == .redirected && message.header.trafficLight == .red)
        }
        let own = header.supersedes.filter { messages[MessageKey(sender: header.sender, id: $0)] != nil }
        let position =
            header.stepsInThread ? positions[turn(of: header.lifecycleThread.description, for: header)] : nil
        return Relations(answered: answered, replaced: Set(own), position: position)
    }

    private func turn(of subject: String, for header: Header, of agency: AgencyID? = nil) -> Turn {
        Turn(subject: subject, agency: agency ?? header.sender, type: header.type, status: header.status)
    }

    mutating func claim(
        _ claim: Claim, at now: Timestamp, sign: (RungEvent) throws -> Receipt
    ) throws(StoreError) -> ClaimOutcome {
        guard let claim = claim.whileQueue(isPaused: paused[claim.agency] != nil) else {
            return .empty(nextLeaseEnd: nil)
        }
        let own = claim.content.includesMessages ? places(of: claim.agency, type: claim.content.type) : []
        let (waiting, hasMore) = waiting(for: claim, among: own, at: now)
        let toldBefore = told.count
        var leased: [LeasedDelivery] = []
        var octets = 0
        for place in waiting.prefix(claim.limit) {
            octets += messages[place.key]?.envelope.count ?? 0
            guard leased.isEmpty || octets <= claim.bytes else { break }
            do { leased.append(try lease(place, claim, at: now, sign: sign)) } catch {
                throw StoreError(.unavailable, "signing failed: \(error)")
            }
        }
        let rungs =
            claim.content.includesRungs
            ? leaseRungs(claim, among: toldBefore, atMost: claim.limit - leased.count, at: now) : []
        guard leased.isEmpty && rungs.isEmpty else { return .leased(leased, rungs: rungs) }
        guard !hasMore else { return .empty(nextLeaseEnd: now) }
        let held =
            claim.content.includesMessages
            ? places(of: claim.agency, type: nil).compactMap { delivery(at: $0).heldUntil } : []
        let heldRungs = told.filter { claim.content.includesRungs && $0.agency == claim.agency && !$0.isSettled }
        return .empty(nextLeaseEnd: (held + heldRungs.map(\.until)).min())
    }

    private mutating func leaseRungs(
        _ claim: Claim, among first: Int, atMost count: Int, at now: Timestamp
    ) -> [LeasedRung] {
        let waiting = told.indices.prefix(first).filter {
            told[$0].agency == claim.agency && !told[$0].isSettled && told[$0].until <= now
        }
        return waiting.prefix(count).map { index in
            let token = DeliveryToken()
            told[index].attempt += 1
            told[index].token = token
            told[index].isLeased = true
            (told[index].since, told[index].until) = (now, claim.leaseUntil)
            return LeasedRung(
                token: token, id: told[index].key.id, attempt: told[index].attempt, leaseUntil: claim.leaseUntil,
                receipt: receipt(at: UInt64(told[index].leaf)))
        }
    }

    typealias Place = (key: MessageKey, position: Int)

    /// The deliveries of an agency in the order of claims.
    func places(of agency: AgencyID, type: MessageType?) -> [Place] {
        let own = messages.values.filter { type == nil || $0.header.type == type }.flatMap { message in
            message.deliveries.indices.filter { message.deliveries[$0].agency == agency }.map { (message, $0) }
        }
        let ordered = own.sorted { one, other in
            let (first, second) = (one.0.deliveries[one.1].turn, other.0.deliveries[other.1].turn)
            return (one.0.rank, first, one.0.sequence) < (other.0.rank, second, other.0.sequence)
        }
        return ordered.map { ($0.0.key, $0.1) }
    }

    /// What waits, and of what is held and over no more than one claim lets wait again.
    private mutating func waiting(
        for claim: Claim, among own: [Place], at now: Timestamp
    ) -> ([Place], hasMore: Bool) {
        let over = places(of: claim.agency, type: nil).filter {
            delivery(at: $0).heldUntil != nil && delivery(at: $0).machine.waits(at: now)
        }
        let inOrder = over.sorted { one, other in
            let ranks = (messages[one.key]?.rank ?? 0, messages[other.key]?.rank ?? 0)
            let ends = (delivery(at: one).heldUntil ?? now, delivery(at: other).heldUntil ?? now)
            return (ranks.0, ends.0) < (ranks.1, ends.1)
        }
        for place in inOrder.prefix(limits.expiredAtOnce) { letWait(place) }
        let waiting = own.filter { delivery(at: $0).machine.state == .waiting }
        return (waiting, over.count >= limits.expiredAtOnce)
    }

    private mutating func letWait(_ place: Place) {
        guard let delivery = messages[place.key]?.deliveries[place.position] else { return }
        let machine = delivery.machine
        messages[place.key]?.deliveries[place.position].machine = DeliveryMachine(
            state: .waiting, rung: machine.rung, attempt: machine.attempt, leaseUntil: machine.leaseUntil,
            notBefore: machine.notBefore, failures: machine.failures, cause: machine.cause)
    }

    func delivery(at place: Place) -> Delivery {
        messages[place.key]?.deliveries[place.position] ?? Delivery(agency: place.key.sender)
    }

    private mutating func lease(
        _ place: Place, _ claim: Claim, at now: Timestamp, sign: (RungEvent) throws -> Receipt
    ) throws -> LeasedDelivery {
        let event = DeliveryMachine.Event.lease(until: claim.leaseUntil, way: claim.way)
        guard let message = messages[place.key], try take(event, place, at: now, sign: { try sign($1) }) else {
            throw TestSetupError(what: "what waits cannot be leased")
        }
        let delivery = delivery(at: place)
        let queue = LaneQueue(recipient: delivery.agency, rank: message.rank)
        served[queue] = max(served[queue] ?? 0, delivery.turn)
        if delivery.machine.attempt > 1 { forgetEnded(of: place, at: now) }
        let token = DeliveryToken()
        leases[token] = Lease(
            message: place.key, position: place.position, attempt: delivery.machine.attempt, agency: claim.agency,
            since: now, until: claim.leaseUntil)
        return LeasedDelivery(
            token: token, key: place.key, attempt: delivery.machine.attempt, leaseUntil: claim.leaseUntil,
            due: delivery.due, envelope: message.envelope, receipt: receipt(at: message.sequence),
            failures: delivery.machine.failures)
    }

    /// Takes a step, and does what follows from it.
    /// - Returns: false where the delivery's machine objects; nothing has changed then.
    mutating func take(
        _ event: DeliveryMachine.Event, _ place: Place, at now: Timestamp,
        sign: (Rung, RungEvent) throws -> Receipt
    ) rethrows -> Bool {
        guard let message = messages[place.key] else { return false }
        var delivery = message.deliveries[place.position]
        guard let actions = try? delivery.machine.apply(event, at: now) else { return false }
        let step = RungEvent(key: place.key, digest: message.digest, agency: delivery.agency, at: now)
        for action in actions {
            switch action {
            case .record(let rung, let tellsRecipient):
                let receipt = try sign(rung, step)
                let told = tellsRecipient ? [place.key.sender, delivery.agency] : [place.key.sender]
                tell(append(LogRecord(receipt: receipt, at: now)), of: place.key, Set(told))
                delivery.rungs.append(RecordedRung(rung: rung, at: now, receipt: receipt))
            case .settleLease(let attempt): settleLease(of: place, attempt: attempt)
            case .close:
                let queue = LaneQueue(recipient: delivery.agency, rank: message.rank)
                lanes[Lane.Key(queue: queue, sender: place.key.sender), default: Lane()].leave()
            case .ring: ringing.insert(delivery.agency)
            }
        }
        messages[place.key]?.deliveries[place.position] = delivery
        replan(place)
        return true
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
            if let index = rungIndex(token, of: agency), told[index].isLeased {
                holdRung(index, until: Timestamp(milliseconds: 0))
            }
            guard let lease = leases[token], lease.agency == agency, !lease.isSettled else { continue }
            takeUnsigned(.release(attempt: lease.attempt), lease, at: .epoch)
        }
    }

    mutating func giveBack(
        _ token: DeliveryToken, of agency: AgencyID, at now: Timestamp, until: Timestamp?, isFailure: Bool
    ) -> LeaseOutcome {
        if let index = rungIndex(token, of: agency) {
            guard told[index].isLeased, told[index].until > now else { return .leaseExpired }
            holdRung(index, until: until ?? Timestamp(milliseconds: 0))
            return .done(leaseUntil: until ?? now)
        }
        guard let lease = leases[token], lease.agency == agency else { return .unknown }
        guard lives(lease, at: now) else { return .leaseExpired }
        takeUnsigned(.giveBack(attempt: lease.attempt, until: until, isFailure: isFailure), lease, at: now)
        return .done(leaseUntil: until ?? now)
    }

    mutating func extend(
        _ token: DeliveryToken, of agency: AgencyID, at now: Timestamp, until: Timestamp, totalSeconds: Int
    ) -> LeaseOutcome {
        func end(since: Timestamp, now end: Timestamp) -> Timestamp {
            max(end, min(until, since.advanced(bySeconds: Int64(totalSeconds))))
        }
        if let index = rungIndex(token, of: agency) {
            guard told[index].isLeased, told[index].until > now else { return .leaseExpired }
            told[index].until = end(since: told[index].since, now: told[index].until)
            return .done(leaseUntil: told[index].until)
        }
        guard let lease = leases[token], lease.agency == agency else { return .unknown }
        guard lives(lease, at: now) else { return .leaseExpired }
        let later = end(since: lease.since, now: lease.until)
        leases[token]?.until = later
        takeUnsigned(.extend(attempt: lease.attempt, until: later), lease, at: now)
        return .done(leaseUntil: later)
    }

    private func lives(_ lease: Lease, at now: Timestamp) -> Bool {
        let delivery = delivery(at: (lease.message, lease.position))
        return !lease.isSettled && delivery.machine.isLeased(by: lease.attempt, at: now)
    }

    /// A step that records no rung.
    private mutating func takeUnsigned(_ event: DeliveryMachine.Event, _ lease: Lease, at now: Timestamp) {
        _ = take(event, (lease.message, lease.position), at: now) { _, _ in Receipt(token: []) }
    }

    private func rungIndex(_ token: DeliveryToken, of agency: AgencyID) -> Int? {
        told.firstIndex { $0.token == token && $0.agency == agency }
    }

    private mutating func holdRung(_ index: Int, until: Timestamp) {
        told[index].isLeased = false
        told[index].until = until
        ringing.insert(told[index].agency)
    }

    mutating func settle(
        _ token: DeliveryToken, of agency: AgencyID, at now: Timestamp, isBare: Bool,
        sign: (RungEvent) throws(Refusal) -> SignedRung
    ) -> SettleOutcome {
        if let index = rungIndex(token, of: agency) {
            guard isBare else { return .unknown }
            guard told[index].isSettled || (told[index].isLeased && told[index].until > now) else {
                return .leaseExpired
            }
            told[index].isSettled = true
            return .settled
        }
        guard let lease = leases[token], lease.agency == agency else { return .unknown }
        guard lease.isSettled || lives(lease, at: now) else { return .leaseExpired }
        return raise((lease.message, lease.position), at: now, sign: sign)
    }

    mutating func record(
        _ key: MessageKey, of agency: AgencyID, at now: Timestamp, sign: (RungEvent) throws(Refusal) -> SignedRung
    ) -> SettleOutcome {
        guard let position = messages[key]?.deliveries.firstIndex(where: { $0.agency == agency }),
            !delivery(at: (key, position)).machine.wasNeverGot
        else { return .unknown }
        return raise((key, position), at: now, sign: sign)
    }

    private mutating func raise(
        _ place: Place, at now: Timestamp, sign: (RungEvent) throws(Refusal) -> SignedRung
    ) -> SettleOutcome {
        guard let message = messages[place.key] else { return .unknown }
        let agency = message.deliveries[place.position].agency
        do {
            raise(
                place, by: try sign(RungEvent(key: place.key, digest: message.digest, agency: agency, at: now)),
                at: now)
        } catch { return .refused(error) }
        return .settled
    }

    mutating func raise(_ place: Place, by signed: SignedRung, at now: Timestamp) {
        _ = take(.settle(signed.rung), place, at: now) { _, _ in signed.receipt }
    }

    mutating func tell(_ leaf: UInt64, of key: MessageKey, _ agencies: Set<AgencyID>) {
        told += agencies.sorted().map { Told(leaf: Int(leaf), key: key, agency: $0) }
        ringing.formUnion(agencies)
    }

    func sent(by agency: AgencyID, _ query: OutboxQuery) -> OutboxPage {
        var page = OutboxPage(messages: [], next: nil)
        var (looked, octets) = (0, 0)
        var last: UInt64 = 0
        let start = query.after.map { $0 + 1 } ?? 0
        let own = messages.values.filter { $0.key.sender == agency && $0.sequence >= start }
        for message in own.sorted(by: { $0.sequence < $1.sequence }) {
            guard let state = state(of: message.key), query.since.map({ $0 <= state.accepted.at }) ?? true else {
                continue
            }
            looked += 1
            guard looked <= query.scan, page.messages.count < query.limit, octets < query.bytes else {
                page.next = last
                break
            }
            last = message.sequence
            guard query.state == nil || state.state == query.state else { continue }
            page.messages.append(state)
            let rungs = [state.accepted] + state.deliveries.flatMap(\.rungs)
            octets += rungs.reduce(0) { $0 + $1.receipt.token.count }
        }
        return page
    }

    func state(of key: MessageKey) -> MessageState? {
        messages[key].map { message in
            let accepted = log[Int(message.sequence)].record
            return MessageState(
                key: key, type: message.header.type, digest: message.digest,
                accepted: RecordedRung(rung: .accepted, at: accepted.at, receipt: receipt(at: message.sequence)),
                deliveries: message.deliveries.map {
                    MessageState.Delivery(
                        agency: $0.agency, standing: $0.machine, due: $0.due, rungs: $0.rungs)
                }, senderDue: message.senderDue, senderRungs: message.senderRungs, purged: message.purged)
        }
    }

    func statistics(at now: Timestamp) -> StoreStatistics {
        var queues: [AgencyID: StoreStatistics.Queue] = [:]
        for message in messages.values.sorted(by: { $0.sequence < $1.sequence }) {
            for delivery in message.deliveries {
                var queue = queues[delivery.agency] ?? .init()
                switch delivery.machine.state {
                case _ where delivery.isSettled: queue.settled += 1
                case .leased where delivery.machine.leaseUntil > now: queue.leased += 1
                case .pushing where delivery.machine.leaseUntil > now: queue.leased += 1
                default: queue.waiting += 1
                }
                if !delivery.isSettled {
                    queue.oldest = queue.oldest ?? log[Int(message.sequence)].record.at
                }
                queues[delivery.agency] = queue
            }
        }
        for rung in told where !rung.isSettled { queues[rung.agency, default: .init()].rungs += 1 }
        let root = Digest(octets: frontier.root)?.description.dropFirst("sha-256:".count) ?? ""
        return StoreStatistics(
            messages: messages.count, logSize: frontier.size, logRoot: String(root), queues: queues)
    }
}
