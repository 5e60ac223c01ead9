internal import SimpulBroker
internal import SimpulCore

/// The leases' rows, by the digest of their token. The settled ones stay, so that their token
/// answers the same for ever; the others are deleted when their delivery is leased again, a day after their end.
final class LeaseRows {
    private let insert: Statement
    private let find: Statement
    private let settle: Statement
    private let extend: Statement
    private let forgetEnded: Statement

    /// How long an unsettled lease is remembered after its end.
    static let secondsRemembered: Int64 = 86400
    /// How many of a delivery's leases are remembered at the most: one that is leased and given back in a loop must not
    /// fill the disk.
    static let remembered = 16
    /// How many are deleted for each one that is added: more than one, so that an old backlog shrinks.
    private static let forgottenAtOnce = 8

    /// A lease.
    struct Lease {
        var place: DeliveryRows.Place
        var attempt: Int
        var agency: AgencyID
        var since: Timestamp
        var until: Timestamp
        var isSettled: Bool
    }

    init(_ connection: Connection) throws(StoreError) {
        insert = try connection.prepare(
            """
            INSERT INTO leases (token, message, position, attempt, agency, until, settled, since)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0, ?7)
            """)
        find = try connection.prepare(
            "SELECT message, position, attempt, agency, until, settled, since FROM leases WHERE token = ?1")
        settle = try connection.prepare(
            "UPDATE leases SET settled = 1 WHERE message = ?1 AND position = ?2 AND settled = 0 AND attempt = ?3")
        extend = try connection.prepare("UPDATE leases SET until = ?2 WHERE token = ?1")
        forgetEnded = try connection.prepare(
            """
            DELETE FROM leases WHERE token IN (
                SELECT token FROM leases
                WHERE message = ?1 AND position = ?2 AND settled = 0 AND (until < ?3 OR attempt <= ?5)
                ORDER BY attempt LIMIT ?4)
            """)
    }

    func insert(_ token: DeliveryToken, _ lease: Lease) throws(StoreError) {
        try insert.run(
            .blob(token.stored), .sequence(lease.place.message), .integer(lease.place.position),
            .integer(lease.attempt), .text(lease.agency.description), .time(lease.until), .time(lease.since))
    }

    /// The lease of a token, where that agency holds it.
    func find(_ token: DeliveryToken, of agency: AgencyID) throws(StoreError) -> Lease? {
        let lease = try find.first(.blob(token.stored)) { row throws(StoreError) in
            Lease(
                place: DeliveryRows.Place(message: row.sequence(0), position: row.int(1)), attempt: row.int(2),
                agency: try row.agency(3), since: row.time(6), until: row.time(4), isSettled: row.int(5) != 0)
        }
        return lease?.agency == agency ? lease : nil
    }

    /// Deletes the oldest of a delivery's unsettled leases that ended more than a day ago, or that are too many.
    func forgetEnded(of place: DeliveryRows.Place, before attempt: Int, at now: Timestamp) throws(StoreError) {
        try forgetEnded.run(
            .sequence(place.message), .integer(place.position),
            .time(now.advanced(bySeconds: -Self.secondsRemembered)), .integer(Self.forgottenAtOnce),
            .integer(attempt - Self.remembered))
    }

    /// Settles the lease of that attempt.
    func settle(_ place: DeliveryRows.Place, attempt: Int) throws(StoreError) {
        try settle.run(.sequence(place.message), .integer(place.position), .integer(attempt))
    }

    func extend(_ token: DeliveryToken, until: Timestamp) throws(StoreError) {
        try extend.run(.blob(token.stored), .time(until))
    }
}
