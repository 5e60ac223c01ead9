internal import Glibc
internal import NIOCore

/// The user at the other end of a Unix domain socket, as the kernel knew it when the connection was made.
enum PeerUser {
    /// The user that this process runs as.
    static var own: UInt32 { geteuid() }

    /// The user's number; nil where the channel is no such socket.
    static func of(_ channel: any Channel) async -> UInt32? {
        guard let provider = channel as? any SocketOptionProvider else { return nil }
        let option: EventLoopFuture<Credentials> = provider.unsafeGetSocketOption(
            level: .init(rawValue: CInt(SOL_SOCKET)), name: .init(rawValue: CInt(SO_PEERCRED)))
        return try? await option.get().user
    }

    /// `struct ucred` of unix(7), which the C library shows only to those who ask for GNU extensions.
    private struct Credentials: Sendable {
        var process: Int32
        var user: UInt32
        var group: UInt32
    }
}
