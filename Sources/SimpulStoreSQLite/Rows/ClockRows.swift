internal import SimpulBroker
internal import SimpulCore

/// The clocks' part of the deliveries' rows: which of them have something to do, and what they have done.
final class ClockRows {
    private let due: Statement
    private let put: Statement
    private let postpone: Statement
    private let rearm: Statement
    private let all: Statement

    init(_ connection: Connection) throws(StoreError) {
        due = try connection.prepare(
            "SELECT message, position FROM deliveries WHERE next_due <= ?1 ORDER BY next_due LIMIT ?2")
        put = try connection.prepare(
            "UPDATE deliveries SET next_due = ?3, clock_steps = ?4 WHERE message = ?1 AND position = ?2")
        postpone = try connection.prepare(
            "UPDATE deliveries SET next_due = ?3 WHERE message = ?1 AND position = ?2")
        rearm = try connection.prepare(
            """
            UPDATE deliveries SET next_due = ?1 WHERE (message, position) IN (
                SELECT message, position FROM deliveries INDEXED BY deliveries_fired
                WHERE next_due > ?1 AND next_due IS NOT NULL AND clock_steps IS NOT NULL ORDER BY next_due LIMIT ?2)
            RETURNING 1
            """)
        all = try connection.prepare(DeliveryRows.standingSQL(where: "true ORDER BY d.position"))
    }

    /// The deliveries whose moment has come, the earliest first.
    func due(at now: Timestamp, limit: Int) throws(StoreError) -> [DeliveryRows.Place] {
        try due.all(.time(now), .integer(limit)) { row in
            DeliveryRows.Place(message: row.sequence(0), position: row.int(1))
        }
    }

    /// Writes what the clocks of a delivery have done, and when the next step is to be taken.
    func put(_ progress: ClockProgress, next: Timestamp?, at place: DeliveryRows.Place) throws(StoreError) {
        try put.run(
            .sequence(place.message), .integer(place.position), .time(next),
            progress.isEmpty ? .null : .text(progress.text))
    }

    /// Has one that cannot be read looked at again later.
    func postpone(_ place: DeliveryRows.Place, until moment: Timestamp) throws(StoreError) {
        try postpone.run(.sequence(place.message), .integer(place.position), .time(moment))
    }

    /// Has some of those that have fired before looked at again then.
    /// - Returns: how many.
    func rearm(at now: Timestamp, limit: Int) throws(StoreError) -> Int {
        try rearm.all(.time(now), .integer(limit)) { _ in true }.count
    }

    /// Every delivery of a message, in their order.
    func all(of message: UInt64, at now: Timestamp) throws(StoreError) -> [DeliveryRows.Standing] {
        try all.all(.sequence(message)) { row throws(StoreError) in try DeliveryRows.standing(row, at: now) }
    }

    /// When the first clock has something to do.
    static let nextSQL = """
        SELECT min(next_due) FROM (
            SELECT min(next_due) AS next_due FROM deliveries WHERE next_due IS NOT NULL
            UNION ALL SELECT min(next_due) FROM owed WHERE next_due IS NOT NULL)
        """
}

extension Row {
    /// What clocks have done; nothing where the column is empty.
    func clockProgress(_ column: Int32) throws(StoreError) -> ClockProgress {
        isNull(column) ? ClockProgress() : try value(column) { ClockProgress($0) }
    }
}
