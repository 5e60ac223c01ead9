internal import SimpulBroker
internal import SimpulCore

/// What senders owe after a message of theirs was accepted: one row for each message that leaves something to do. What
/// recipients owe stands in their deliveries.
final class OwedRows {
    private let insert: Statement
    private let find: Statement
    private let due: Statement
    private let read: Statement
    private let put: Statement
    private let postpone: Statement
    private let meetThread: Statement
    private let meetMessage: Statement

    /// A row whose moment has come.
    struct Due {
        var message: UInt64
        var clocks: OwedClocks
    }

    init(_ connection: Connection) throws(StoreError) {
        insert = try connection.prepare(
            """
            INSERT INTO owed (message, review_by, next_by, agency, thread, status, next_due)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """)
        find = try connection.prepare("SELECT review_by, next_by FROM owed WHERE message = ?1")
        due = try connection.prepare(
            """
            SELECT message FROM owed WHERE next_due <= ?1 ORDER BY next_due LIMIT ?2
            """)
        read = try connection.prepare("SELECT review_by, next_by, clock_steps FROM owed WHERE message = ?1")
        postpone = try connection.prepare("UPDATE owed SET next_due = ?2 WHERE message = ?1")
        put = try connection.prepare("UPDATE owed SET next_due = ?2, clock_steps = ?3 WHERE message = ?1")
        meetThread = try connection.prepare(
            """
            UPDATE owed SET next_due = NULL
            WHERE agency = ?1 AND thread = ?2 AND status = ?3 AND next_due IS NOT NULL AND message < ?4
            """)
        meetMessage = try connection.prepare(
            "UPDATE owed SET next_due = NULL WHERE message = ?1 AND status = ?2 AND next_due IS NOT NULL")
    }

    /// Nothing is written where nothing is owed.
    func insert(_ message: AuthorizedMessage, sequence: UInt64) throws(StoreError) {
        let (due, header) = (message.senderDue, message.header)
        guard due != .none else { return }
        try insert.run(
            .sequence(sequence), .time(due.review), .time(due.next), .text(header.sender.description),
            .text(header.lifecycleThread.description), .text(header.status.rawValue),
            .time(OwedClocks(due: due).next))
    }

    func find(of message: UInt64) throws(StoreError) -> DueTimes {
        try find.first(.sequence(message)) { row in
            DueTimes(review: row.optionalTime(0), next: row.optionalTime(1))
        } ?? .none
    }

    /// The messages of the rows whose moment has come, the earliest first.
    func due(at now: Timestamp, limit: Int) throws(StoreError) -> [UInt64] {
        try due.all(.time(now), .integer(limit)) { row in row.sequence(0) }
    }

    /// What is owed for a message.
    /// - Throws: ``StoreError/Code/corrupt`` where the row cannot be read.
    func clocks(of message: UInt64) throws(StoreError) -> Due {
        let found = try read.first(.sequence(message)) { row throws(StoreError) in
            let due = DueTimes(review: row.optionalTime(0), next: row.optionalTime(1))
            return Due(message: message, clocks: OwedClocks(due: due, progress: try row.clockProgress(2)))
        }
        guard let found else { throw StoreError(.corrupt, "a duty has no row") }
        return found
    }

    /// Has one that cannot be read looked at again later.
    func postpone(_ message: UInt64, until moment: Timestamp) throws(StoreError) {
        try postpone.run(.sequence(message), .time(moment))
    }

    func put(_ clocks: OwedClocks, next: Timestamp?, of message: UInt64) throws(StoreError) {
        try put.run(
            .sequence(message), .time(next), clocks.progress.isEmpty ? .null : .text(clocks.progress.text))
    }

    /// What a sender owed for earlier messages of that status in the thread of a new one is done.
    func meet(by header: Header, sequence: UInt64) throws(StoreError) {
        guard header.thread != nil || header.inReplyTo != nil else { return }
        try meetThread.run(
            .text(header.sender.description), .text(header.lifecycleThread.description),
            .text(header.status.rawValue), .sequence(sequence))
    }

    /// What its sender owed for one message is done.
    func meet(_ message: UInt64, _ status: Header.Status) throws(StoreError) {
        try meetMessage.run(.sequence(message), .text(status.rawValue))
    }
}
