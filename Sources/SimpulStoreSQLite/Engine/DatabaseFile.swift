internal import Glibc
internal import SimpulBroker

/// The file that holds everything, and the right of one process to write it.
///
/// The right is an advisory lock on `<path>.lock`. The kernel drops it when the process ends, however it ends, so a
/// lock file that is left behind never stops a start.
final class DatabaseFile: Sendable {
    let path: String
    private let lock: CInt

    /// Takes the right, and makes the file, readable for its owner alone, where there is none.
    init(claiming path: String) throws(StoreError) {
        let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard lock >= 0 else { throw .system("opening \(path).lock") }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            let error =
                errno == EWOULDBLOCK
                ? StoreError(.unavailable, "\(path) is in use by another process") : .system("locking \(path).lock")
            close(lock)
            throw error
        }
        self.lock = lock
        self.path = path
        try Self.create(path)
    }

    deinit { close(lock) }

    private static func create(_ path: String) throws(StoreError) {
        let file = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard file >= 0 else { throw .system("opening \(path)") }
        defer { close(file) }
        // SQLite gives its -wal and -shm files the mode of this one.
        guard fchmod(file, 0o600) == 0 else { throw .system("setting the mode of \(path)") }
        let end = path.lastIndex(of: "/").map { path[...$0] } ?? "./"
        let directory = open(String(end), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw .system("opening the directory of \(path)") }
        defer { close(directory) }
        // A file whose name is not on disk is gone after a power failure, with every message in it.
        guard fsync(directory) == 0 else { throw .system("syncing the directory of \(path)") }
    }
}

extension StoreError {
    fileprivate static func system(_ what: String) -> StoreError {
        StoreError(.unavailable, "\(what): \(String(cString: strerror(errno)))")
    }
}
