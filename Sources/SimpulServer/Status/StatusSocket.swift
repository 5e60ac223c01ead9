internal import Glibc

/// The mode of the status socket: who may open it may read everything on it.
enum StatusSocket {
    /// Readable and writable by its owner and group. Before this the process's umask has kept others out.
    static func restrict(_ path: String) -> Bool { chmod(path, 0o660) == 0 }
}
