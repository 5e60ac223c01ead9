internal import SimpulBroker
internal import SimpulCore

/// A place among the deliveries whose clocks have fired before, in the order of what they do next.
struct ClockPlace: Hashable, Sendable {
    var moment: Timestamp
    var message: UInt64
    var position: Int

    /// The place before everything that is later than that moment.
    init(behind moment: Timestamp) {
        self.init(moment: Timestamp(milliseconds: moment.milliseconds + 1), message: 0, position: -1)
    }

    init(moment: Timestamp, message: UInt64, position: Int) {
        self.moment = moment
        self.message = message
        self.position = position
    }
}

/// The clocks' part of the deliveries' rows: which of them have something to do, and what they have done.
final class ClockRows {
    private let due: Statement
    private let put: Statement
    private let postpone: Statement
    private let fired: Statement
    private let all: Statement

    init(_ connection: Connection) throws(StoreError) {
        due = try connection.prepare(
            "SELECT message, position FROM deliveries WHERE next_due <= ?1 ORDER BY next_due LIMIT ?2")
        put = try connection.prepare(
            "UPDATE deliveries SET next_due = ?3, clock_steps = ?4 WHERE message = ?1 AND position = ?2")
        postpone = try connection.prepare(
            "UPDATE deliveries SET next_due = ?3 WHERE message = ?1 AND position = ?2")
        fired = try connection.prepare(Self.firedSQL)
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

    /// Some of those that have fired before, the earliest first, from behind a place on.
    /// - Returns: their places, and the place of the last one.
    func fired(
        after place: ClockPlace, limit: Int
    ) throws(StoreError) -> (places: [DeliveryRows.Place], last: ClockPlace) {
        var last = place
        let places = try fired.all(
            .time(place.moment), .sequence(place.message), .integer(place.position), .integer(limit)
        ) { row in
            last = ClockPlace(moment: row.time(2), message: row.sequence(0), position: row.int(1))
            return DeliveryRows.Place(message: last.message, position: last.position)
        }
        return (places, last)
    }

    /// Every delivery of a message, in their order.
    func all(of message: UInt64, at now: Timestamp) throws(StoreError) -> [DeliveryRows.Standing] {
        try all.all(.sequence(message)) { row throws(StoreError) in try DeliveryRows.standing(row, at: now) }
    }

    /// Those that have fired before, in the order of what they do next.
    static let firedSQL = """
        SELECT message, position, next_due FROM deliveries INDEXED BY deliveries_fired
        WHERE next_due IS NOT NULL AND clock_steps IS NOT NULL AND (next_due, message, position) > (?1, ?2, ?3)
        ORDER BY next_due, message, position LIMIT ?4
        """

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
