internal import SimpulBroker
internal import SimpulCore

/// The tables, as a list of steps. A file says in `user_version` how many it has taken; each step is one transaction.
enum Schema {
    /// What the file format calls itself, so that no other program's database is taken for ours ("SMPL").
    static let applicationID = "1397575756"

    static let migrations = [
        version1, version2, version3, version4, version5, version6, version7, attachments, answers, lanes, clocks,
        paused, purges,
    ]

    /// Brings a file up to this program's version.
    /// - Parameter limits: the bounds that its messages were accepted under.
    /// - Throws: where the file is newer than the program, or is another program's.
    static func migrate(_ connection: Connection, limits: Limits) throws(StoreError) {
        let version = try version(of: connection)
        guard version < migrations.count else { return }
        for (index, sql) in migrations.enumerated().dropFirst(version) {
            do {
                try connection.execute("BEGIN IMMEDIATE; \(sql); PRAGMA user_version = \(index + 1)")
                if index + 1 == 4 { try StepRows.fill(connection, limits: limits) }
                if index + 1 == 5 { try GrantRows.fill(connection, limits: limits) }
                if sql == lanes { try fillLanes(connection, limits: limits) }
                try connection.execute("COMMIT")
            } catch {
                if !connection.isIdle { try connection.execute("ROLLBACK") }
                throw error
            }
        }
    }

    /// How many steps the file has taken.
    /// - Throws: where the file is newer than the program, or is another program's.
    static func version(of connection: Connection) throws(StoreError) -> Int {
        let application = try connection.pragma("application_id")
        let version = Int(try connection.pragma("user_version")) ?? -1
        let tables = try connection.prepare("SELECT count(*) FROM sqlite_schema").first { $0.int(0) } ?? 0
        guard application == applicationID || (application == "0" && version == 0 && tables == 0) else {
            throw StoreError(.unavailable, "\(connection.path) is another program's database")
        }
        guard (0...migrations.count).contains(version) else {
            throw StoreError(
                .unavailable,
                "\(connection.path) has schema version \(version), this program knows up to \(migrations.count): "
                    + "use a newer simpuld")
        }
        return version
    }

    /// `log` is the record of everything, keyed by leaf. A message is keyed by the leaf of its `accepted` receipt, so
    /// the leaf's record is its receipt, and rows lie on disk in the order of arrival. In `log`, `message` and `agency`
    /// say which delivery a rung above `accepted` is about. `envelope` stands last: short columns are read without it.
    private static let version1 = """
        PRAGMA application_id = \(applicationID);
        CREATE TABLE log (
            seq INTEGER PRIMARY KEY,
            subject TEXT NOT NULL,
            at INTEGER NOT NULL,
            message INTEGER REFERENCES messages (seq),
            agency TEXT,
            rung TEXT,
            leaf BLOB NOT NULL,
            nonce BLOB NOT NULL,
            record BLOB NOT NULL
        ) STRICT;
        CREATE INDEX log_rungs ON log (message) WHERE message IS NOT NULL;
        CREATE INDEX log_configuration ON log (subject, seq) WHERE subject <> 'receipt';
        CREATE TABLE log_state (
            only INTEGER PRIMARY KEY CHECK (only = 1),
            size INTEGER NOT NULL,
            frontier BLOB NOT NULL,
            checkpoint TEXT NOT NULL
        ) STRICT;
        CREATE TABLE messages (
            seq INTEGER PRIMARY KEY REFERENCES log (seq),
            sender TEXT NOT NULL,
            id TEXT NOT NULL,
            digest BLOB NOT NULL,
            type TEXT NOT NULL,
            expires INTEGER NOT NULL,
            envelope BLOB NOT NULL,
            UNIQUE (sender, id),
            UNIQUE (sender, digest)
        ) STRICT;
        CREATE TABLE deliveries (
            message INTEGER NOT NULL REFERENCES messages (seq),
            position INTEGER NOT NULL,
            agency TEXT NOT NULL,
            type TEXT NOT NULL,
            rank INTEGER NOT NULL,
            state INTEGER NOT NULL,
            rung TEXT NOT NULL,
            attempt INTEGER NOT NULL,
            lease_until INTEGER NOT NULL,
            ack_by INTEGER,
            decide_by INTEGER,
            serve_by INTEGER,
            PRIMARY KEY (message, position)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX deliveries_waiting ON deliveries (agency, rank, message, type) WHERE state = 0;
        CREATE INDEX deliveries_leased ON deliveries (agency, lease_until, type) WHERE state = 1;
        CREATE INDEX deliveries_settled ON deliveries (agency) WHERE state >= 2;
        CREATE TABLE leases (
            token BLOB PRIMARY KEY,
            message INTEGER NOT NULL,
            position INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            agency TEXT NOT NULL,
            until INTEGER NOT NULL,
            settled INTEGER NOT NULL,
            FOREIGN KEY (message, position) REFERENCES deliveries (message, position)
        ) STRICT, WITHOUT ROWID
        """

    /// Finds the leases that a delivery no longer needs.
    private static let version2 = """
        CREATE INDEX leases_unsettled ON leases (message, position, until) WHERE settled = 0
        """

    /// Messages without an index of their digests: it had no order, so each message dirtied a page of its own, half of
    /// all that was written. Rungs that wait for the sender of their message, those of older files included; deliveries that were given back
    /// for a while; the outbox; and when a lease began, as far as it is known.
    private static let version3 = """
        CREATE TABLE messages_anew (
            seq INTEGER PRIMARY KEY REFERENCES log (seq),
            sender TEXT NOT NULL,
            id TEXT NOT NULL,
            digest BLOB NOT NULL,
            type TEXT NOT NULL,
            expires INTEGER NOT NULL,
            envelope BLOB NOT NULL,
            UNIQUE (sender, id)
        ) STRICT;
        INSERT INTO messages_anew SELECT seq, sender, id, digest, type, expires, envelope FROM messages;
        DROP TABLE messages;
        ALTER TABLE messages_anew RENAME TO messages;
        ALTER TABLE deliveries ADD COLUMN not_before INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX deliveries_backing_off ON deliveries (agency, not_before, type) WHERE state = -1;
        ALTER TABLE leases ADD COLUMN since INTEGER NOT NULL DEFAULT 0;
        CREATE INDEX messages_sent ON messages (sender);
        CREATE TABLE rungs (
            leaf INTEGER PRIMARY KEY REFERENCES log (seq),
            agency TEXT NOT NULL,
            state INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            since INTEGER NOT NULL,
            until INTEGER NOT NULL,
            token BLOB
        ) STRICT;
        CREATE INDEX rungs_waiting ON rungs (agency, leaf) WHERE state = 0;
        CREATE INDEX rungs_held ON rungs (agency, until) WHERE state IN (-1, 1);
        CREATE UNIQUE INDEX rungs_token ON rungs (token) WHERE token IS NOT NULL;
        INSERT INTO rungs (leaf, agency, state, attempt, since, until)
            SELECT l.seq, m.sender, 0, 0, 0, 0 FROM log l JOIN messages m ON m.seq = l.message
            WHERE l.message IS NOT NULL
        """

    /// The state that each message with one has brought about, and a way from an id alone to the messages that have it:
    /// an answer says no more of what it answers. Ids begin with their time, so both grow at one end.
    private static let version4 = """
        CREATE TABLE steps (
            message INTEGER NOT NULL REFERENCES messages (seq),
            agency TEXT NOT NULL,
            subject TEXT NOT NULL,
            type TEXT NOT NULL,
            status TEXT NOT NULL,
            state TEXT NOT NULL,
            PRIMARY KEY (message, agency)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX steps_newest ON steps (subject, agency, type, status, message);
        CREATE INDEX messages_id ON messages (id)
        """

    /// Grants of consent as they stand, and the messages under each reference: those that change a grant, and those that
    /// stand on one, which a withdrawal finds here. Lists are words with blanks between them. A rung may be told to more
    /// than one agency. From here on an empty envelope is one that was erased.
    private static let version5 = """
        CREATE TABLE grants (
            status TEXT NOT NULL,
            reference TEXT NOT NULL,
            holder TEXT NOT NULL,
            share_with TEXT NOT NULL,
            purposes TEXT NOT NULL,
            types TEXT NOT NULL,
            since INTEGER NOT NULL,
            until INTEGER NOT NULL,
            ever_shared TEXT NOT NULL,
            ended INTEGER,
            cause TEXT,
            PRIMARY KEY (status, reference, holder)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE consented (
            status TEXT NOT NULL,
            reference TEXT NOT NULL,
            changes INTEGER NOT NULL,
            message INTEGER NOT NULL REFERENCES messages (seq),
            PRIMARY KEY (status, reference, changes, message)
        ) STRICT, WITHOUT ROWID;
        CREATE TABLE rungs_anew (
            leaf INTEGER NOT NULL REFERENCES log (seq),
            agency TEXT NOT NULL,
            state INTEGER NOT NULL,
            attempt INTEGER NOT NULL,
            since INTEGER NOT NULL,
            until INTEGER NOT NULL,
            token BLOB,
            PRIMARY KEY (leaf, agency)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO rungs_anew SELECT leaf, agency, state, attempt, since, until, token FROM rungs;
        DROP TABLE rungs;
        ALTER TABLE rungs_anew RENAME TO rungs;
        CREATE INDEX rungs_waiting ON rungs (agency, leaf) WHERE state = 0;
        CREATE INDEX rungs_held ON rungs (agency, until) WHERE state IN (-1, 1);
        CREATE UNIQUE INDEX rungs_token ON rungs (token) WHERE token IS NOT NULL
        """

    /// What senders owe, and the level of each delivery, which its message's answers have too. Messages from before have
    /// the times that their senders asked for, as their receipts say, and no level.
    private static let version6 = """
        CREATE TABLE owed (
            message INTEGER PRIMARY KEY REFERENCES messages (seq),
            review_by INTEGER,
            next_by INTEGER
        ) STRICT;
        ALTER TABLE deliveries ADD COLUMN level INTEGER
        """

    /// Whether a delivery that is held is pushed (1) or fetched (0), its failed attempts, why it is set aside or has
    /// ended; and a way to those that are parked (-2).
    private static let version7 = """
        ALTER TABLE deliveries ADD COLUMN way INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE deliveries ADD COLUMN failures INTEGER NOT NULL DEFAULT 0;
        ALTER TABLE deliveries ADD COLUMN cause TEXT;
        CREATE INDEX deliveries_parked ON deliveries (agency, message) WHERE state = -2
        """

    /// Attachments, each of one agency, and the messages of that agency that list them: while one does, the row stays.
    /// `listed` counts them. `name` is where the octets are; a row is there before its file, and gone before it.
    private static let attachments = """
        CREATE TABLE attachments (
            agency TEXT NOT NULL,
            digest BLOB NOT NULL,
            bytes INTEGER NOT NULL,
            name TEXT NOT NULL,
            at INTEGER NOT NULL,
            whole INTEGER NOT NULL,
            listed INTEGER NOT NULL,
            PRIMARY KEY (agency, digest)
        ) STRICT, WITHOUT ROWID;
        CREATE UNIQUE INDEX attachments_name ON attachments (name);
        CREATE INDEX attachments_bytes ON attachments (agency, bytes);
        CREATE INDEX attachments_unlisted ON attachments (agency) WHERE listed = 0;
        CREATE INDEX attachments_unneeded ON attachments (at) WHERE listed = 0;
        CREATE TABLE attached (
            digest BLOB NOT NULL,
            agency TEXT NOT NULL,
            message INTEGER NOT NULL REFERENCES messages (seq),
            until INTEGER NOT NULL,
            PRIMARY KEY (digest, agency, message),
            FOREIGN KEY (agency, digest) REFERENCES attachments (agency, digest)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX attached_message ON attached (message);
        CREATE INDEX attached_until ON attached (until)
        """

    /// What was said to envelopes that came in courier bundles, until their agency confirms it: the leaves of those
    /// receipts.
    private static let answers = """
        CREATE TABLE answers (
            agency TEXT NOT NULL,
            leaf INTEGER NOT NULL REFERENCES log (seq),
            PRIMARY KEY (agency, leaf)
        ) STRICT, WITHOUT ROWID
        """

    /// When the clocks of a delivery, and of what a sender owes, have something to do next, and what they have done
    /// (``ClockProgress/text``). Of an older file the clocks of what nobody has settled run from then on. Those of what was
    /// settled, and what senders owe for it, stay still: which answers had met them was not kept, and nobody is called
    /// for what may have been answered long ago.
    private static let clocks = """
        ALTER TABLE deliveries ADD COLUMN next_due INTEGER;
        ALTER TABLE deliveries ADD COLUMN clock_steps TEXT;
        UPDATE deliveries SET clock_steps = 'stopped' WHERE state BETWEEN 2 AND 4;
        UPDATE deliveries SET next_due = (
            SELECT min(moment) FROM (
                SELECT expires AS moment FROM messages WHERE seq = deliveries.message
                UNION ALL SELECT deliveries.ack_by
                UNION ALL SELECT deliveries.decide_by
                UNION ALL SELECT deliveries.serve_by))
            WHERE state < 2;
        CREATE INDEX deliveries_due ON deliveries (next_due) WHERE next_due IS NOT NULL;
        CREATE INDEX deliveries_fired ON deliveries (next_due) WHERE next_due IS NOT NULL AND clock_steps IS NOT NULL;
        ALTER TABLE owed ADD COLUMN agency TEXT NOT NULL DEFAULT '';
        ALTER TABLE owed ADD COLUMN thread TEXT NOT NULL DEFAULT '';
        ALTER TABLE owed ADD COLUMN status TEXT NOT NULL DEFAULT '';
        ALTER TABLE owed ADD COLUMN next_due INTEGER;
        ALTER TABLE owed ADD COLUMN clock_steps TEXT;
        CREATE INDEX owed_due ON owed (next_due) WHERE next_due IS NOT NULL;
        CREATE INDEX owed_open ON owed (agency, thread) WHERE next_due IS NOT NULL
        """

    /// The queues that are paused, each with the leaf that says by whom.
    private static let paused = """
        CREATE TABLE paused (
            agency TEXT PRIMARY KEY,
            leaf INTEGER NOT NULL REFERENCES log (seq)
        ) STRICT, WITHOUT ROWID
        """
}
