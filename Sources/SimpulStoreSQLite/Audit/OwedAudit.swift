internal import SimpulBroker
internal import SimpulCore

/// The senders' part of an audit: what each owes against the `accepted` receipt of its message.
struct OwedAudit {
    private let rows: OwedRows
    private let strays: Statement

    init(_ connection: Connection) throws(StoreError) {
        rows = try OwedRows(connection)
        strays = try connection.prepare(
            """
            SELECT o.message FROM owed o LEFT JOIN messages m ON m.seq = o.message
            WHERE m.seq IS NULL ORDER BY o.message
            """)
    }

    /// The row of one message.
    func check(
        _ statement: ReceiptStatement, _ key: String, _ sequence: UInt64, into report: inout AuditReport
    ) throws(StoreError) {
        let stored = try rows.find(of: sequence)
        guard stored != statement.senderDue else { return }
        if stored == .none {
            report.add("owed", key, .dropped, "the receipt says what the sender owes")
        } else if statement.senderDue == .none {
            report.add("owed", key, .added, "the receipt says that the sender owes nothing")
        } else {
            report.add("owed", key, .edited, "clocks not as accepted")
        }
    }

    /// Rows of no message.
    func findStrays(into report: inout AuditReport) throws(StoreError) {
        try strays.each { row throws(StoreError) in
            report.add("owed", "\(row.sequence(0))", .added, "its message is missing")
            return true
        }
    }
}
