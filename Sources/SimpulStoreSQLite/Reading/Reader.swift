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
    private let nextLeaseEnd: Statement
    private let lastConfiguration: Statement
    private let message: Statement
    private let deliveries: Statement
    private let rungs: Statement
    private let logState: Statement
    private let messageCount: Statement
    private let openCounts: Statement
    private let settledCounts: Statement
    private let acceptedAt: Statement

    init(_ connection: Connection) throws(StoreError) {
        self.connection = connection
        acceptance = try connection.prepare(SQL.acceptance)
        waits = try connection.prepare(SQL.waits)
        nextLeaseEnd = try connection.prepare(DeliveryRows.nextLeaseEndSQL)
        lastConfiguration = try connection.prepare(SQL.lastConfiguration)
        message = try connection.prepare(SQL.message)
        deliveries = try connection.prepare(SQL.deliveries)
        rungs = try connection.prepare(SQL.rungs)
        logState = try connection.prepare("SELECT size, frontier FROM log_state WHERE only = 1")
        messageCount = try connection.prepare("SELECT count(*) FROM messages")
        openCounts = try connection.prepare(SQL.openCounts)
        settledCounts = try connection.prepare(
            "SELECT agency, count(*) FROM deliveries WHERE state >= 2 GROUP BY agency")
        acceptedAt = try connection.prepare("SELECT at FROM log WHERE seq = ?1")
    }

    func acceptance(of digest: Digest, from sender: AgencyID) throws(StoreError) -> StoredAcceptance? {
        try acceptance.first(.text(sender.description), .blob(digest.octets)) { row throws(StoreError) in
            StoredAcceptance(
                key: MessageKey(sender: sender, id: try row.value(0, MessageID.init)), receipt: row.receipt(1))
        }
    }

    /// Nil where something may wait for the claim; otherwise how the claim ends.
    func emptiness(for claim: Claim, at now: Timestamp) throws(StoreError) -> ClaimOutcome? {
        let (agency, type) = (SQLValue.text(claim.agency.description), SQLValue.type(claim.type))
        if try waits.first(agency, type, .time(now), read: { _ in true }) != nil { return nil }
        let end = try nextLeaseEnd.first(agency, type, .time(now)) { $0.optionalTime(0) }
        return .empty(nextLeaseEnd: end ?? nil)
    }

    func lastRecorded(_ subject: LogRecord.Subject) throws(StoreError) -> Digest? {
        let digest = try lastConfiguration.first(.text(subject.rawValue)) { row in
            LogRecord(subject: subject, at: row.time(0), octets: row.blob(1)).configurationDigest
        }
        return digest ?? nil
    }

    // MARK: One message

    func state(of key: MessageKey) throws(StoreError) -> MessageState? {
        try snapshot { () throws(StoreError) in
            try message.first(.text(key.sender.description), .text(key.id.description)) { row throws(StoreError) in
                let accepted = RecordedRung(rung: .accepted, at: row.time(3), receipt: row.receipt(4))
                return MessageState(
                    key: key, type: try row.value(1, MessageType.init(rawValue:)), digest: try row.digest(2),
                    accepted: accepted, deliveries: try deliveries(of: row.sequence(0)))
            }
        }
    }

    private func deliveries(of message: UInt64) throws(StoreError) -> [MessageState.Delivery] {
        var recorded: [AgencyID: [RecordedRung]] = [:]
        try rungs.each([.sequence(message)]) { row throws(StoreError) in
            let rung = RecordedRung(
                rung: try row.value(1, Rung.init(rawValue:)), at: row.time(2), receipt: row.receipt(3))
            recorded[try row.agency(0), default: []].append(rung)
            return true
        }
        return try deliveries.all(.sequence(message)) { row throws(StoreError) in
            let agency = try row.agency(0)
            return MessageState.Delivery(
                agency: agency, state: try row.deliveryState(1), rungs: recorded[agency] ?? [])
        }
    }

    // MARK: Numbers

    func statistics(at now: Timestamp) throws(StoreError) -> StoreStatistics {
        try snapshot { () throws(StoreError) in
            let stored = try logState.first { row in MerkleFrontier(size: row.sequence(0), octets: row.blob(1)) }
            guard let stored, let frontier = stored, let root = SHA256Digest(bytes: frontier.root) else {
                throw StoreError(.corrupt, "log_state holds no edge of a tree")
            }
            return StoreStatistics(
                messages: try messageCount.first { $0.int(0) } ?? 0, logSize: frontier.size, logRoot: root.hex,
                queues: try queues(at: now))
        }
    }

    private func queues(at now: Timestamp) throws(StoreError) -> [AgencyID: StoreStatistics.Queue] {
        var queues: [AgencyID: StoreStatistics.Queue] = [:]
        var oldest: [AgencyID: UInt64] = [:]
        try openCounts.each([.time(now)]) { row throws(StoreError) in
            let agency = try row.agency(0)
            if row.int(1) != 0 {
                queues[agency, default: .init()].leased += row.int(2)
            } else {
                queues[agency, default: .init()].waiting += row.int(2)
            }
            oldest[agency] = min(oldest[agency] ?? .max, row.sequence(3))
            return true
        }
        try settledCounts.each { row throws(StoreError) in
            queues[try row.agency(0), default: .init()].settled = row.int(1)
            return true
        }
        for (agency, sequence) in oldest {
            queues[agency]?.oldest = try acceptedAt.first(.sequence(sequence)) { $0.time(0) }
        }
        return queues
    }

    /// Everything that the body reads is of one moment.
    private func snapshot<Value>(_ body: () throws(StoreError) -> Value) throws(StoreError) -> Value {
        try connection.execute("BEGIN")
        defer { try? connection.execute("ROLLBACK") }
        return try body()
    }
}

private enum SQL {
    static let acceptance = """
        SELECT m.id, l.record FROM messages m JOIN log l ON l.seq = m.seq WHERE m.sender = ?1 AND m.digest = ?2
        """

    static let waits = """
        SELECT 1 FROM deliveries WHERE agency = ?1 AND state = 0 AND (?2 IS NULL OR type = ?2)
        UNION ALL
        SELECT 1 FROM deliveries WHERE agency = ?1 AND state = 1 AND lease_until <= ?3 AND (?2 IS NULL OR type = ?2)
        LIMIT 1
        """

    static let lastConfiguration = """
        SELECT at, record FROM log WHERE subject = ?1 AND subject <> 'receipt' ORDER BY seq DESC LIMIT 1
        """

    static let message = """
        SELECT m.seq, m.type, m.digest, l.at, l.record FROM messages m JOIN log l ON l.seq = m.seq
        WHERE m.sender = ?1 AND m.id = ?2
        """

    static let deliveries = "SELECT agency, state FROM deliveries WHERE message = ?1 ORDER BY position"

    static let rungs = "SELECT agency, rung, at, record FROM log WHERE message = ?1 ORDER BY seq"

    static let openCounts = """
        SELECT agency, 0, count(*), min(message) FROM deliveries WHERE state = 0 GROUP BY agency
        UNION ALL
        SELECT agency, lease_until > ?1, count(*), min(message) FROM deliveries WHERE state = 1
        GROUP BY agency, lease_until > ?1
        """
}

extension SQLValue {
    static func type(_ type: MessageType?) -> SQLValue { type.map { .text($0.rawValue) } ?? .null }
}
