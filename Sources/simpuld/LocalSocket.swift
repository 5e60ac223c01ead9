import Glibc

/// The address of a Unix domain socket.
struct LocalAddress {
    private var address = sockaddr_un()
    private let length: socklen_t

    /// An address; nil for a path that is empty or does not fit. A leading `@` names the abstract namespace.
    init?(_ path: String) {
        var octets = Array(path.utf8)
        guard !octets.isEmpty, octets.count < MemoryLayout.size(ofValue: address.sun_path) else { return nil }
        let isAbstract = octets[0] == UInt8(ascii: "@")
        if isAbstract { octets[0] = 0 }
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: octets) }
        let start = MemoryLayout<sockaddr_un>.offset(of: \.sun_path) ?? 2
        length = socklen_t(start + octets.count + (isAbstract ? 0 : 1))
    }

    /// Connects a socket to the address.
    /// - Returns: 0, or the system's number for the reason.
    func connect(_ descriptor: Int32) -> Int32 {
        withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
                Glibc.connect(descriptor, pointer, length) == 0 ? 0 : errno
            }
        }
    }
}

/// Tells the service manager how the daemon is (sd_notify(3)). Does nothing where none has asked to be told.
enum ServiceManager {
    static func notify(_ state: String) {
        guard let variable = getenv("NOTIFY_SOCKET"), let address = LocalAddress(String(cString: variable)) else {
            return
        }
        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        guard address.connect(descriptor) == 0 else { return }
        _ = Array(state.utf8).withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
    }
}

/// The file of the status socket before the daemon listens on it.
enum StatusSocketFile {
    /// Removes a socket that nobody answers on any more.
    /// - Throws: where something else is there, or somebody answers.
    static func clear(_ path: String) throws(StartFailure) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw .cannotServe("\(path) is there and is no socket") }
        let descriptor = socket(
            AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        guard descriptor >= 0, let address = LocalAddress(path) else {
            throw .cannotServe("\(path) cannot be looked at")
        }
        defer { close(descriptor) }
        guard address.connect(descriptor) == ECONNREFUSED else {
            throw .cannotServe("another daemon answers on \(path)")
        }
        guard unlink(path) == 0 else { throw .cannotServe("\(path) is left over and cannot be removed") }
    }
}
