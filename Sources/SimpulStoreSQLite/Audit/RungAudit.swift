internal import SimpulBroker

/// The rungs' part of an audit: one row for each leaf of a rung above `accepted`, for the sender of its message. Nobody
/// signs for what a sender has settled; only that nothing is missing or too much is held against it.
struct RungAudit {
    private let rows: Statement
    private let strays: Statement

    init(_ connection: Connection) throws(StoreError) {
        rows = try connection.prepare(
            """
            SELECT l.seq, m.sender, r.agency, r.state, r.attempt, r.token IS NULL
            FROM log l JOIN messages m ON m.seq = l.message LEFT JOIN rungs r ON r.leaf = l.seq
            WHERE l.message IS NOT NULL ORDER BY l.seq
            """)
        strays = try connection.prepare(
            """
            SELECT r.leaf FROM rungs r LEFT JOIN log l ON l.seq = r.leaf WHERE l.message IS NULL ORDER BY r.leaf
            """)
    }

    func run(into report: inout AuditReport) throws(StoreError) {
        try rows.each { row throws(StoreError) in
            let key = "\(row.sequence(0))"
            guard let agency = try row.optionalText(2) else {
                report.add("rungs", key, .dropped, "the sender of the message is not told of this leaf")
                return true
            }
            if try agency != row.text(1) {
                report.add("rungs", key, .edited, "agency is not the sender of the message")
            }
            let wasLeased = row.int(4) > 0
            let state = row.int(3)
            if !(-1...2).contains(state) || (state != 0 && !wasLeased) || wasLeased == (row.int(5) != 0) {
                report.add("rungs", key, .edited, "state, attempt and token do not go together")
            }
            return true
        }
        try strays.each { row in
            report.add("rungs", "\(row.sequence(0))", .added, "its leaf is none of a rung")
            return true
        }
    }
}
