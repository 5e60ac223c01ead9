internal import SimpulBroker
internal import SimpulCore

/// The purges' part of an audit: each leaf of a purge against the message that it names, and each message whose envelope
/// is there against the moment at which somebody looks whether it still has to be. A message whose envelope is gone is
/// the messages' own part.
struct PurgeAudit {
    private let leaves: Statement
    private let unplanned: Statement
    private let strays: Statement
    private let message: Statement

    init(_ connection: Connection) throws(StoreError) {
        leaves = try connection.prepare(
            "SELECT seq, at, record FROM log WHERE subject = 'purge' AND subject <> 'receipt' ORDER BY seq")
        unplanned = try connection.prepare(
            """
            SELECT m.sender, m.id, p.due IS NULL FROM messages m LEFT JOIN purges p ON p.message = m.seq
            WHERE length(m.envelope) > 0 AND (p.due IS NULL OR p.due > m.expires + 86400000 *
                -- What stays open after its end, because it cannot be read, is looked at each minute for as long.
                CASE WHEN EXISTS (SELECT 1 FROM deliveries d WHERE d.message = m.seq AND d.state < 2)
                    THEN 366 ELSE 1 END)
            """)
        strays = try connection.prepare(
            """
            SELECT p.message FROM purges p LEFT JOIN messages m ON m.seq = p.message
            WHERE m.seq IS NULL OR m.purge_leaf IS NOT NULL ORDER BY p.message
            """)
        message = try connection.prepare("SELECT purge_leaf FROM messages WHERE seq = ?1")
    }

    func run(into report: inout AuditReport) throws(StoreError) {
        try leaves.each { row throws(StoreError) in
            let record = LogRecord(subject: .purge, at: row.time(1), octets: row.blob(2))
            // Of one that is none the log's own part has told.
            guard let purge = PurgeRecord(record) else { return true }
            let leaf = row.sequence(0)
            let named = try message.first(.sequence(purge.message)) { $0.isNull(0) ? nil : $0.sequence(0) } ?? nil
            if named != leaf {
                report.add("messages", "\(purge.message)", .edited, "leaf \(leaf) says that its envelope was purged")
            }
            return true
        }
        try unplanned.each { row throws(StoreError) in
            let key = "\(try row.text(0))/\(try row.text(1))"
            if row.int(2) != 0 {
                report.add("purges", key, .dropped, "nobody looks whether its envelope still has to be there")
            } else {
                report.add("purges", key, .edited, "its envelope would stay long after its end")
            }
            return true
        }
        try strays.each { row in
            report.add("purges", "\(row.sequence(0))", .added, "there is no envelope to look at")
            return true
        }
    }
}
