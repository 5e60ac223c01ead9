internal import SimpulBroker
internal import SimpulCore

/// The deliveries' rows: each one is the state of its delivery, and the only truth about it.
final class DeliveryRows {
    private let insert: Statement
    private let expire: Statement
    private let expireBackedOff: Statement
    private let changes: Statement
    private let waiting: Statement
    private let waitingOfType: Statement
    private let put: Statement
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
        var standing: Standing
        var envelopeSize: Int
        var due: DueTimes
    }

    /// Where a delivery stands.
    struct Standing {
        var place: Place
        var event: RungEvent
        var machine: DeliveryMachine
        var expires: Timestamp
        var due: DueTimes
        var level: ClockLevel?
        /// When its clocks have something to do next.
        var nextDue: Timestamp?
        /// What they have done.
        var progress: ClockProgress

        var clocks: DeliveryClocks {
            DeliveryClocks(machine: machine, due: due, expires: expires, level: level, progress: progress)
        }
        /// Its place in its queue.
        var rank: Int
        var turn: Int

        var lane: Lane.Key {
            Lane.Key(queue: LaneQueue(recipient: event.agency, rank: rank), sender: event.key.sender)
        }
    }

    init(_ connection: Connection) throws(StoreError) {
        insert = try connection.prepare(Self.insertSQL)
        expire = try connection.prepare(Self.expireSQL)
        expireBackedOff = try connection.prepare(Self.expireBackedOffSQL)
        changes = try connection.prepare("SELECT changes()")
        waiting = try connection.prepare(Self.waitingSQL())
        waitingOfType = try connection.prepare(Self.waitingOfTypeSQL)
        put = try connection.prepare(Self.putSQL)
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
    func insert(
        _ message: AuthorizedMessage, sequence: UInt64, rank: Int, turns: [Int]
    ) throws(StoreError) {
        let header = message.header
        for (position, (agency, due)) in zip(header.recipients, message.due).enumerated() {
            try insert(
                Place(message: sequence, position: position), agency, header,
                Entry(rank: rank, turn: turns[position], due: due, level: message.level))
        }
    }

    /// What a new row holds besides its message.
    struct Entry {
        var rank: Int
        var turn: Int
        var due: DueTimes
        var level: ClockLevel?
    }

    /// One waiting row: that of a recipient, or of a fallback which takes over.
    func insert(_ place: Place, _ agency: AgencyID, _ header: Header, _ entry: Entry) throws(StoreError) {
        let clocks = DeliveryClocks(
            machine: DeliveryMachine(), due: entry.due, expires: header.expires, level: entry.level)
        try insert.run(
            .sequence(place.message), .integer(place.position), .text(agency.description),
            .text(header.type.rawValue), .integer(entry.rank), .text(Rung.accepted.rawValue),
            .time(entry.due.acknowledge), .time(entry.due.decide), .time(entry.due.serve), .level(entry.level),
            .integer(entry.turn), .time(clocks.moment(keeping: nil)))
    }

    /// Lets deliveries of an agency wait again whose lease or pause is over, the most urgent first.
    /// - Parameter count: so many at the most: a million whose pauses end together must not be one transaction.
    /// - Returns: whether there may be more.
    func expire(of agency: AgencyID, at now: Timestamp, atMost count: Int) throws(StoreError) -> Bool {
        var left = count
        for rank in 0..<Header.ranks {
            for statement in [expire, expireBackedOff] {
                guard left > 0 else { return true }
                try statement.run(.text(agency.description), .time(now), .integer(rank), .integer(left))
                left -= try changes.first { $0.int(0) } ?? 0
            }
        }
        return left <= 0
    }

    /// What a claim may lease, most urgent first, within its count and its octets.
    func waiting(for claim: Claim, at now: Timestamp) throws(StoreError) -> [Waiting] {
        var found: [Waiting] = []
        var octets = 0
        var values: [SQLValue] = [.text(claim.agency.description), .integer(claim.limit)]
        if let type = claim.content.type { values.append(.text(type.rawValue)) }
        try (claim.content.type == nil ? waiting : waitingOfType).each(values) { row throws(StoreError) in
            let next = try Self.waiting(row, at: now)
            octets += next.envelopeSize
            guard found.isEmpty || octets <= claim.bytes else { return false }
            found.append(next)
            return true
        }
        return found
    }

    /// Writes where a delivery stands.
    func put(_ machine: DeliveryMachine, at place: Place) throws(StoreError) {
        try put.run(
            .sequence(place.message), .integer(place.position), .integer(machine.state.stored),
            .integer(machine.state == .pushing ? DeliveryWay.push.rawValue : DeliveryWay.fetch.rawValue),
            .text(machine.rung.rawValue), .integer(machine.attempt), .time(machine.leaseUntil),
            .time(machine.notBefore), .integer(machine.failures),
            machine.cause.map { .text($0.rawValue) } ?? .null)
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

    static func standing(_ row: Row, at now: Timestamp) throws(StoreError) -> Standing {
        let event = RungEvent(
            key: try row.key(sender: 0, id: 1), digest: try row.digest(2), agency: try row.agency(3), at: now)
        return Standing(
            place: Place(message: row.sequence(4), position: row.int(5)), event: event,
            machine: try row.deliveryMachine(from: 6), expires: row.time(14), due: row.due(from: 15),
            level: try row.level(18), nextDue: row.optionalTime(19), progress: try row.clockProgress(20),
            rank: row.int(21), turn: row.int(22))
    }

    /// When the first of an agency's deliveries that are held, of whatever type, waits again: its lease or its pause
    /// ends.
    func nextLeaseEnd(for claim: Claim, at now: Timestamp) throws(StoreError) -> Timestamp? {
        try nextLeaseEnd.first(.text(claim.agency.description), .time(now)) { $0.optionalTime(0) } ?? nil
    }

    private static func waiting(_ row: Row, at now: Timestamp) throws(StoreError) -> Waiting {
        Waiting(standing: try standing(row, at: now), envelopeSize: row.int(23), due: row.due(from: 15))
    }

    private static let insertSQL = """
        INSERT INTO deliveries
            (message, position, agency, type, rank, state, rung, attempt, lease_until, ack_by, decide_by, serve_by,
            level, turn, next_due)
        VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, 0, 0, ?7, ?8, ?9, ?10, ?11, ?12)
        """

    private static let putSQL = """
        UPDATE deliveries SET state = ?3, way = ?4, rung = ?5, attempt = ?6, lease_until = ?7, not_before = ?8,
            failures = ?9, cause = ?10
        WHERE message = ?1 AND position = ?2
        """

    private static let expireSQL = """
        UPDATE deliveries SET state = 0 WHERE (message, position) IN (
            SELECT message, position FROM deliveries
            WHERE agency = ?1 AND rank = ?3 AND state = 1 AND lease_until <= ?2 ORDER BY lease_until LIMIT ?4)
        """

    private static let expireBackedOffSQL = """
        UPDATE deliveries SET state = 0 WHERE (message, position) IN (
            SELECT message, position FROM deliveries
            WHERE agency = ?1 AND rank = ?3 AND state = -1 AND not_before <= ?2 ORDER BY not_before LIMIT ?4)
        """

    /// The columns of ``Row/deliveryMachine(from:)``.
    static let machineColumns =
        "d.state, d.way, d.rung, d.attempt, d.lease_until, d.not_before, d.failures, d.cause"

    /// The columns of ``Standing``.
    private static let standingColumns = """
        m.sender, m.id, m.digest, d.agency, d.message, d.position, \(machineColumns), m.expires, d.ack_by, d.decide_by,
        d.serve_by, d.level, d.next_due, d.clock_steps, d.rank, d.turn
        """

    /// What a claim runs.
    static let claimSQL = [expireSQL, expireBackedOffSQL, waitingSQL(), waitingOfTypeSQL]

    private static let waitingOfTypeSQL = waitingSQL(of: "AND d.type = ?3")

    /// In the order of the index, so the rows behind the last one wanted are never read.
    private static func waitingSQL(of type: String = "") -> String {
        """
        SELECT \(standingColumns), length(m.envelope)
        FROM deliveries d CROSS JOIN messages m ON m.seq = d.message
        WHERE d.agency = ?1 AND d.state = 0 \(type)
        ORDER BY d.rank, d.turn, d.message, d.position LIMIT ?2
        """
    }

    /// One delivery of a message.
    static func standingSQL(where condition: String) -> String {
        """
        SELECT \(standingColumns)
        FROM deliveries d CROSS JOIN messages m ON m.seq = d.message WHERE d.message = ?1 AND \(condition)
        """
    }

    /// Whether a delivery was taken back before its recipient had it, who then knows nothing of its message.
    static let neverGotSQL = """
        (d.state IN (\(DeliveryState.recalled.stored), \(DeliveryState.cancelled.stored)) AND d.rung = 'accepted')
        """

    /// One look into an index for each rank.
    static let nextLeaseEndSQL = """
        WITH ranks (rank) AS (VALUES \((0..<Header.ranks).map { "(\($0))" }.joined(separator: ", ")))
        SELECT min(until) FROM (
            SELECT (SELECT min(lease_until) FROM deliveries
                WHERE agency = ?1 AND rank = ranks.rank AND state = 1 AND lease_until > ?2) AS until FROM ranks
            UNION ALL
            SELECT (SELECT min(not_before) FROM deliveries
                WHERE agency = ?1 AND rank = ranks.rank AND state = -1 AND not_before > ?2) FROM ranks)
        """
}

extension Row {
    func deliveryState(_ column: Int32) throws(StoreError) -> DeliveryState {
        guard let state = DeliveryState.allCases.first(where: { $0 != .pushing && $0.stored == int(column) }) else {
            throw unreadable(column)
        }
        return state
    }

    /// The machine in the columns of ``DeliveryRows/machineColumns`` that begin there.
    func deliveryMachine(from first: Int32) throws(StoreError) -> DeliveryMachine {
        let state = try deliveryState(first)
        let isPush = int(first + 1) == DeliveryWay.push.rawValue
        return DeliveryMachine(
            state: state == .leased && isPush ? .pushing : state, rung: try value(first + 2, Rung.init(rawValue:)),
            attempt: int(first + 3), leaseUntil: time(first + 4), notBefore: time(first + 5), failures: int(first + 6),
            cause: isNull(first + 7) ? nil : try value(first + 7, DeliveryCause.init(rawValue:)))
    }

    /// What a recipient owes, in three columns.
    func due(from first: Int32) -> DueTimes {
        DueTimes(
            acknowledge: optionalTime(first), decide: optionalTime(first + 1), serve: optionalTime(first + 2))
    }
}

extension DeliveryState {
    /// What a row keeps; the indexes of the schema name these numbers. Whether one that is held is fetched or pushed
    /// stands in a column of its own.
    var stored: Int {
        switch self {
        case .parked: -2
        case .backingOff: -1
        case .waiting: 0
        case .leased, .pushing: 1
        case .acknowledged: 2
        case .opened: 3
        case .answered: 4
        case .recalled: 5
        case .closed: 6
        case .expired: 7
        case .bounced: 8
        case .cancelled: 9
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
