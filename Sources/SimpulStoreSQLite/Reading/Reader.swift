internal import JOSE
internal import SimpulBroker
internal import SimpulCore

/// What is read without the writer: one connection with its statements.
///
/// Sendable without the compiler's word: ``ReaderPool`` alone makes readers, and takes one out of its list, under its
/// lock, before a thread may use it. So each is used by one thread at a time, which is what SQLite asks for.
final class Reader: @unchecked Sendable {
    private let connection: Connection
    private let acceptance: Statement
    private let waits: Statement
    private let waitsOfType: Statement
    private let over: Statement
    private let rungWaits: Statement
    private let nextRungEnd: Statement
    private let sent: Statement
    private let lastLeaf: Statement
    private let states: Statement
    private let nextLeaseEnd: Statement
    private let lastConfiguration: Statement
    private let message: Statement
    private let deliveries: Statement
    private let rungs: Statement
    private let logState: Statement
    private let parties: Statement
    private let laneCounts: Statement
    private let leasedCounts: Statement
    private let oldest: Statement
    private let acceptedAt: Statement
    private let relations: RelationRows
    private let envelopes: MessageRows
    private let accepted: Statement
    private let owed: OwedRows
    private let grants: GrantRows
    private let nextClockMoment: Statement
    private let nextPurgeMoment: Statement
    let attachments: AttachmentTable
    /// What the courier asks for.
    let waiting: CourierRows

    init(_ connection: Connection, limits: Limits) throws(StoreError) {
        self.connection = connection
        acceptance = try connection.prepare(SQL.acceptance)
        waits = try connection.prepare(SQL.waits)
        waitsOfType = try connection.prepare(SQL.waitsOfType)
        over = try connection.prepare(SQL.over)
        rungWaits = try connection.prepare(RungRows.waitsSQL)
        nextRungEnd = try connection.prepare(RungRows.nextEndSQL)
        sent = try connection.prepare(SQL.sent)
        lastLeaf = try connection.prepare("SELECT max(seq) FROM log")
        states = try connection.prepare("SELECT state FROM deliveries WHERE message = ?1")
        nextLeaseEnd = try connection.prepare(DeliveryRows.nextLeaseEndSQL)
        lastConfiguration = try connection.prepare(SQL.lastConfiguration)
        message = try connection.prepare(SQL.message)
        deliveries = try connection.prepare(SQL.deliveries)
        rungs = try connection.prepare(SQL.rungs)
        logState = try connection.prepare("SELECT size, frontier FROM log_state WHERE only = 1")
        parties = try connection.prepare("SELECT agency, sent, told FROM parties")
        laneCounts = try connection.prepare("SELECT agency, sum(open), sum(settled) FROM lanes GROUP BY agency")
        leasedCounts = try connection.prepare(
            "SELECT agency, count(*) FROM deliveries WHERE state = 1 AND lease_until > ?1 GROUP BY agency")
        oldest = try connection.prepare(SQL.oldest)
        relations = try RelationRows(connection, limits: limits)
        envelopes = try MessageRows(connection, limits: limits)
        accepted = try connection.prepare("SELECT seq FROM messages WHERE seq >= ?1 ORDER BY seq")
        owed = try OwedRows(connection)
        grants = try GrantRows(connection)
        nextClockMoment = try connection.prepare(ClockRows.nextSQL)
        nextPurgeMoment = try connection.prepare(PurgeRows.nextSQL)
        attachments = try AttachmentTable(connection)
        waiting = try CourierRows(connection, envelopes: envelopes)
        acceptedAt = try connection.prepare("SELECT at FROM log WHERE seq = ?1")
    }

    func acceptance(of key: MessageKey) throws(StoreError) -> StoredAcceptance? {
        try acceptance.first(.text(key.sender.description), .text(key.id.description)) { row throws(StoreError) in
            StoredAcceptance(digest: try row.digest(0), receipt: row.receipt(1))
        }
    }

    func relations(of header: Header) throws(StoreError) -> Relations { try relations.relations(of: header) }

    func grants(
        under reference: ConsentReference, _ status: Header.Status, for agency: AgencyID, countingTo most: Int
    ) throws(StoreError) -> KnownGrants {
        try snapshot { () throws(StoreError) in
            try grants.known(reference, status, to: agency, countingTo: most)
        }
    }

    /// Nil where something may wait for the claim; otherwise how the claim ends.
    func emptiness(for claim: Claim, at now: Timestamp) throws(StoreError) -> ClaimOutcome? {
        // Of one moment: a claim between two looks would hide what it lets wait again.
        try snapshot { () throws(StoreError) in try looked(for: claim, at: now) }
    }

    private func looked(for claim: Claim, at now: Timestamp) throws(StoreError) -> ClaimOutcome? {
        let agency = SQLValue.text(claim.agency.description)
        var ends: [Timestamp?] = []
        if claim.content.includesMessages {
            if try waits(for: claim, agency) { return nil }
            if try over.first(agency, .time(now), read: { _ in true }) != nil { return nil }
            ends.append(try nextLeaseEnd.first(agency, .time(now)) { $0.optionalTime(0) } ?? nil)
        }
        if claim.content.includesRungs {
            if try rungWaits.first(agency, .time(now), read: { _ in true }) != nil { return nil }
            ends.append(try nextRungEnd.first(agency, .time(now)) { $0.optionalTime(0) } ?? nil)
        }
        return .empty(nextLeaseEnd: ends.compactMap { $0 }.min())
    }

    private func waits(for claim: Claim, _ agency: SQLValue) throws(StoreError) -> Bool {
        guard let type = claim.content.type else { return try waits.first(agency, read: { _ in true }) != nil }
        return try waitsOfType.first(agency, .text(type.rawValue), read: { _ in true }) != nil
    }

    func newest(_ subject: LogRecord.Subject) throws(StoreError) -> LogRecord? {
        try lastConfiguration.first(.text(subject.rawValue)) { row in
            LogRecord(subject: subject, at: row.time(0), octets: row.blob(1))
        }
    }

    func headers(since moment: Timestamp, _ body: (Header?) -> Void) throws(StoreError) {
        try accepted.each([.sequence(firstLeaf(since: moment))]) { row throws(StoreError) in
            let sequence = row.sequence(0)
            guard let at = try acceptedAt.first(.sequence(sequence), read: { $0.time(0) }), at >= moment else {
                return true
            }
            body(try envelopes.header(of: sequence))
            return true
        }
    }

    func nextClock() throws(StoreError) -> Timestamp? { try nextClockMoment.first { $0.optionalTime(0) } ?? nil }

    func nextPurge() throws(StoreError) -> Timestamp? { try nextPurgeMoment.first { $0.optionalTime(0) } ?? nil }

    // MARK: One message

    func state(of key: MessageKey) throws(StoreError) -> MessageState? {
        try snapshot { () throws(StoreError) in
            try message.first(.text(key.sender.description), .text(key.id.description)) { row throws(StoreError) in
                let accepted = RecordedRung(rung: .accepted, at: row.time(3), receipt: row.receipt(4))
                var recorded = try recorded(of: row.sequence(0))
                let deliveries = try deliveries(of: row.sequence(0), &recorded)
                return MessageState(
                    key: key, type: try row.value(1, MessageType.init(rawValue:)), digest: try row.digest(2),
                    accepted: accepted, deliveries: deliveries, senderDue: try owed.find(of: row.sequence(0)),
                    senderRungs: recorded[key.sender] ?? [], purged: row.optionalTime(5))
            }
        }
    }

    private func recorded(of message: UInt64) throws(StoreError) -> [AgencyID: [RecordedRung]] {
        var recorded: [AgencyID: [RecordedRung]] = [:]
        try rungs.each([.sequence(message)]) { row throws(StoreError) in
            let rung = RecordedRung(
                rung: try row.value(1, Rung.init(rawValue:)), at: row.time(2), receipt: row.receipt(3))
            recorded[try row.agency(0), default: []].append(rung)
            return true
        }
        return recorded
    }

    /// - Parameter recorded: the message's rungs; those of its deliveries are taken out.
    private func deliveries(
        of message: UInt64, _ recorded: inout [AgencyID: [RecordedRung]]
    ) throws(StoreError) -> [MessageState.Delivery] {
        var taken: [AgencyID: [RecordedRung]] = [:]
        defer { for agency in taken.keys { recorded[agency] = nil } }
        return try deliveries.all(.sequence(message)) { row throws(StoreError) in
            let agency = try row.agency(0)
            taken[agency] = recorded[agency] ?? []
            return MessageState.Delivery(
                agency: agency, standing: try row.deliveryMachine(from: 4), due: row.due(from: 1),
                rungs: taken[agency] ?? [])
        }
    }

    // MARK: An outbox

    func sent(by agency: AgencyID, _ query: OutboxQuery) throws(StoreError) -> OutboxPage {
        try snapshot { () throws(StoreError) in
            let start = try max(query.after.map { $0 + 1 } ?? 0, query.since.map(firstLeaf) ?? 0)
            var page = OutboxPage(messages: [], next: nil)
            var (looked, octets) = (0, 0)
            var last = start
            let values: [SQLValue] = [.text(agency.description), .sequence(start), .integer(query.scan + 1)]
            try sent.each(values) { row throws(StoreError) in
                guard looked < query.scan, page.messages.count < query.limit, octets < query.bytes else {
                    page.next = last
                    return false
                }
                last = row.sequence(0)
                let accepted = RecordedRung(rung: .accepted, at: row.time(4), receipt: row.receipt(5))
                let state = try overallState(of: last, counting: &looked)
                guard query.state == nil || state == query.state, query.since.map({ $0 <= accepted.at }) ?? true
                else { return true }
                var recorded = try recorded(of: last)
                let rows = try deliveries(of: last, &recorded)
                let message = MessageState(
                    key: MessageKey(sender: agency, id: try row.value(1, MessageID.init)),
                    type: try row.value(2, MessageType.init(rawValue:)), digest: try row.digest(3),
                    accepted: accepted, deliveries: rows, senderDue: try owed.find(of: last),
                    senderRungs: recorded[agency] ?? [], purged: row.optionalTime(6))
                octets += message.deliveries.reduce(accepted.receipt.token.count) { sum, delivery in
                    delivery.rungs.reduce(sum) { $0 + $1.receipt.token.count }
                }
                page.messages.append(message)
                return true
            }
            return page
        }
    }

    /// Where the least advanced delivery of a message stands; read before anything else of it.
    private func overallState(of message: UInt64, counting looked: inout Int) throws(StoreError) -> DeliveryState {
        let states = try states.all(.sequence(message)) { row throws(StoreError) in try row.deliveryState(0) }
        looked += max(1, states.count)
        return DeliveryState.allCases.first(where: states.contains) ?? .waiting
    }

    /// A leaf before which nothing was written at that moment or later, found by halving: leaves are in the order of
    /// the broker's clock, give or take an hour that it may have been set back.
    private func firstLeaf(since moment: Timestamp) throws(StoreError) -> UInt64 {
        let wanted = moment.advanced(bySeconds: -3600)
        var low: UInt64 = 0
        var high = try lastLeaf.first { $0.sequence(0) } ?? 0
        while low < high {
            let middle = low + (high - low) / 2
            guard let at = try acceptedAt.first(.sequence(middle), read: { $0.time(0) }) else { return low }
            if at < wanted { low = middle + 1 } else { high = middle }
        }
        return low
    }

    // MARK: Numbers

    func statistics(at now: Timestamp) throws(StoreError) -> StoreStatistics {
        try snapshot { () throws(StoreError) in
            let stored = try logState.first { row in MerkleFrontier(size: row.sequence(0), octets: row.blob(1)) }
            guard let stored, let frontier = stored, let root = SHA256Digest(bytes: frontier.root) else {
                throw StoreError(.corrupt, "log_state holds no edge of a tree")
            }
            let (messages, queues) = try counts(at: now)
            return StoreStatistics(messages: messages, logSize: frontier.size, logRoot: root.hex, queues: queues)
        }
    }

    /// Read from what the writer counts, but for live leases, which are counted here.
    private func counts(
        at now: Timestamp
    ) throws(StoreError) -> (messages: Int, queues: [AgencyID: StoreStatistics.Queue]) {
        var messages = 0
        var queues: [AgencyID: StoreStatistics.Queue] = [:]
        try laneCounts.each { row throws(StoreError) in
            queues[try row.agency(0)] = StoreStatistics.Queue(waiting: row.int(1), settled: row.int(2))
            return true
        }
        try leasedCounts.each([.time(now)]) { row throws(StoreError) in
            queues[try row.agency(0), default: .init()].leased = row.int(1)
            queues[try row.agency(0), default: .init()].waiting -= row.int(1)
            return true
        }
        for (agency, queue) in queues where queue.waiting + queue.leased > 0 {
            let first = try oldest.first(.text(agency.description)) { $0.isNull(0) ? nil : $0.sequence(0) } ?? nil
            if let first { queues[agency]?.oldest = try acceptedAt.first(.sequence(first)) { $0.time(0) } }
        }
        try parties.each { row throws(StoreError) in
            messages += row.int(1)
            if row.int(2) > 0 { queues[try row.agency(0), default: .init()].rungs = row.int(2) }
            return true
        }
        return (messages, queues)
    }

    /// Everything that the body reads is of one moment.
    func snapshot<Value>(_ body: () throws(StoreError) -> Value) throws(StoreError) -> Value {
        try connection.execute("BEGIN")
        defer { try? connection.execute("ROLLBACK") }
        return try body()
    }
}

enum SQL {
    static let acceptance = """
        SELECT m.digest, l.record FROM messages m JOIN log l ON l.seq = m.seq WHERE m.sender = ?1 AND m.id = ?2
        """

    static let waits = "SELECT 1 FROM deliveries WHERE agency = ?1 AND state = 0 LIMIT 1"

    static let waitsOfType = "SELECT 1 FROM deliveries WHERE agency = ?1 AND state = 0 AND type = ?2 LIMIT 1"

    static let oldest = "SELECT min(message) FROM deliveries WHERE agency = ?1 AND state < 2"

    /// Whether a delivery is held, of whatever type, whose lease or pause is over: one look into an index for each rank.
    static let over = """
        WITH ranks (rank) AS (VALUES \((0..<Header.ranks).map { "(\($0))" }.joined(separator: ", ")))
        SELECT 1 FROM ranks WHERE
            EXISTS (SELECT 1 FROM deliveries
                WHERE agency = ?1 AND rank = ranks.rank AND state = 1 AND lease_until <= ?2)
            OR EXISTS (SELECT 1 FROM deliveries
                WHERE agency = ?1 AND rank = ranks.rank AND state = -1 AND not_before <= ?2)
        LIMIT 1
        """

    static let lastConfiguration = """
        SELECT at, record FROM log WHERE subject = ?1 AND subject <> 'receipt' ORDER BY seq DESC LIMIT 1
        """

    static let message = """
        SELECT m.seq, m.type, m.digest, l.at, l.record, (SELECT at FROM log WHERE seq = m.purge_leaf)
        FROM messages m JOIN log l ON l.seq = m.seq
        WHERE m.sender = ?1 AND m.id = ?2
        """

    static let sent = """
        SELECT m.seq, m.id, m.type, m.digest, l.at, l.record, (SELECT at FROM log WHERE seq = m.purge_leaf)
        FROM messages m CROSS JOIN log l ON l.seq = m.seq
        WHERE m.sender = ?1 AND m.seq >= ?2 ORDER BY m.seq LIMIT ?3
        """

    static let deliveries = """
        SELECT d.agency, d.ack_by, d.decide_by, d.serve_by, \(DeliveryRows.machineColumns)
        FROM deliveries d WHERE d.message = ?1 ORDER BY d.position
        """

    static let rungs = "SELECT agency, rung, at, record FROM log WHERE message = ?1 ORDER BY seq"
}
