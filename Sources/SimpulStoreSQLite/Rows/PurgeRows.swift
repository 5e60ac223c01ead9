internal import SimpulBroker
internal import SimpulCore

/// When each message is looked at whose envelope is there, and what takes the envelope's place.
final class PurgeRows {
    private let due: Statement
    private let insert: Statement
    private let delete: Statement
    private let message: Statement
    private let rungs: Statement
    private let holders: Statement
    private let erase: Statement
    private let rearm: Statement

    /// A message whose moment has come.
    struct Due {
        var moment: Timestamp
        var message: UInt64
    }

    init(_ connection: Connection) throws(StoreError) {
        due = try connection.prepare("SELECT due, message FROM purges WHERE due <= ?1 ORDER BY due, message LIMIT ?2")
        insert = try connection.prepare("INSERT INTO purges (due, message) VALUES (?1, ?2)")
        delete = try connection.prepare("DELETE FROM purges WHERE due = ?1 AND message = ?2")
        message = try connection.prepare("SELECT expires, length(envelope) FROM messages WHERE seq = ?1")
        rungs = try connection.prepare("SELECT agency, rung, at FROM log WHERE message = ?1 ORDER BY seq")
        holders = try connection.prepare("SELECT agency FROM deliveries WHERE message = ?1")
        erase = try connection.prepare(
            "UPDATE messages SET envelope = zeroblob(0), kept = ?2, purge_leaf = ?3 WHERE seq = ?1")
        rearm = try connection.prepare(
            """
            DELETE FROM purges WHERE (due, message) IN (
                SELECT due, message FROM purges WHERE due > ?1 ORDER BY due LIMIT ?2)
            RETURNING message
            """)
    }

    /// The messages whose moment has come, the earliest first.
    func due(at now: Timestamp, limit: Int) throws(StoreError) -> [Due] {
        try due.all(.time(now), .integer(limit)) { row in Due(moment: row.time(0), message: row.sequence(1)) }
    }

    /// Has a message looked at then.
    func look(at moment: Timestamp, _ message: UInt64) throws(StoreError) {
        try insert.run(.time(moment), .sequence(message))
    }

    /// The look has been.
    func looked(_ due: Due) throws(StoreError) { try delete.run(.time(due.moment), .sequence(due.message)) }

    /// When a message expires; nil where its envelope is gone.
    func expiry(ofPresent sequence: UInt64) throws(StoreError) -> Timestamp? {
        try message.first(.sequence(sequence)) { row in row.int(1) > 0 ? row.time(0) : nil } ?? nil
    }

    /// The rungs of each agency, and when they were recorded, in that order.
    func rungs(of sequence: UInt64) throws(StoreError) -> [AgencyID: [(rung: Rung, at: Timestamp)]] {
        var found: [AgencyID: [(rung: Rung, at: Timestamp)]] = [:]
        try rungs.each([.sequence(sequence)]) { row throws(StoreError) in
            found[try row.agency(0), default: []].append((try row.value(1, Rung.init(rawValue:)), row.time(2)))
            return true
        }
        return found
    }

    /// Everybody who has a delivery of a message.
    func holders(of sequence: UInt64) throws(StoreError) -> Set<AgencyID> {
        Set(try holders.all(.sequence(sequence)) { row in (try? row.agency(0)) }.compactMap { $0 })
    }

    /// Puts what is kept in place of the envelope, whose octets are overwritten in the file, as `secure_delete` says.
    func erase(_ sequence: UInt64, keeping kept: [UInt8], leaf: UInt64) throws(StoreError) {
        try erase.run(.sequence(sequence), .blob(kept), .sequence(leaf))
    }

    /// Has some of those looked at now that nobody would have planned so late: the machine's clock was ahead.
    /// - Returns: how many.
    func rearm(at now: Timestamp, latest: Timestamp, limit: Int) throws(StoreError) -> Int {
        let messages = try rearm.all(.time(latest), .integer(limit)) { row in row.sequence(0) }
        for message in messages { try look(at: now, message) }
        return messages.count
    }

    /// When there is something to look at.
    static let nextSQL = "SELECT min(due) FROM purges"
}
