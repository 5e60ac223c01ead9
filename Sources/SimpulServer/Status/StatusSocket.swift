internal import Glibc

/// The mode of the status socket: who may open it may read everything on it.
enum StatusSocket {
    /// - Returns: false where the system refuses it.
    static func setMode(_ mode: UInt32, of path: String) -> Bool { chmod(path, mode) == 0 }
}
