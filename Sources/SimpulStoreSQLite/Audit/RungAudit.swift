internal import SimpulBroker

/// The rungs' part of an audit: one row for each leaf of a rung other than `accepted`, for the sender of its message; of
/// a `recalled`, `expired` or `bounced`, and of an operator's redirect, one for the recipient that had the message; of
/// what a clock tells for the recipient, and whom the receipt names. Nobody signs for what is settled; only that nothing is
/// missing or too much is held against it.
struct RungAudit {
    private let leaves: Statement
    private let rows: Statement
    private let strays: Statement
    private let verify: StoreAudit.ReceiptVerifier

    init(_ connection: Connection, _ verify: @escaping StoreAudit.ReceiptVerifier) throws(StoreError) {
        self.verify = verify
        leaves = try connection.prepare(
            """
            SELECT l.seq, m.sender, l.agency, l.rung = 'overdue'
                OR l.rung IN ('recalled', 'expired', 'bounced', 'escalated') AND EXISTS (
                    SELECT 1 FROM log b
                    WHERE b.message = l.message AND b.agency = l.agency AND b.seq < l.seq
                        AND b.rung IN ('delivered', 'acknowledged', 'opened', 'answered', 'closed')),
                CASE l.rung WHEN 'escalated' THEN l.record END
            FROM log l JOIN messages m ON m.seq = l.message WHERE l.message IS NOT NULL ORDER BY l.seq
            """)
        rows = try connection.prepare(
            "SELECT agency, state, attempt, token IS NULL FROM rungs WHERE leaf = ?1 ORDER BY agency")
        strays = try connection.prepare(
            """
            SELECT r.leaf FROM rungs r LEFT JOIN log l ON l.seq = r.leaf WHERE l.message IS NULL ORDER BY r.leaf
            """)
    }

    func run(into report: inout AuditReport) throws(StoreError) {
        try leaves.each { row throws(StoreError) in
            var told: Set = [try row.text(1)]
            if row.int(3) != 0, let recipient = try row.optionalText(2) { told.insert(recipient) }
            if !row.isNull(4) {
                // Of one that is not to be believed the log's own part has told.
                guard let notice = verify(row.receipt(4))?.notice else { return true }
                told.formUnion(notice.to.map(\.description))
                if notice.cause != .ending(.byOperator), let late = try row.optionalText(2) { told.insert(late) }
            }
            try check(row.sequence(0), told, &report)
            return true
        }
        try strays.each { row in
            report.add("rungs", "\(row.sequence(0))", .added, "its leaf is none of a rung")
            return true
        }
    }

    /// The rows of one leaf, against those who are to be told of it.
    private func check(_ leaf: UInt64, _ told: Set<String>, _ report: inout AuditReport) throws(StoreError) {
        let key = "\(leaf)"
        var (missing, others) = (told, 0)
        try rows.each([.sequence(leaf)]) { row throws(StoreError) in
            if missing.remove(try row.text(0)) == nil { others += 1 }
            let (state, wasLeased) = (row.int(1), row.int(2) > 0)
            if !(-1...2).contains(state) || (state != 0 && !wasLeased) || wasLeased == (row.int(3) != 0) {
                report.add("rungs", key, .edited, "state, attempt and token do not go together")
            }
            return true
        }
        if missing.count > others {
            report.add("rungs", key, .dropped, "somebody who is to be told of this leaf is not")
        } else if others > missing.count {
            report.add("rungs", key, .added, "somebody is told of this leaf who is not to be")
        } else if others > 0 {
            report.add("rungs", key, .edited, "agency is none that is to be told of this leaf")
        }
    }
}
