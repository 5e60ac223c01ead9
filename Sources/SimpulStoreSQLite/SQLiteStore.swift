internal import NIOConcurrencyHelpers
public import SimpulBroker
public import SimpulCore

/// The store on SQLite: one file, one writer thread with group commit, readers beside it.
///
/// The file is in WAL mode with `synchronous = FULL`, so a call that returns is covered by an fsync. Files are readable
/// for their owner alone. One process at a time may open it.
public final class SQLiteStore: MessageStore {
    let queue: WriteQueue
    let readers: ReaderPool
    private let checkpointer: Checkpointer
    let eraser: LogEraser
    private let doorbell = Doorbell()
    private let committed = NIOLockedValueBox(0)
    private let paused = PausedRows.Known([:])
    private let again = NIOLockedValueBox<Again?>(nil)
    let limits: Limits

    /// How far the clocks that have fired before have been looked at again.
    private struct Again: Hashable {
        var since: Timestamp
        var behind: ClockPlace
    }

    /// Opens a file, or makes it where there is none, and brings its tables up to this program's version.
    /// - Parameters:
    ///   - path: the file; `<path>.lock`, `-wal` and `-shm` stand beside it.
    ///   - limits: `commitQueue` bounds the writes that wait, `commitBatch` those of one transaction, `consentMessages`
    ///     and `consentParties` what a consent may come to.
    ///   - checkpoints: signs the log's size and root, once in each transaction.
    /// - Throws: where another process has it open, where it is newer than this program or another program's, where
    ///   the disk does not do what durability asks for; ``StoreError/Code/corrupt`` where the log's last checkpoint is
    ///   not this signer's.
    public static func open(
        path: String, limits: Limits = Limits(), checkpoints: CheckpointSigner
    ) throws(StoreError) -> SQLiteStore {
        try SQLiteStore(path: path, limits: limits, checkpoints: checkpoints, vfs: nil)
    }

    /// As ``open(path:limits:checkpoints:)``, through a registered SQLite VFS: how tests make a disk fail.
    package static func open(
        path: String, limits: Limits, checkpoints: CheckpointSigner, vfs: String
    ) throws(StoreError) -> SQLiteStore {
        try SQLiteStore(path: path, limits: limits, checkpoints: checkpoints, vfs: vfs)
    }

    private init(path: String, limits: Limits, checkpoints: CheckpointSigner, vfs: String?) throws(StoreError) {
        self.limits = limits
        queue = WriteQueue(capacity: limits.commitQueue, octets: limits.commitQueueBytes)
        readers = ReaderPool(path: path, limits: limits, vfs: vfs)
        checkpointer = Checkpointer()
        let file = try DatabaseFile(claiming: path)
        eraser = LogEraser(path: path, seconds: limits.purgedLogSeconds)
        let writer = try Writer(
            file, limits: limits, signer: checkpoints, doorbell: doorbell, checkpointer: checkpointer,
            eraser: eraser, commits: committed, paused: paused, vfs: vfs)
        try checkpointer.start(path: path, vfs: vfs)
        let (queue, batch) = (queue, limits.commitBatch)
        do {
            try OSThread.start(body: { writer.run(queue, batch: batch) }, ended: { queue.ended() })
        } catch {
            checkpointer.close()
            throw error
        }
    }

    deinit {
        queue.close()
        checkpointer.close()
        readers.close()
    }

    /// Why the write-ahead log could not be moved into the file the last time; nil where it could. Nothing is lost
    /// meanwhile, but the `-wal` file grows.
    public var lastCheckpointTrouble: StoreError? { checkpointer.lastTrouble }

    /// Does what is queued, then lets go of the file: when it returns another process may open it. Later calls throw.
    public func close() async {
        queue.close()
        await queue.end()
        checkpointer.close()
        readers.close()
    }

    /// The acceptance of the message under that key, if there is one.
    public func acceptance(of key: MessageKey) async throws(StoreError) -> StoredAcceptance? {
        try readers.read { reader throws(StoreError) in try reader.acceptance(of: key) }
    }

    /// What is known of the messages that a header refers to.
    public func relations(of header: Header) async throws(StoreError) -> Relations {
        try readers.read { reader throws(StoreError) in try reader.relations(of: header) }
    }

    /// What an agency may know of the grants under a reference.
    public func grants(
        under reference: ConsentReference, status: Header.Status, for agency: AgencyID
    ) async throws(StoreError) -> KnownGrants {
        let most = limits.consentMessages
        return try readers.read { reader throws(StoreError) in
            try reader.grants(under: reference, status, for: agency, countingTo: most)
        }
    }

    /// All that is known of one message, or nil.
    public func state(of key: MessageKey) async throws(StoreError) -> MessageState? {
        try readers.read { reader throws(StoreError) in try reader.state(of: key) }
    }

    /// What an agency has sent.
    public func sent(by agency: AgencyID, _ query: OutboxQuery) async throws(StoreError) -> OutboxPage {
        try readers.read { reader throws(StoreError) in try reader.sent(by: agency, query) }
    }

    /// The newest leaf of that subject, or nil; of receipts always nil.
    public func newest(_ subject: LogRecord.Subject) async throws(StoreError) -> LogRecord? {
        try readers.read { reader throws(StoreError) in try reader.newest(subject) }
    }

    /// The numbers that operators see. Counts rows, on a thread of its own: the pool of tasks does not wait for it.
    public func statistics(at now: Timestamp) async throws(StoreError) -> StoreStatistics {
        let readers = readers
        let result = await withCheckedContinuation { (caller: CheckedContinuation<Counted, Never>) in
            let count: @Sendable () -> Void = {
                do throws(StoreError) {
                    let counted = try readers.read { reader throws(StoreError) in try reader.statistics(at: now) }
                    caller.resume(returning: .success(counted))
                } catch {
                    caller.resume(returning: .failure(error))
                }
            }
            do throws(StoreError) { try OSThread.start(body: count) } catch {
                caller.resume(returning: .failure(error))
            }
        }
        return try result.get()
    }

    private typealias Counted = Result<StoreStatistics, StoreError>

    /// Transactions committed since the store was opened.
    public var commits: Int { committed.withLockedValue { $0 } }

    /// Signals each change after which a delivery of that agency may be waiting.
    public func changes(for agency: AgencyID) -> AsyncStream<Void> { doorbell.changes(for: agency) }

    /// Stores messages with their deliveries, receipts and leaves.
    public func accept(
        _ messages: [AuthorizedMessage], at now: Timestamp, queued: Int,
        sign: @escaping @Sendable (AuthorizedMessage) -> AcceptanceSigner
    ) async throws(StoreError) -> [Result<AcceptOutcome, StoreError>] {
        let octets = messages.reduce(0) { $0 + $1.envelope.count }
        guard let sender = messages.first?.key.sender else { return [] }
        return try await queue.submit(for: .sending(sender), weight: messages.count, octets: octets) { writer in
            try messages.map { message in
                do {
                    return .success(try writer.accept(message, at: now, queued: queued, sign: sign(message)))
                } catch let failure as JobFailure {
                    return .failure(failure.error)
                }
            }
        }
    }

    /// Appends one leaf that is about no delivery.
    @discardableResult
    public func append(_ record: LogRecord) async throws(StoreError) -> UInt64 {
        try await queue.submit(for: .broker) { writer in try writer.log.append(record) }
    }

    /// Leases waiting deliveries. Where a read finds none, nothing is written.
    public func claim(
        _ claim: Claim, at now: Timestamp, sign: @escaping @Sendable (RungEvent) throws -> Receipt
    ) async throws(StoreError) -> ClaimOutcome {
        let isPaused = paused.withLockedValue { $0[claim.agency] != nil }
        guard let claim = claim.whileQueue(isPaused: isPaused) else { return .empty(nextLeaseEnd: nil) }
        let empty = try readers.read { reader throws(StoreError) in try reader.emptiness(for: claim, at: now) }
        if let empty { return empty }
        return try await queue.submit(for: .fetching(claim.agency)) { writer in
            try writer.claim(claim, at: now, sign: sign)
        }
    }

    /// Gives leases back.
    public func release(_ tokens: [DeliveryToken], of agency: AgencyID) async throws(StoreError) {
        try await queue.submit(for: .fetching(agency)) { writer in try writer.release(tokens, of: agency, at: .epoch) }
    }

    /// Settles a leased delivery.
    public func settle(
        _ token: DeliveryToken, of agency: AgencyID, at now: Timestamp, isBare: Bool,
        sign: @escaping @Sendable (RungEvent) throws(Refusal) -> SignedRung
    ) async throws(StoreError) -> SettleOutcome {
        try await queue.submit(for: .fetching(agency)) { writer in
            try writer.settle(token, of: agency, at: now, isBare: isBare, sign: sign)
        }
    }

    /// Records a rung without a lease.
    public func record(
        _ key: MessageKey, of agency: AgencyID, at now: Timestamp,
        sign: @escaping @Sendable (RungEvent) throws(Refusal) -> SignedRung
    ) async throws(StoreError) -> SettleOutcome {
        try await queue.submit(for: .fetching(agency)) { writer in
            try writer.record(key, of: agency, at: now, sign: sign)
        }
    }

    /// The queues that are paused.
    public var pausedQueues: [AgencyID: PausedQueue] { paused.withLockedValue { $0 } }

    /// Does what an operator has ordered.
    public func order(
        _ order: DeliveryOrder, at now: Timestamp, record: LogRecord,
        sign: @escaping @Sendable (Rung, RungEvent, MessageType) throws -> Receipt
    ) async throws(StoreError) -> OrderOutcome {
        try await queue.submit(for: .broker) { writer in try writer.order(order, at: now, record: record, sign: sign) }
    }

    /// Gives a delivery to another agency.
    public func redirect(
        _ order: RedirectOrder, at now: Timestamp, record: LogRecord, by rules: ClockRules,
        sign: @escaping @Sendable (ReceiptStatement) throws -> Receipt
    ) async throws(StoreError) -> RedirectOutcome {
        try await queue.submit(for: .broker) { writer in
            try writer.redirect(order, at: now, record: record, by: rules, sign: sign)
        }
    }

    /// Pauses a queue, or lets it go on.
    public func pause(_ agency: AgencyID, _ isPaused: Bool, record: LogRecord) async throws(StoreError) {
        try await queue.submit(for: .broker) { writer in try writer.pause(agency, isPaused, record: record) }
    }

    /// Gives one lease back.
    public func giveBack(
        _ token: DeliveryToken, of agency: AgencyID, at now: Timestamp, until: Timestamp?, isFailure: Bool
    ) async throws(StoreError) -> LeaseOutcome {
        try await queue.submit(for: .fetching(agency)) { writer in
            try writer.giveBack(token, of: agency, at: now, until: until, isFailure: isFailure)
        }
    }

    /// Lets one lease end later.
    public func extend(
        _ token: DeliveryToken, of agency: AgencyID, at now: Timestamp, until: Timestamp, totalSeconds: Int
    ) async throws(StoreError) -> LeaseOutcome {
        try await queue.submit(for: .fetching(agency)) { writer in
            try writer.extend(token, of: agency, at: now, until: until, totalSeconds: totalSeconds)
        }
    }

    /// Takes what clocks have to do.
    public func fireClocks(
        at now: Timestamp, limit: Int, by rules: ClockRules,
        sign: @escaping @Sendable (ReceiptStatement) throws -> Receipt
    ) async throws(StoreError) -> ClockRound {
        let again = again.withLockedValue { $0 }
        // No heavier than what the queue keeps for each party, so that no flood shuts it out.
        let (round, next) = try await queue.submit(
            for: .clocks, weight: min(limit, max(1, limits.commitQueue / 64))
        ) { writer in
            try writer.fireClocks(at: now, limit: limit, again: again?.behind, by: rules, sign: sign)
        }
        self.again.withLockedValue { current in
            // Another round, or a wish to begin anew, may have come between.
            guard current == again else { return }
            current = next.flatMap { place in again.map { Again(since: $0.since, behind: place) } }
        }
        return round
    }

    /// When the first clock has something to do.
    public func nextClock() async throws(StoreError) -> Timestamp? {
        let next = try readers.read { reader throws(StoreError) in try reader.nextClock() }
        return [next, again.withLockedValue { $0?.since }].compactMap { $0 }.min()
    }

    /// Has every clock that has fired before looked at again. Costs nothing by itself: each round takes some, beside what
    /// is due.
    public func rearmClocks(at now: Timestamp) async throws(StoreError) {
        again.withLockedValue { $0 = Again(since: now, behind: ClockPlace(behind: now)) }
        try await rearmPurges(at: now)
    }
}

extension SQLiteStore {
    /// What runs for each claim that waits or is answered: none of it may read more rows with a longer queue.
    package static let hotStatements =
        DeliveryRows.claimSQL + [
            DeliveryRows.nextLeaseEndSQL, SQL.over, SQL.waits, SQL.waitsOfType, RungRows.expireSQL, RungRows.waitingSQL,
            RungRows.waitsSQL, RungRows.nextEndSQL, SQL.oldest,
        ]
}
