internal import SimpulBroker
internal import SimpulCore

/// The leases' rows, by the digest of their token. They stay, so that a token answers the same for ever.
final class LeaseRows {
    private let insert: Statement
    private let find: Statement
    private let settle: Statement

    /// A lease.
    struct Lease {
        var place: DeliveryRows.Place
        var attempt: Int
        var agency: AgencyID
        var until: Timestamp
        var isSettled: Bool
    }

    init(_ connection: Connection) throws(StoreError) {
        insert = try connection.prepare(
            """
            INSERT INTO leases (token, message, position, attempt, agency, until, settled)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)
            """)
        find = try connection.prepare(
            "SELECT message, position, attempt, agency, until, settled FROM leases WHERE token = ?1")
        settle = try connection.prepare("UPDATE leases SET settled = 1 WHERE token = ?1")
    }

    func insert(_ token: DeliveryToken, _ lease: Lease) throws(StoreError) {
        try insert.run(
            .blob(token.stored), .sequence(lease.place.message), .integer(lease.place.position),
            .integer(lease.attempt), .text(lease.agency.description), .time(lease.until))
    }

    /// The lease of a token, where that agency holds it.
    func find(_ token: DeliveryToken, of agency: AgencyID) throws(StoreError) -> Lease? {
        let lease = try find.first(.blob(token.stored)) { row throws(StoreError) in
            Lease(
                place: DeliveryRows.Place(message: row.sequence(0), position: row.int(1)), attempt: row.int(2),
                agency: try row.agency(3), until: row.time(4), isSettled: row.int(5) != 0)
        }
        return lease?.agency == agency ? lease : nil
    }

    func settle(_ token: DeliveryToken) throws(StoreError) { try settle.run(.blob(token.stored)) }
}
