internal import Glibc
internal import SimpulBroker
internal import StrictYAML

extension StatusRights.Members {
    /// The most users and groups of one role.
    private static let most = 64

    /// Users and groups, each by its name on this machine or by its number. A name that the machine does not know is a
    /// fault: it would let nobody act, and nobody would know why.
    init?(_ map: YAMLMap) {
        let users = map.optional("users")?.list(atMost: Self.most) { node in
            node.value("the name or number of a user of this machine") { Self.known(UInt32($0) ?? Self.user($0)) }
        }
        let groups = map.optional("groups")?.list(atMost: Self.most) { node in
            node.value("the name or number of a group of this machine") { Self.known(UInt32($0) ?? Self.group($0)) }
        }
        self.init(users: Set(users ?? []), groups: Set(groups ?? []))
    }

    /// Nobody is no operator: the kernel calls everybody so whom it cannot name.
    private static func known(_ number: UInt32?) -> UInt32? { number == overflow ? nil : number }

    private static func user(_ name: String) -> UInt32? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 * 1024)
        guard getpwnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.pw_uid
    }

    private static func group(_ name: String) -> UInt32? {
        var entry = Glibc.group()
        var found: UnsafeMutablePointer<Glibc.group>?
        var buffer = [CChar](repeating: 0, count: 64 * 1024)
        guard getgrnam_r(name, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return nil }
        return entry.gr_gid
    }
}
