internal import SimpulBroker

extension Schema {
    /// When each message is looked at whose envelope is there; of a purged one the leaf that says so, and what is kept of
    /// its header. The envelopes of an older file are looked at as if the broker had run this version all the time.
    static let purges = """
        ALTER TABLE messages ADD COLUMN kept BLOB;
        ALTER TABLE messages ADD COLUMN purge_leaf INTEGER REFERENCES log (seq);
        CREATE TABLE purges (
            due INTEGER NOT NULL,
            message INTEGER NOT NULL REFERENCES messages (seq),
            PRIMARY KEY (due, message)
        ) STRICT, WITHOUT ROWID;
        INSERT INTO purges SELECT min(m.expires, l.at + 86400000), m.seq
            FROM messages m JOIN log l ON l.seq = m.seq WHERE length(m.envelope) > 0
        """
}
