public import SimpulCore

/// Who may send what to whom. What no rule allows is denied; an empty policy denies everything.
public struct Policy: Sendable {
    /// The digest of the file that it was read from.
    public let digest: Digest
    /// The rules, in the order of the file.
    public let rules: [Rule]
    /// By when whom owes what.
    public let clocks: ClockPolicy

    /// A rule: agencies with one of the roles `from` may send that type to agencies with one of the roles `to`.
    public struct Rule: Sendable, Hashable {
        /// What the rule is called in decisions, such as `alert-from-desk`.
        public var id: String
        /// The type of message.
        public var type: MessageType
        /// The sender has one of these roles.
        public var from: Set<Role>
        /// The recipient has one of these roles.
        public var to: Set<Role>
        /// The law or agreement that the rule stands on.
        public var basis: String

        /// A rule.
        public init(id: String, type: MessageType, from: Set<Role>, to: Set<Role>, basis: String) {
            self.id = id
            self.type = type
            self.from = from
            self.to = to
            self.basis = basis
        }
    }

    /// A policy of those rules and clocks.
    public init(rules: [Rule], clocks: ClockPolicy = .standard, digest: Digest) {
        self.rules = rules
        self.clocks = clocks
        self.digest = digest
    }

    /// What the policy says about one recipient of a message.
    public func decide(_ type: MessageType, from sender: Agency, to recipient: Agency) -> PolicyDecision {
        let aboutType = rules.filter { $0.type == type }
        if aboutType.isEmpty { return .denied(.noRuleForType(type)) }
        let mayReceive = aboutType.filter { !$0.to.isDisjoint(with: recipient.roles) }
        if let rule = mayReceive.first(where: { !$0.from.isDisjoint(with: sender.roles) }) {
            return .allowed(rule: rule.id)
        }
        let maySend = aboutType.contains { !$0.from.isDisjoint(with: sender.roles) }
        if !maySend { return .denied(.senderRoleMaySendNone(type)) }
        return .denied(mayReceive.isEmpty ? .recipientRoleMayReceiveNone(type) : .pairNotAllowed(type))
    }
}

/// What a policy says about one recipient; a value with its reason, for the answer, the log and the tests alike.
public enum PolicyDecision: Sendable, Hashable {
    /// The rule with that id allows it.
    case allowed(rule: String)
    /// No rule allows it; what it would have needed.
    case denied(MissedRule)
}

/// The rule that a denied message would have needed.
public enum MissedRule: Sendable, Hashable {
    /// The policy has no rule for the type at all.
    case noRuleForType(MessageType)
    /// No rule lets the sender's roles send the type to anybody.
    case senderRoleMaySendNone(MessageType)
    /// No rule lets the recipient's roles receive the type from anybody.
    case recipientRoleMayReceiveNone(MessageType)
    /// Both take part in the type, but not with each other.
    case pairNotAllowed(MessageType)

    /// The missed rule, for the sender; it names the type and no other value of the message.
    public var text: LocalizedText {
        switch self {
        case .noRuleForType(let type):
            LocalizedText(
                "missed rule: the policy has no rule for \(type.rawValue)",
                "aturan yang tidak ada: kebijakan tidak memuat aturan untuk \(type.rawValue)")
        case .senderRoleMaySendNone(let type):
            LocalizedText(
                "missed rule: none lets your roles send \(type.rawValue)",
                "aturan yang tidak ada: peran Anda tidak boleh mengirim \(type.rawValue)")
        case .recipientRoleMayReceiveNone(let type):
            LocalizedText(
                "missed rule: none lets the recipient's roles receive \(type.rawValue)",
                "aturan yang tidak ada: peran penerima tidak boleh menerima \(type.rawValue)")
        case .pairNotAllowed(let type):
            LocalizedText(
                "missed rule: none lets your roles send \(type.rawValue) to the recipient's roles",
                "aturan yang tidak ada: peran Anda tidak boleh mengirim \(type.rawValue) kepada peran penerima")
        }
    }
}
