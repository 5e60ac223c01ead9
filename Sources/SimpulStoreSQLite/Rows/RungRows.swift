internal import SimpulBroker
internal import SimpulCore

/// The rows of rungs that wait for those who are told of them, one for each leaf of a rung other than `accepted` and each
/// such agency: the message's sender, and of a `recalled` the recipient that had the message. A row has one live token at the most, that of its newest lease; it is settled without a receipt, and makes no leaf.
final class RungRows {
    private let insert: Statement
    private let expire: Statement
    private let waiting: Statement
    private let lease: Statement
    private let find: Statement
    private let hold: Statement
    private let nextEnd: Statement

    /// A rung that waits.
    struct Waiting {
        var leaf: UInt64
        var id: MessageID
        var attempt: Int
        var receipt: Receipt
    }

    /// Where a rung stands.
    struct Standing {
        var leaf: UInt64
        var agency: AgencyID
        var state: DeliveryState
        var until: Timestamp
        var since: Timestamp

        func lives(at now: Timestamp) -> Bool { state == .leased && until > now }
    }

    init(_ connection: Connection) throws(StoreError) {
        insert = try connection.prepare(
            "INSERT INTO rungs (leaf, agency, state, attempt, since, until) VALUES (?1, ?2, 0, 0, 0, 0)")
        expire = try connection.prepare(
            Self.expireSQL)
        waiting = try connection.prepare(Self.waitingSQL)
        lease = try connection.prepare(
            """
            UPDATE rungs SET state = 1, attempt = ?3, token = ?4, since = ?5, until = ?6
            WHERE leaf = ?1 AND agency = ?2
            """)
        find = try connection.prepare("SELECT leaf, agency, state, until, since FROM rungs WHERE token = ?1")
        hold = try connection.prepare("UPDATE rungs SET state = ?3, until = ?4 WHERE leaf = ?1 AND agency = ?2")
        nextEnd = try connection.prepare(Self.nextEndSQL)
    }

    func insert(leaf: UInt64, for agency: AgencyID) throws(StoreError) {
        try insert.run(.sequence(leaf), .text(agency.description))
    }

    /// Lets rungs of an agency wait again whose lease or pause is over, so many at the most.
    func expire(of agency: AgencyID, at now: Timestamp, atMost count: Int) throws(StoreError) {
        try expire.run(.text(agency.description), .time(now), .integer(count))
    }

    /// What an agency may lease, oldest first.
    /// - Parameters:
    ///   - bytes: what their receipts may add up to.
    ///   - isAlone: whether nothing else is given; then one is, however large.
    func waiting(for agency: AgencyID, atMost count: Int, bytes: Int, isAlone: Bool) throws(StoreError) -> [Waiting] {
        var (found, octets) = ([Waiting](), 0)
        guard count > 0 else { return [] }
        try waiting.each([.text(agency.description), .integer(count)]) { row throws(StoreError) in
            let receipt = row.receipt(3)
            octets += receipt.token.count
            guard octets <= bytes || (isAlone && found.isEmpty) else { return false }
            found.append(
                Waiting(
                    leaf: row.sequence(0), id: try row.value(1, MessageID.init), attempt: row.int(2), receipt: receipt))
            return true
        }
        return found
    }

    func lease(
        _ leaf: UInt64, of agency: AgencyID, attempt: Int, token: DeliveryToken, at now: Timestamp, until: Timestamp
    ) throws(StoreError) {
        try lease.run(
            .sequence(leaf), .text(agency.description), .integer(attempt), .blob(token.stored), .time(now), .time(until)
        )
    }

    /// The rung of a token, where that agency holds it.
    func find(_ token: DeliveryToken, of agency: AgencyID) throws(StoreError) -> Standing? {
        let found = try find.first(.blob(token.stored)) { row throws(StoreError) in
            Standing(
                leaf: row.sequence(0), agency: try row.agency(1), state: try row.deliveryState(2), until: row.time(3),
                since: row.time(4))
        }
        return found?.agency == agency ? found : nil
    }

    /// Brings a rung where it stands from now on; it is given to nobody before that moment.
    func hold(_ rung: Standing, as state: DeliveryState, until: Timestamp) throws(StoreError) {
        try hold.run(
            .sequence(rung.leaf), .text(rung.agency.description), .integer(state.stored), .time(until))
    }

    /// When the first of an agency's rungs that are held waits again.
    func nextEnd(for agency: AgencyID, at now: Timestamp) throws(StoreError) -> Timestamp? {
        try nextEnd.first(.text(agency.description), .time(now)) { $0.optionalTime(0) } ?? nil
    }

    static let expireSQL = """
        UPDATE rungs SET state = 0 WHERE (leaf, agency) IN (
            SELECT leaf, agency FROM rungs WHERE agency = ?1 AND state IN (-1, 1) AND until <= ?2
            ORDER BY until LIMIT ?3)
        """

    static let waitingSQL = """
        SELECT r.leaf, m.id, r.attempt, l.record
        FROM rungs r CROSS JOIN log l ON l.seq = r.leaf CROSS JOIN messages m ON m.seq = l.message
        WHERE r.agency = ?1 AND r.state = 0 ORDER BY r.leaf LIMIT ?2
        """

    static let waitsSQL = """
        SELECT 1 FROM rungs WHERE agency = ?1 AND state = 0
        UNION ALL
        SELECT 1 FROM rungs WHERE agency = ?1 AND state IN (-1, 1) AND until <= ?2
        LIMIT 1
        """

    static let nextEndSQL = """
        SELECT min(until) FROM rungs WHERE agency = ?1 AND state IN (-1, 1) AND until > ?2
        """
}
