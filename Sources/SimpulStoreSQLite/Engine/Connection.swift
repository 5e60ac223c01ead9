internal import CSQLite
internal import SimpulBroker

/// One connection to a database file. It belongs to one thread at a time; whoever holds it sees to that.
final class Connection {
    /// What a connection may do.
    enum Mode {
        /// Reads and writes, and makes the file where there is none.
        case write
        /// Reads only.
        case read
    }

    let path: String
    private static let busyMilliseconds: Int32 = 250
    private let handle: OpaquePointer
    /// Pages in the write-ahead log after the last commit of this connection.
    private(set) var writeAheadPages = 0

    /// - Parameter vfs: the SQLite VFS to go through; nil for the system's.
    init(path: String, mode: Mode, vfs: String? = nil) throws(StoreError) {
        let access =
            switch mode {
            case .write: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE
            case .read: SQLITE_OPEN_READONLY
            }
        var handle: OpaquePointer?
        let code = sqlite3_open_v2(path, &handle, access | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, vfs)
        guard code == SQLITE_OK, let handle else {
            let error = StoreError(sqlite: code, "opening \(path)", handle)
            sqlite3_close_v2(handle)
            throw error
        }
        self.handle = handle
        self.path = path
        // Only checkpoints and other processes' readers are ever waited for.
        sqlite3_busy_timeout(handle, Self.busyMilliseconds)
        if mode == .write { countWriteAheadPages() }
    }

    private func countWriteAheadPages() {
        // The hook takes the place of SQLite's own, which would checkpoint inside a commit. It cannot outlive the
        // connection that it points to: deinit closes the handle.
        let connection = Unmanaged.passUnretained(self).toOpaque()
        _ = sqlite3_wal_hook(
            handle,
            { connection, _, _, pages in
                guard let connection else { return SQLITE_OK }
                Unmanaged<Connection>.fromOpaque(connection).takeUnretainedValue().writeAheadPages = Int(pages)
                return SQLITE_OK
            }, connection)
    }

    deinit { sqlite3_close_v2(handle) }

    /// Runs statements that give no rows.
    func execute(_ sql: String) throws(StoreError) {
        let code = sqlite3_exec(handle, sql, nil, nil, nil)
        guard code == SQLITE_OK else { throw failure(code, sql) }
    }

    /// Compiles one statement, to be kept.
    func prepare(_ sql: String) throws(StoreError) -> Statement {
        var statement: OpaquePointer?
        let code = sqlite3_prepare_v3(handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &statement, nil)
        guard code == SQLITE_OK, let statement else { throw failure(code, sql) }
        return Statement(statement, of: self)
    }

    /// Sets a pragma, and insists that it took.
    func require(pragma name: String, _ value: String, reads expected: String? = nil) throws(StoreError) {
        try execute("PRAGMA \(name) = \(value)")
        let actual = try pragma(name)
        guard actual == expected ?? value else {
            throw StoreError(.unavailable, "PRAGMA \(name) is \(actual), must be \(expected ?? value)")
        }
    }

    /// The value of a pragma, as text.
    func pragma(_ name: String) throws(StoreError) -> String {
        try prepare("PRAGMA \(name)").first { row throws(StoreError) in try row.text(0) } ?? ""
    }

    /// Whether no transaction is open, because none was begun or because an error has ended it.
    var isIdle: Bool { sqlite3_get_autocommit(handle) != 0 }

    /// Moves what the write-ahead log holds into the file, without waiting for anybody.
    /// - Returns: false where another connection is doing so already.
    func checkpoint() throws(StoreError) -> Bool {
        let code = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_PASSIVE, nil, nil)
        guard code == SQLITE_OK || code & 0xFF == SQLITE_BUSY else { throw failure(code, "checkpoint") }
        return code == SQLITE_OK
    }

    /// Moves what the write-ahead log holds into the file, and cuts the log to nothing.
    /// - Parameter patience: how many milliseconds to wait for those who read an older state.
    /// - Returns: false where somebody stands in the way.
    func emptyWriteAheadLog(patience: Int32) throws(StoreError) -> Bool {
        sqlite3_busy_timeout(handle, patience)
        defer { sqlite3_busy_timeout(handle, Self.busyMilliseconds) }
        let code = sqlite3_wal_checkpoint_v2(handle, nil, SQLITE_CHECKPOINT_TRUNCATE, nil, nil)
        guard code == SQLITE_OK || code & 0xFF == SQLITE_BUSY else { throw failure(code, "checkpoint") }
        return code == SQLITE_OK
    }

    func failure(_ code: Int32, _ what: String) -> StoreError { StoreError(sqlite: code, what, handle) }
}

extension StoreError {
    /// The error of a result code. SQLite's text names tables, columns and files, never a value.
    init(sqlite code: Int32, _ what: String, _ handle: OpaquePointer?) {
        let text = handle.flatMap { sqlite3_errmsg($0) }.map { String(cString: $0) } ?? "no memory"
        let primary = code & 0xFF
        self.init(
            primary == SQLITE_CORRUPT || primary == SQLITE_NOTADB ? .corrupt : .unavailable,
            "\(what.prefix(80)): \(text) (\(code))")
    }
}
