internal import SimpulBroker
internal import SimpulCore

extension Schema {
    /// The order of queues, and what is counted. Deliveries that wait are read in their order, of all types or of one;
    /// those that are held by rank, so that what is urgent waits again first. `lanes`, `served` and `parties` are kept
    /// by the writer: see ``LaneRows``.
    static let lanes = """
        ALTER TABLE deliveries ADD COLUMN turn INTEGER NOT NULL DEFAULT 0;
        CREATE TABLE lanes (
            agency TEXT NOT NULL,
            rank INTEGER NOT NULL,
            sender TEXT NOT NULL,
            last INTEGER NOT NULL,
            open INTEGER NOT NULL,
            settled INTEGER NOT NULL,
            PRIMARY KEY (agency, rank, sender)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE served (
            agency TEXT NOT NULL,
            rank INTEGER NOT NULL,
            turn INTEGER NOT NULL,
            PRIMARY KEY (agency, rank)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE parties (
            agency TEXT NOT NULL PRIMARY KEY,
            sent INTEGER NOT NULL,
            open INTEGER NOT NULL,
            told INTEGER NOT NULL
        ) STRICT, WITHOUT ROWID;
        DROP INDEX deliveries_waiting;
        DROP INDEX deliveries_leased;
        DROP INDEX deliveries_backing_off;
        DROP INDEX deliveries_settled;
        CREATE INDEX deliveries_waiting ON deliveries (agency, rank, turn, message, position) WHERE state = 0;
        CREATE INDEX deliveries_waiting_type ON deliveries (agency, type, rank, turn, message, position)
            WHERE state = 0;
        CREATE INDEX deliveries_leased ON deliveries (agency, rank, lease_until) WHERE state = 1;
        CREATE INDEX deliveries_backing_off ON deliveries (agency, rank, not_before) WHERE state = -1;
        CREATE INDEX deliveries_open ON deliveries (agency, message) WHERE state < 2
        """

    /// Gives the rows of an older file their ranks and turns, and counts them.
    static func fillLanes(_ connection: Connection, limits: Limits) throws(StoreError) {
        let messages = try MessageRows(connection, limits: limits, mayBePurged: false)
        let all = try connection.prepare(
            "SELECT DISTINCT message, level, rank FROM deliveries ORDER BY message")
        let rank = try connection.prepare("UPDATE deliveries SET rank = ?2 WHERE message = ?1 AND rank <> ?2")
        var changes: [(message: UInt64, rank: Int)] = []
        try all.each { row throws(StoreError) in
            // An envelope that cannot be read is for the audit to tell.
            guard let header = try messages.header(of: row.sequence(0)) else { return true }
            let new = header.rank(level: try row.level(1))
            if new != row.int(2) { changes.append((row.sequence(0), new)) }
            return true
        }
        for change in changes { try rank.run(.sequence(change.message), .integer(change.rank)) }
        try connection.execute(countSQL)
    }

    private static let countSQL = """
        UPDATE deliveries SET turn = t.turn FROM (
            SELECT d.message AS message, d.position AS position,
                row_number() OVER (PARTITION BY d.agency, d.rank, m.sender ORDER BY d.message) AS turn
            FROM deliveries d JOIN messages m ON m.seq = d.message WHERE d.state < 2) t
        WHERE deliveries.message = t.message AND deliveries.position = t.position;
        INSERT INTO lanes SELECT d.agency, d.rank, m.sender, max(d.turn), sum(d.state < 2), sum(d.state >= 2)
            FROM deliveries d JOIN messages m ON m.seq = d.message GROUP BY 1, 2, 3;
        INSERT INTO parties SELECT agency, sum(sent), sum(open), sum(told) FROM (
            SELECT sender AS agency, count(*) AS sent, 0 AS open, 0 AS told FROM messages GROUP BY 1
            UNION ALL
            SELECT sender, 0, sum(open), 0 FROM lanes GROUP BY 1
            UNION ALL
            SELECT agency, 0, 0, count(*) FROM rungs WHERE state <> 2 GROUP BY 1) GROUP BY 1
        """
}
