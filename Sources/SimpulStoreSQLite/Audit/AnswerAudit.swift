internal import SimpulBroker

/// The part of an audit about answers that wait for a bundle: each is the leaf of a receipt about a whole message, and an
/// `accepted` one is told to nobody but the message's sender. That one is missing harms nobody: the agency sends its
/// envelope again and gets the same receipt.
struct AnswerAudit {
    private let strays: Statement

    init(_ connection: Connection) throws(StoreError) {
        strays = try connection.prepare(
            """
            SELECT a.leaf FROM answers a LEFT JOIN log l ON l.seq = a.leaf LEFT JOIN messages m ON m.seq = a.leaf
            WHERE l.seq IS NULL OR l.subject <> 'receipt' OR l.message IS NOT NULL OR m.sender <> a.agency
            ORDER BY a.leaf
            """)
    }

    func findStrays(into report: inout AuditReport) throws(StoreError) {
        try strays.each { row in
            report.add("answers", "\(row.sequence(0))", .added, "its leaf is no answer to an envelope of that agency")
            return true
        }
    }
}
