internal import Glibc
internal import NIOCore
internal import NIOPosix

/// Who is at the other end of a Unix domain socket, as the kernel noted it when the connection was made (unix(7),
/// `SO_PEERCRED`). It stays so, whatever the process does later.
struct LocalPeer: Sendable, Hashable {
    /// The number of the user.
    let user: UInt32
    /// The number of the user's own group at that moment.
    let group: UInt32

    /// The kernel's `struct ucred`.
    private struct Credentials: Sendable {
        var process: Int32 = 0
        var user: UInt32 = 0
        var group: UInt32 = 0
    }

    /// The peer of a connection; nil where the system does not tell.
    static func of(_ channel: any Channel) -> EventLoopFuture<LocalPeer?> {
        guard let options = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeSucceededFuture(nil)
        }
        let credentials: EventLoopFuture<Credentials> = options.unsafeGetSocketOption(
            level: .init(rawValue: SOL_SOCKET), name: .init(rawValue: SO_PEERCRED))
        return credentials.map { LocalPeer(user: $0.user, group: $0.group) }
            .flatMapErrorThrowing { _ in nil }
    }

    /// What the machine's own tables say about the peer. They may lie behind a network, so this waits on a thread that
    /// nobody else needs.
    func account() async throws -> LocalAccount {
        try await NIOThreadPool.singleton.runIfActive { LocalAccount(user: user, group: group) }
    }
}

/// A user of this machine.
struct LocalAccount: Sendable, Hashable {
    /// The most groups of one user that are looked at; the kernel allows 65 536.
    private static let mostGroups = 1024

    /// The name; nil where there is none, or it is longer than 64 octets or not plain.
    let name: String?
    /// The groups that the user is in.
    let groups: Set<UInt32>

    init(name: String?, groups: Set<UInt32>) {
        self.name = name
        self.groups = groups
    }

    /// Looks a user up.
    init(user: UInt32, group: UInt32) {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 * 1024)
        guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil, let name = entry.pw_name
        else {
            self.init(name: nil, groups: [group])
            return
        }
        var groups = [gid_t](repeating: 0, count: Self.mostGroups)
        var count = Int32(groups.count)
        let isWhole = getgrouplist(name, group, &groups, &count) >= 0
        let text = String(cString: name)
        let isPlain = (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        self.init(
            name: isPlain ? text : nil, groups: isWhole ? Set(groups.prefix(Int(count))).union([group]) : [group])
    }
}
