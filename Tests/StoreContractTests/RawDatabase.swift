import CSQLite

/// A database file in the hands of somebody who knows SQLite and nothing of the store.
final class RawDatabase {
    private var handle: OpaquePointer?

    init(_ path: String) throws {
        guard sqlite3_open_v2(path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nil) == SQLITE_OK else {
            throw TestFault(what: "opening \(path)")
        }
        sqlite3_busy_timeout(handle, 1000)
    }

    deinit { sqlite3_close_v2(handle) }

    func execute(_ sql: String) throws {
        guard sqlite3_exec(handle, sql, nil, nil, nil) == SQLITE_OK else {
            throw TestFault(what: "\(sql): \(String(cString: sqlite3_errmsg(handle)))")
        }
    }

    /// Every column as octets.
    func rows(_ sql: String) throws -> [[[UInt8]]] {
        var statement: OpaquePointer?
        guard sqlite3_prepare_v2(handle, sql, -1, &statement, nil) == SQLITE_OK else {
            throw TestFault(what: "\(sql): \(String(cString: sqlite3_errmsg(handle)))")
        }
        defer { sqlite3_finalize(statement) }
        var rows: [[[UInt8]]] = []
        while sqlite3_step(statement) == SQLITE_ROW {
            rows.append(
                (0..<sqlite3_column_count(statement)).map { column in
                    let start = sqlite3_column_blob(statement, column)
                    let count = Int(sqlite3_column_bytes(statement, column))
                    return Array(UnsafeRawBufferPointer(start: start, count: count))
                })
        }
        return rows
    }
}

extension RawDatabase {
    /// Makes a file of the newest version one of the first version, with all that it holds.
    static let firstVersion = """
        PRAGMA foreign_keys = OFF;
        DROP TABLE lanes; DROP TABLE served; DROP TABLE parties;
        DROP INDEX deliveries_waiting; DROP INDEX deliveries_waiting_type; DROP INDEX deliveries_leased;
        DROP INDEX deliveries_backing_off; DROP INDEX deliveries_open; ALTER TABLE deliveries DROP COLUMN turn;
        CREATE INDEX deliveries_waiting ON deliveries (agency, rank, message, type) WHERE state = 0;
        CREATE INDEX deliveries_leased ON deliveries (agency, lease_until, type) WHERE state = 1;
        CREATE INDEX deliveries_settled ON deliveries (agency) WHERE state >= 2;
        PRAGMA legacy_alter_table = ON; ALTER TABLE messages RENAME TO newer;
        CREATE TABLE messages ( seq INTEGER PRIMARY KEY REFERENCES log (seq), sender TEXT NOT NULL, id TEXT NOT NULL,
            digest BLOB NOT NULL, type TEXT NOT NULL, expires INTEGER NOT NULL, envelope BLOB NOT NULL,
            UNIQUE (sender, id), UNIQUE (sender, digest) ) STRICT;
        DROP TABLE purges;
        INSERT INTO messages SELECT seq, sender, id, digest, type, expires, envelope FROM newer; DROP TABLE newer; PRAGMA legacy_alter_table = OFF;
        DROP TABLE attached; DROP TABLE attachments; DROP TABLE paused;
        DROP TABLE grants; DROP TABLE consented; DROP TABLE steps; DROP TABLE rungs; DROP TABLE owed;
        DROP TABLE answers;
        DROP INDEX deliveries_fired; DROP INDEX deliveries_due; ALTER TABLE deliveries DROP COLUMN next_due;
        ALTER TABLE deliveries DROP COLUMN clock_steps; DROP INDEX deliveries_parked; ALTER TABLE deliveries DROP COLUMN way;
        ALTER TABLE deliveries DROP COLUMN failures; ALTER TABLE deliveries DROP COLUMN cause;
        ALTER TABLE deliveries DROP COLUMN level;
        ALTER TABLE deliveries DROP COLUMN not_before; ALTER TABLE leases DROP COLUMN since;
        DROP INDEX leases_unsettled; PRAGMA user_version = 1
        """

    /// Makes what is counted fit the rows.
    static let countAnew = """
        UPDATE lanes SET
            open = (SELECT count(*) FROM deliveries d JOIN messages m ON m.seq = d.message WHERE d.agency = lanes.agency
                AND d.rank = lanes.rank AND m.sender = lanes.sender AND d.state < 2),
            settled = (SELECT count(*) FROM deliveries d JOIN messages m ON m.seq = d.message
                WHERE d.agency = lanes.agency AND d.rank = lanes.rank AND m.sender = lanes.sender AND d.state >= 2);
        UPDATE parties SET
            open = (SELECT ifnull(sum(open), 0) FROM lanes WHERE sender = parties.agency),
            told = (SELECT count(*) FROM rungs WHERE rungs.agency = parties.agency AND state <> 2)
        """
}
