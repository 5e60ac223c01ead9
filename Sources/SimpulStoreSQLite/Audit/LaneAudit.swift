internal import SimpulBroker

/// The counts' part of an audit: what the writer has counted, against the rows. Nobody signs for a turn, so only that no
/// delivery stands behind its sender's newest turn, and that a sender's messages are in their order, is held against it.
struct LaneAudit {
    private let lanes: Statement
    private let parties: Statement
    private let disorder: Statement

    init(_ connection: Connection) throws(StoreError) {
        lanes = try connection.prepare(Self.lanesSQL)
        parties = try connection.prepare(Self.partiesSQL)
        disorder = try connection.prepare(
            """
            SELECT message, agency FROM (
                SELECT d.message AS message, d.agency AS agency, d.turn AS turn,
                    lag(d.turn) OVER (PARTITION BY d.agency, d.rank, m.sender ORDER BY d.message) AS before
                FROM deliveries d JOIN messages m ON m.seq = d.message WHERE d.state < 2 AND NOT EXISTS (
                    -- A fallback enters its lane when it is called, not when the message was accepted.
                    SELECT 1 FROM log l WHERE l.message = d.message AND l.rung = 'escalated'))
            WHERE turn < before ORDER BY message
            """)
    }

    func run(into report: inout AuditReport) throws(StoreError) {
        try lanes.each { row throws(StoreError) in
            let key = "\(try row.text(0)) \(row.integer(1)) \(try row.text(2))"
            report.add(
                "lanes", key, .edited, "it does not say how many deliveries there are, or which turn is the last")
            return true
        }
        try parties.each { row throws(StoreError) in
            report.add("parties", try row.text(0), .edited, "it does not say what the agency has sent and is told of")
            return true
        }
        try disorder.each { row throws(StoreError) in
            report.add(
                "deliveries", "\(row.sequence(0)) \(try row.text(1))", .edited,
                "its turn is before that of an older message of its sender")
            return true
        }
    }

    /// The lanes whose row is not what the deliveries say; one without deliveries, or without a row, is among them.
    private static let lanesSQL = """
        WITH counted AS (
            SELECT d.agency AS agency, d.rank AS rank, m.sender AS sender, sum(d.state < 2) AS open,
                sum(d.state >= 2) AS settled, max(CASE WHEN d.state < 2 THEN d.turn END) AS last
            FROM deliveries d JOIN messages m ON m.seq = d.message GROUP BY 1, 2, 3)
        SELECT agency, rank, sender FROM counted c WHERE NOT EXISTS (
            SELECT 1 FROM lanes l WHERE l.agency = c.agency AND l.rank = c.rank AND l.sender = c.sender
                AND l.open = c.open AND l.settled = c.settled AND l.last >= ifnull(c.last, l.last))
        UNION
        SELECT agency, rank, sender FROM lanes l WHERE NOT EXISTS (
            SELECT 1 FROM counted c WHERE l.agency = c.agency AND l.rank = c.rank AND l.sender = c.sender)
        """

    private static let partiesSQL = """
        WITH counted AS (
            SELECT agency, sum(sent) AS sent, sum(open) AS open, sum(told) AS told FROM (
                SELECT sender AS agency, count(*) AS sent, 0 AS open, 0 AS told FROM messages GROUP BY 1
                UNION ALL
                SELECT m.sender, 0, count(*), 0 FROM deliveries d JOIN messages m ON m.seq = d.message
                WHERE d.state < 2 GROUP BY 1
                UNION ALL
                SELECT agency, 0, 0, count(*) FROM rungs WHERE state <> 2 GROUP BY 1) GROUP BY 1)
        SELECT agency FROM counted c WHERE NOT EXISTS (
            SELECT 1 FROM parties p WHERE p.agency = c.agency AND p.sent = c.sent AND p.open = c.open
                AND p.told = c.told)
        UNION
        SELECT agency FROM parties p WHERE p.sent + p.open + p.told > 0 AND NOT EXISTS (
            SELECT 1 FROM counted c WHERE c.agency = p.agency)
        """
}
