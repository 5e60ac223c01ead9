import CSQLite
import Glibc

/// Makes a store with a long backlog out of one with a few real messages: each row is copied with a number of its own.
///
/// The copies have numbers below zero, so the log that a start checks is the one that the broker has signed. An audit
/// would find them; nothing else tells them from messages that were sent, fetched once, and given back for a day.
enum BacklogFile {
    /// Copies the messages that a stopped hub holds until there are so many more, and defers all of them for a day.
    static func fill(_ path: String, with count: Int, at now: Int64) throws(BenchError) {
        let database = try Database(path)
        try database.run(
            """
            PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF; PRAGMA cache_size = -500000; BEGIN;
            CREATE TEMP TABLE template AS SELECT row_number() OVER (ORDER BY seq) - 1 AS n, seq FROM messages;
            UPDATE deliveries SET state = -1, attempt = 1, rung = 'delivered', lease_until = \(now),
                not_before = \(now + 86_400_000);
            """)
        let copies = """
            WITH RECURSIVE series (k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM series WHERE k < \(count))
            SELECT COLUMNS FROM series CROSS JOIN template t ON t.n = k % (SELECT count(*) FROM template)
            """
        let number = "k - \(count + 1)"
        try database.copy("log", "o.seq = t.seq", copies, ["seq": number, "message": "NULL", "agency": "NULL"])
        try database.copy(
            "messages", "o.seq = t.seq", copies, ["seq": number, "id": "substr(o.id, 1, 24) || printf('%012x', k)"])
        try database.copy("deliveries", "o.message = t.seq", copies, ["message": number, "turn": "k"])
        try database.copy("purges", "o.message = t.seq", copies, ["message": number])
        let series = copies.replacing("COLUMNS", with: "\(number), 0, randomblob(32), 1, d.agency, \(now), 0, 0")
        try database.run(
            """
            INSERT INTO leases (message, position, token, attempt, agency, until, settled, since)
                \(series) CROSS JOIN deliveries d ON d.message = t.seq AND d.position = 0;
            INSERT INTO rungs (leaf, agency, state, attempt, since, until)
                \(copies.replacing("COLUMNS", with: "\(number), m.sender, 0, 0, 0, 0")) \
            CROSS JOIN messages m ON m.seq = t.seq;
            UPDATE lanes SET open = open + \(count), last = \(count);
            UPDATE parties SET sent = sent + \(count), open = open + \(count), told = \(count) WHERE sent > 0;
            COMMIT; PRAGMA wal_checkpoint(TRUNCATE);
            """)
    }

    private final class Database {
        private let handle: OpaquePointer

        init(_ path: String) throws(BenchError) {
            var handle: OpaquePointer?
            guard sqlite3_open(path, &handle) == SQLITE_OK, let handle else {
                throw BenchError("\(path) cannot be opened")
            }
            self.handle = handle
        }

        deinit { sqlite3_close(handle) }

        func run(_ sql: String) throws(BenchError) {
            guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
                throw BenchError("filling a store: \(String(cString: sqlite3_errmsg(handle)))")
            }
        }

        /// Copies rows with some columns changed, whatever other columns the table has.
        func copy(
            _ table: String, _ condition: String, _ copies: String, _ changes: [String: String]
        ) throws(BenchError) {
            let columns = try columns(of: table)
            let values = columns.map { changes[$0] ?? "o.\($0)" }.joined(separator: ", ")
            try run(
                """
                INSERT INTO \(table) (\(columns.joined(separator: ", ")))
                \(copies.replacing("COLUMNS", with: values)) CROSS JOIN \(table) o ON \(condition)
                """)
        }

        private func columns(of table: String) throws(BenchError) -> [String] {
            var statement: OpaquePointer?
            let sql = "SELECT name FROM pragma_table_info('\(table)')"
            guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else {
                throw BenchError("the columns of \(table) cannot be read")
            }
            defer { sqlite3_finalize(statement) }
            var columns: [String] = []
            while sqlite3_step(statement) == SQLITE_ROW, let name = sqlite3_column_text(statement, 0) {
                columns.append(String(cString: name))
            }
            return columns
        }
    }
}
