internal import CSQLite
internal import NIOConcurrencyHelpers

/// A SQLite VFS over the system's whose disk a test can watch and break, for each database by itself.
///
/// It lets the system's VFS open a file, then puts its own `xWrite` and `xSync` in front of the file's methods.
enum FaultyVFS {
    /// What its users give to SQLite.
    static let name = "simpul-faulty"

    /// What happened to a file.
    enum Event: Sendable, Equatable {
        /// Octets were handed to the kernel.
        case wrote
        /// The kernel was asked for an fsync, and said yes.
        case synced
        /// The fsync failed.
        case failedToSync
    }

    /// Registers it, once in the process.
    static func register() { _ = registered }

    /// What has happened so far to the write-ahead log of a database.
    static func events(of database: String) -> [Event] {
        state.withLockedValue { $0.events[database + "-wal"] ?? [] }
    }

    /// Lets each fsync of a database's write-ahead log fail, or no longer.
    static func failSyncs(of database: String, _ fails: Bool) {
        state.withLockedValue { state in
            if fails { state.failing.insert(database + "-wal") } else { state.failing.remove(database + "-wal") }
        }
    }

    /// Lets each fsync of the database's own file fail, or no longer: checkpoints fail, commits do not.
    static func failCheckpoints(of database: String, _ fails: Bool) {
        state.withLockedValue { state in
            if fails { state.failing.insert(database) } else { state.failing.remove(database) }
        }
    }

    private typealias Methods = UnsafePointer<sqlite3_io_methods>

    private struct State {
        var events: [String: [Event]] = [:]
        var failing: Set<String> = []
        /// Open files, by address.
        var paths: [Int: String] = [:]
        /// The methods in front, by the address of the system's.
        var front: [Int: Int] = [:]
        /// The system's methods, by the address of those in front.
        var system: [Int: Int] = [:]
    }

    /// SQLITE_IOERR_FSYNC, a macro that Swift does not import.
    private static let failedSync = SQLITE_IOERR | 4 << 8

    private static let state = NIOLockedValueBox(State())

    private static let registered: Bool = {
        guard let system = sqlite3_vfs_find(nil) else { return false }
        // SQLite keeps both for the life of the process.
        let vfs = UnsafeMutablePointer<sqlite3_vfs>.allocate(capacity: 1)
        vfs.initialize(to: system.pointee)
        vfs.pointee.pNext = nil
        let characters = Self.name.utf8CString
        let name = UnsafeMutableBufferPointer<CChar>.allocate(capacity: characters.count)
        _ = name.initialize(from: characters)
        vfs.pointee.zName = UnsafePointer(name.baseAddress)
        vfs.pointee.xOpen = { _, path, file, flags, outFlags in
            guard let file, let system = sqlite3_vfs_find(nil), let open = system.pointee.xOpen else {
                return SQLITE_CANTOPEN
            }
            let code = open(system, path, file, flags, outFlags)
            if code == SQLITE_OK, let path { FaultyVFS.front(file, path: String(cString: path)) }
            return code
        }
        return sqlite3_vfs_register(vfs, 0) == SQLITE_OK
    }()

    private static func front(_ file: UnsafeMutablePointer<sqlite3_file>, path: String) {
        guard let methods = file.pointee.pMethods else { return }
        let address = state.withLockedValue { state -> Int in
            state.paths[Int(bitPattern: file)] = path
            if let known = state.front[Int(bitPattern: methods)] { return known }
            let copy = UnsafeMutablePointer<sqlite3_io_methods>.allocate(capacity: 1)
            copy.initialize(to: methods.pointee)
            copy.pointee.xWrite = { FaultyVFS.write($0, $1, $2, $3) }
            copy.pointee.xSync = { FaultyVFS.sync($0, $1) }
            state.front[Int(bitPattern: methods)] = Int(bitPattern: copy)
            state.system[Int(bitPattern: copy)] = Int(bitPattern: methods)
            return Int(bitPattern: copy)
        }
        file.pointee.pMethods = Methods(bitPattern: address)
    }

    private static func write(
        _ file: UnsafeMutablePointer<sqlite3_file>?, _ data: UnsafeRawPointer?, _ count: Int32, _ offset: Int64
    ) -> Int32 {
        guard let file, let write = system(of: file)?.pointee.xWrite else { return SQLITE_IOERR | 3 << 8 }
        record(.wrote, file)
        return write(file, data, count, offset)
    }

    private static func sync(_ file: UnsafeMutablePointer<sqlite3_file>?, _ flags: Int32) -> Int32 {
        guard let file, let sync = system(of: file)?.pointee.xSync else { return failedSync }
        let fails = state.withLockedValue { state in
            state.paths[Int(bitPattern: file)].map { state.failing.contains($0) } ?? false
        }
        guard !fails else {
            record(.failedToSync, file)
            return failedSync
        }
        let code = sync(file, flags)
        record(code == SQLITE_OK ? .synced : .failedToSync, file)
        return code
    }

    private static func record(_ event: Event, _ file: UnsafeMutablePointer<sqlite3_file>) {
        state.withLockedValue { state in
            guard let path = state.paths[Int(bitPattern: file)] else { return }
            state.events[path, default: []].append(event)
        }
    }

    private static func system(of file: UnsafeMutablePointer<sqlite3_file>) -> Methods? {
        let front = Int(bitPattern: file.pointee.pMethods)
        return state.withLockedValue { $0.system[front] }.flatMap { Methods(bitPattern: $0) }
    }
}
