/// What somebody may do on the status socket (protocol §6). Each role may do what those before it may.
public enum StatusRole: String, Sendable, CaseIterable, Comparable {
    /// Reads.
    case viewer
    /// Acts on what is under way: drain, resume, reload.
    case `operator`
    /// Whatever there is.
    case admin

    /// Whether the first may less than the second.
    public static func < (one: Self, other: Self) -> Bool { one.rank < other.rank }

    private var rank: Int {
        switch self {
        case .viewer: 0
        case .operator: 1
        case .admin: 2
        }
    }
}

/// Who has which role on the status socket. Whoever is not named only reads, so a change takes a name in the settings.
public struct StatusRights: Sendable, Hashable {
    /// Users and groups of this machine, by their numbers.
    public struct Members: Sendable, Hashable {
        /// What the kernel says where it cannot name somebody in this user namespace (`overflowuid`, `overflowgid`): it
        /// stands for anybody, so it is nobody's name.
        public static let overflow: UInt32 = 65_534

        /// The numbers of users.
        public var users: Set<UInt32>
        /// The numbers of groups.
        public var groups: Set<UInt32>

        /// Users and groups.
        public init(users: Set<UInt32> = [], groups: Set<UInt32> = []) {
            self.users = users
            self.groups = groups
        }

        func has(user: UInt32, groups: Set<UInt32>) -> Bool {
            user != Self.overflow && (users.contains(user) || !self.groups.isDisjoint(with: groups))
        }
    }

    /// Who acts.
    public var operators: Members
    /// Who may whatever there is, besides root and the user that the broker runs as.
    public var admins: Members

    /// Rights.
    public init(operators: Members = Members(), admins: Members = Members()) {
        self.operators = operators
        self.admins = admins
    }

    /// The role of a user who is in those groups, where the broker runs as that user.
    public func role(of user: UInt32, groups: Set<UInt32>, brokerRunsAs daemon: UInt32) -> StatusRole {
        let isOwn = user == daemon && user != Members.overflow
        if user == 0 || isOwn || admins.has(user: user, groups: groups) { return .admin }
        return operators.has(user: user, groups: groups) ? .operator : .viewer
    }
}
