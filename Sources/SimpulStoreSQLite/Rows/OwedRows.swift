internal import SimpulBroker
internal import SimpulCore

/// What senders owe after a message of theirs was accepted: one row for each message that leaves something to do. What
/// recipients owe stands in their deliveries.
final class OwedRows {
    private let insert: Statement
    private let find: Statement

    init(_ connection: Connection) throws(StoreError) {
        insert = try connection.prepare("INSERT INTO owed (message, review_by, next_by) VALUES (?1, ?2, ?3)")
        find = try connection.prepare("SELECT review_by, next_by FROM owed WHERE message = ?1")
    }

    /// Nothing is written where nothing is owed.
    func insert(_ due: DueTimes, message: UInt64) throws(StoreError) {
        guard due != .none else { return }
        try insert.run(.sequence(message), .time(due.review), .time(due.next))
    }

    func find(of message: UInt64) throws(StoreError) -> DueTimes {
        try find.first(.sequence(message)) { row in
            DueTimes(review: row.optionalTime(0), next: row.optionalTime(1))
        } ?? .none
    }
}
