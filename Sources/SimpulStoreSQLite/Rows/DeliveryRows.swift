internal import SimpulBroker
internal import SimpulCore

/// The deliveries' rows: each one is the state of its delivery, and the only truth about it.
final class DeliveryRows {
    private let insert: Statement
    private let expire: Statement
    private let expireBackedOff: Statement
    private let waiting: Statement
    private let lease: Statement
    private let settle: Statement
    private let giveBack: Statement
    private let backOff: Statement
    private let extend: Statement
    private let find: Statement
    private let findOfAgency: Statement
    private let unrecalled: Statement
    private let nextLeaseEnd: Statement

    /// How a delivery is named.
    struct Place: Hashable {
        var message: UInt64
        var position: Int
    }

    /// A delivery that waits, and what its receipt and its answer are made of.
    struct Waiting {
        var place: Place
        var event: RungEvent
        var rung: Rung
        var attempt: Int
        var envelopeSize: Int
        var due: DueTimes
    }

    /// Where a delivery stands.
    struct Standing {
        var place: Place
        var event: RungEvent
        var state: DeliveryState
        var rung: Rung
        var attempt: Int
        var leaseUntil: Timestamp
    }

    init(_ connection: Connection) throws(StoreError) {
        insert = try connection.prepare(Self.insertSQL)
        expire = try connection.prepare(Self.expireSQL)
        expireBackedOff = try connection.prepare(
            "UPDATE deliveries SET state = 0 WHERE agency = ?1 AND state = -1 AND not_before <= ?2")
        waiting = try connection.prepare(Self.waitingSQL)
        lease = try connection.prepare(
            """
            UPDATE deliveries SET state = 1, rung = ?3, attempt = ?4, lease_until = ?5
            WHERE message = ?1 AND position = ?2
            """)
        settle = try connection.prepare(
            "UPDATE deliveries SET state = ?3, rung = ?4 WHERE message = ?1 AND position = ?2")
        giveBack = try connection.prepare(
            """
            UPDATE deliveries SET state = 0 WHERE message = ?1 AND position = ?2 AND state = 1 AND attempt = ?3
            RETURNING 1
            """)
        backOff = try connection.prepare(
            "UPDATE deliveries SET state = -1, not_before = ?3 WHERE message = ?1 AND position = ?2")
        extend = try connection.prepare(
            "UPDATE deliveries SET lease_until = ?3 WHERE message = ?1 AND position = ?2")
        find = try connection.prepare(Self.standingSQL(where: "d.position = ?2"))
        findOfAgency = try connection.prepare(Self.standingSQL(where: "d.agency = ?2"))
        unrecalled = try connection.prepare(
            Self.standingSQL(
                where: """
                    NOT EXISTS (
                        SELECT 1 FROM log l
                        WHERE l.message = d.message AND l.agency = d.agency AND l.rung = 'recalled')
                    ORDER BY d.position
                    """))
        nextLeaseEnd = try connection.prepare(Self.nextLeaseEndSQL)
    }

    /// One waiting row for each recipient, in their order.
    func insert(_ message: AuthorizedMessage, sequence: UInt64) throws(StoreError) {
        let header = message.header
        for (position, (agency, due)) in zip(header.recipients, message.due).enumerated() {
            try insert.run(
                .sequence(sequence), .integer(position), .text(agency.description), .text(header.type.rawValue),
                .integer(header.rank), .text(Rung.accepted.rawValue), .time(due.acknowledge), .time(due.decide),
                .time(due.serve), .level(message.level))
        }
    }

    /// Lets deliveries of an agency wait again whose lease is over.
    func expire(of agency: AgencyID, at now: Timestamp) throws(StoreError) {
        try expire.run(.text(agency.description), .time(now))
        try expireBackedOff.run(.text(agency.description), .time(now))
    }

    /// What a claim may lease, most urgent first, within its count and its octets.
    func waiting(for claim: Claim, at now: Timestamp) throws(StoreError) -> [Waiting] {
        var found: [Waiting] = []
        var octets = 0
        let values: [SQLValue] = [
            .text(claim.agency.description), .type(claim.content.type), .integer(claim.limit),
        ]
        try waiting.each(values) { row throws(StoreError) in
            let next = try Self.waiting(row, agency: claim.agency, at: now)
            octets += next.envelopeSize
            guard found.isEmpty || octets <= claim.bytes else { return false }
            found.append(next)
            return true
        }
        return found
    }

    func lease(_ place: Place, rung: Rung, attempt: Int, until: Timestamp) throws(StoreError) {
        try lease.run(
            .sequence(place.message), .integer(place.position), .text(rung.rawValue), .integer(attempt), .time(until))
    }

    func settle(_ place: Place, as state: DeliveryState, rung: Rung) throws(StoreError) {
        try settle.run(
            .sequence(place.message), .integer(place.position), .integer(state.stored), .text(rung.rawValue))
    }

    /// Lets a delivery wait again that this lease still holds.
    /// - Returns: whether it did.
    func giveBack(_ place: Place, attempt: Int) throws(StoreError) -> Bool {
        try giveBack.first(.sequence(place.message), .integer(place.position), .integer(attempt)) { _ in true } ?? false
    }

    /// Lets a delivery wait again from that moment on.
    func backOff(_ place: Place, until: Timestamp) throws(StoreError) {
        try backOff.run(.sequence(place.message), .integer(place.position), .time(until))
    }

    /// Moves the end of a delivery's lease.
    func extend(_ place: Place, until: Timestamp) throws(StoreError) {
        try extend.run(.sequence(place.message), .integer(place.position), .time(until))
    }

    func find(_ place: Place, at now: Timestamp) throws(StoreError) -> Standing {
        let standing = try find.first(.sequence(place.message), .integer(place.position)) { row throws(StoreError) in
            try Self.standing(row, at: now)
        }
        guard let standing else { throw StoreError(.corrupt, "a lease has no delivery") }
        return standing
    }

    /// A message's delivery to that agency, or nil.
    func find(of agency: AgencyID, message: UInt64, at now: Timestamp) throws(StoreError) -> Standing? {
        try findOfAgency.first(.sequence(message), .text(agency.description)) { row throws(StoreError) in
            try Self.standing(row, at: now)
        }
    }

    /// A message's deliveries that were not taken back before, in their order.
    func unrecalled(of message: UInt64, at now: Timestamp) throws(StoreError) -> [Standing] {
        try unrecalled.all(.sequence(message)) { row throws(StoreError) in try Self.standing(row, at: now) }
    }

    private static func standing(_ row: Row, at now: Timestamp) throws(StoreError) -> Standing {
        let event = RungEvent(
            key: try row.key(sender: 0, id: 1), digest: try row.digest(2), agency: try row.agency(3), at: now)
        return Standing(
            place: Place(message: row.sequence(8), position: row.int(9)), event: event,
            state: try row.deliveryState(4), rung: try row.value(5, Rung.init(rawValue:)), attempt: row.int(6),
            leaseUntil: row.time(7))
    }

    /// When the first of an agency's deliveries that are held waits again: its lease or its pause ends.
    func nextLeaseEnd(for claim: Claim, at now: Timestamp) throws(StoreError) -> Timestamp? {
        try nextLeaseEnd.first(.text(claim.agency.description), .type(claim.content.type), .time(now)) {
            $0.optionalTime(0)
        } ?? nil
    }

    private static func waiting(
        _ row: Row, agency: AgencyID, at now: Timestamp
    ) throws(StoreError) -> Waiting {
        let event = RungEvent(
            key: try row.key(sender: 4, id: 5), digest: try row.digest(6), agency: agency, at: now)
        return Waiting(
            place: Place(message: row.sequence(0), position: row.int(1)), event: event,
            rung: try row.value(2, Rung.init(rawValue:)), attempt: row.int(3), envelopeSize: row.int(7),
            due: DueTimes(acknowledge: row.optionalTime(8), decide: row.optionalTime(9), serve: row.optionalTime(10)))
    }

    private static let insertSQL = """
        INSERT INTO deliveries
            (message, position, agency, type, rank, state, rung, attempt, lease_until, ack_by, decide_by, serve_by,
            level)
        VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, 0, 0, ?7, ?8, ?9, ?10)
        """

    private static let expireSQL = """
        UPDATE deliveries SET state = 0 WHERE agency = ?1 AND state = 1 AND lease_until <= ?2
        """

    /// In the order of the index, so the rows behind the last one wanted are never read.
    private static let waitingSQL = """
        SELECT d.message, d.position, d.rung, d.attempt, m.sender, m.id, m.digest, length(m.envelope),
            d.ack_by, d.decide_by, d.serve_by
        FROM deliveries d CROSS JOIN messages m ON m.seq = d.message
        WHERE d.agency = ?1 AND d.state = 0 AND (?2 IS NULL OR d.type = ?2)
        ORDER BY d.rank, d.message LIMIT ?3
        """

    /// One delivery of a message.
    private static func standingSQL(where condition: String) -> String {
        """
        SELECT m.sender, m.id, m.digest, d.agency, d.state, d.rung, d.attempt, d.lease_until, d.message, d.position
        FROM deliveries d CROSS JOIN messages m ON m.seq = d.message WHERE d.message = ?1 AND \(condition)
        """
    }

    /// Whether a delivery was recalled before its recipient had it, who then knows nothing of its message.
    static let neverGotSQL = "(d.state = \(DeliveryState.recalled.stored) AND d.rung = 'accepted')"

    static let nextLeaseEndSQL = """
        SELECT min(until) FROM (
            SELECT min(lease_until) AS until FROM deliveries
            WHERE agency = ?1 AND state = 1 AND (?2 IS NULL OR type = ?2) AND lease_until > ?3
            UNION ALL
            SELECT min(not_before) FROM deliveries
            WHERE agency = ?1 AND state = -1 AND (?2 IS NULL OR type = ?2) AND not_before > ?3)
        """
}

extension Row {
    func deliveryState(_ column: Int32) throws(StoreError) -> DeliveryState {
        guard let state = DeliveryState.allCases.first(where: { $0.stored == int(column) }) else {
            throw unreadable(column)
        }
        return state
    }
}

extension DeliveryState {
    /// What a row keeps; the indexes of the schema name these numbers.
    var stored: Int {
        switch self {
        case .backingOff: -1
        case .waiting: 0
        case .leased: 1
        case .acknowledged: 2
        case .opened: 3
        case .answered: 4
        case .recalled: 5
        }
    }

    /// Whether it is given out no more, recalled or not.
    var isSettled: Bool { stored >= DeliveryState.acknowledged.stored }

    /// Where a delivery stands that has settled with a rung.
    init(settledWith rung: Rung) {
        self =
            switch rung.height {
            case Rung.answered.height...: .answered
            case Rung.opened.height: .opened
            default: .acknowledged
            }
    }
}

extension Header {
    /// The order of claims: the lower, the sooner.
    var rank: Int {
        switch urgency {
        case .immediate: 0
        case .expected: 1
        case .unknown, nil: 2
        case .future: 3
        case .past: 4
        }
    }
}

extension SQLValue {
    static func level(_ level: ClockLevel?) -> SQLValue { level.map { .integer($0.rawValue) } ?? .null }
}

extension Row {
    /// nil where a message has no level, or is from before levels were kept.
    func level(_ column: Int32) throws(StoreError) -> ClockLevel? {
        if isNull(column) { return nil }
        guard let level = ClockLevel(rawValue: int(column)) else { throw unreadable(column) }
        return level
    }
}
