public import SimpulBroker
internal import SimpulCore

/// A look into the log of a file, also while a broker has it open. Nothing is written.
public enum StoredLog {
    /// The newest leaf of that subject, or nil; of receipts always nil, and nil in a file without tables.
    /// - Throws: where the file cannot be opened, is newer than this program, or is another program's.
    public static func newest(_ subject: LogRecord.Subject, path: String) throws(StoreError) -> LogRecord? {
        let connection = try Connection(path: path, mode: .read)
        guard try Schema.version(of: connection) > 0 else { return nil }
        return try connection.prepare(SQL.lastConfiguration).first(.text(subject.rawValue)) { row in
            LogRecord(subject: subject, at: row.time(0), octets: row.blob(1))
        }
    }
}
