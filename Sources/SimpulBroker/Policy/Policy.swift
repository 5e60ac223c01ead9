public import SimpulCore

/// Who may send what to whom. What no rule allows is denied; an empty policy denies everything. Above every rule stand
/// the ``HardDenial``s, which no file can lift.
public struct Policy: Sendable {
    /// The digest of the file that it was read from.
    public let digest: Digest
    /// The rules, in the order of the file.
    public let rules: [Rule]
    /// Agencies that rules speak of by one name, the same for everybody.
    public let groups: [GroupName: Set<AgencyID>]
    /// The data protection impact assessment that the network stands on; nil where there is none, and then nothing
    /// that matches or scores is taken (UU 27/2022, article 34).
    public let impactAssessment: String?
    /// By when whom owes what.
    public let clocks: ClockPolicy

    /// The agencies whose signatures a change of the rules needs, two of them (protocol §9).
    public let approvers: [AgencyID]

    private let rulesByType: [MessageType: [Rule]]

    /// A policy of those rules and clocks.
    public init(
        rules: [Rule], groups: [GroupName: Set<AgencyID>] = [:], impactAssessment: String? = nil,
        clocks: ClockPolicy = .standard, approvers: [AgencyID] = [], digest: Digest
    ) {
        self.rules = rules
        self.groups = groups
        self.impactAssessment = impactAssessment
        self.clocks = clocks
        self.approvers = approvers
        self.digest = digest
        rulesByType = Dictionary(grouping: rules, by: \.type)
    }

    /// What the policy says about one recipient of a message.
    /// - Parameters:
    ///   - header: the header of the message, which its schema has accepted.
    ///   - sender: its sender.
    ///   - recipient: one of its recipients or fallbacks.
    ///   - answersRed: whether what it answers is TLP:RED, which only the broker that has both can tell.
    public func decide(
        _ header: Header, from sender: Agency, to recipient: Agency, answersRed: Bool = false
    ) -> PolicyDecision {
        if let denial = HardDenial.denying(header, from: sender, to: recipient, answersRed: answersRed) {
            return .denied(.never(denial))
        }
        let type = header.type
        if type.matchesPersons, impactAssessment == nil { return .denied(.noImpactAssessment(type)) }
        let aboutType = rulesByType[type] ?? []
        if aboutType.isEmpty { return .denied(.noRuleForType(type)) }
        var asked: [String] = []
        var fitting: (pair: Bool, sender: Bool, recipient: Bool) = (false, false, false)
        for rule in aboutType {
            let (maySend, mayReceive) = (includes(sender, rule.from), includes(recipient, rule.to))
            if maySend && mayReceive {
                if rule.condition.holds(for: header) { return accepted(header, by: recipient, from: sender, rule) }
                if !fitting.pair { asked = rule.condition.missed(by: header) }
                fitting.pair = true
            }
            fitting.sender = fitting.sender || maySend
            fitting.recipient = fitting.recipient || mayReceive
        }
        if fitting.pair { return .denied(.conditionNotMet(type, members: asked)) }
        if !fitting.sender { return .denied(.senderRoleMaySendNone(type)) }
        return .denied(fitting.recipient ? .pairNotAllowed(type) : .recipientRoleMayReceiveNone(type))
    }

    /// A recipient may take less than the policy lets it: what its own entry in the roster says, in its own groups.
    private func accepted(
        _ header: Header, by recipient: Agency, from sender: Agency, _ rule: Rule
    ) -> PolicyDecision {
        guard let narrowed = recipient.accepts[header.type],
            !includes(sender, narrowed, local: recipient.groups)
        else { return .allowed(rule: rule.id) }
        return .denied(.recipientTakesLess(header.type))
    }

    private func includes(
        _ agency: Agency, _ parties: Parties, local: [GroupName: Set<AgencyID>] = [:]
    ) -> Bool {
        !parties.roles.isDisjoint(with: agency.roles)
            || parties.groups.contains { (local[$0] ?? groups[$0] ?? []).contains(agency.id) }
    }
}

/// What a group of agencies is called: 1 to 32 of a-z, 0-9 and `-`. In a list of parties it stands behind an `@`.
public struct GroupName: Hashable, Sendable, CustomStringConvertible {
    /// The name, without `@`.
    public let description: String

    /// Parses a name; nil where it is none.
    public init?(_ text: String) {
        guard (1...32).contains(text.utf8.count) else { return nil }
        let isName = text.utf8.allSatisfy { byte in
            UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
                || byte == UInt8(ascii: "-")
        }
        guard isName else { return nil }
        description = text
    }
}

/// One side of a rule: agencies with one of the roles, and those of the groups.
public struct Parties: Sendable, Hashable {
    /// Every agency with one of these roles.
    public var roles: Set<Role>
    /// Every agency of one of these groups.
    public var groups: Set<GroupName>

    /// A side of a rule.
    public init(roles: Set<Role>, groups: Set<GroupName> = []) {
        self.roles = roles
        self.groups = groups
    }
}

extension MessageType {
    /// Whether the message matches what several agencies know of persons: the law asks for an impact assessment first.
    var matchesPersons: Bool { self == .correlationSubmit || self == .correlationNotice }
}
