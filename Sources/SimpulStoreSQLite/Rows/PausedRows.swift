internal import NIOConcurrencyHelpers
internal import SimpulBroker
internal import SimpulCore

/// The queues that are paused: a row for each, which names the leaf that says who did it. They are few, and asked for with
/// each claim, so they stand in memory as well; what a transaction has changed is seen when it is on disk.
final class PausedRows {
    /// The paused queues as of the newest commit; shared with whoever reads.
    typealias Known = NIOLockedValueBox<[AgencyID: PausedQueue]>

    private let known: Known
    private let put: Statement
    private let take: Statement
    private var changes: [(agency: AgencyID, queue: PausedQueue?)] = []

    init(_ connection: Connection, known: Known) throws(StoreError) {
        self.known = known
        put = try connection.prepare("INSERT INTO paused (agency, leaf) VALUES (?1, ?2) ON CONFLICT DO NOTHING")
        take = try connection.prepare("DELETE FROM paused WHERE agency = ?1")
        let all = try connection.prepare(
            "SELECT p.agency, l.subject, l.at, l.record FROM paused p JOIN log l ON l.seq = p.leaf")
        var queues: [AgencyID: PausedQueue] = [:]
        try all.each { row throws(StoreError) in
            let subject = try row.value(1, LogRecord.Subject.init(rawValue:))
            let record = LogRecord(subject: subject, at: row.time(2), octets: row.blob(3))
            guard let queue = PausedQueue(record) else { throw StoreError(.corrupt, "a pause has no record") }
            queues[try row.agency(0)] = queue
            return true
        }
        known.withLockedValue { $0 = queues }
    }

    func insert(_ agency: AgencyID, _ queue: PausedQueue, leaf: UInt64) throws(StoreError) {
        try put.run(.text(agency.description), .sequence(leaf))
        changes.append((agency, queue))
    }

    func remove(_ agency: AgencyID) throws(StoreError) {
        try take.run(.text(agency.description))
        changes.append((agency, nil))
    }

    /// Whether the queue is paused, what the transaction in hand has changed included.
    func isPaused(_ agency: AgencyID) -> Bool {
        if let change = changes.last(where: { $0.agency == agency }) { return change.queue != nil }
        return known.withLockedValue { $0[agency] != nil }
    }

    /// The transaction is on disk.
    func keep() {
        guard !changes.isEmpty else { return }
        known.withLockedValue { known in
            for change in changes {
                // Who has paused it first stays named.
                known[change.agency] = change.queue.map { known[change.agency] ?? $0 }
            }
        }
        changes = []
    }

    /// The transaction is gone.
    func forget() { changes = [] }
}
