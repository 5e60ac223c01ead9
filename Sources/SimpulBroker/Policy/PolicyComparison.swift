public import SimpulCore

/// What two policies say differently about headers that were sent.
public struct PolicyComparison: Sendable {
    /// Messages of one kind between one pair that the new policy decides otherwise.
    public struct Change: Sendable, Hashable {
        /// The type.
        public var type: MessageType
        /// The sender.
        public var sender: AgencyID
        /// The party that it is about.
        public var recipient: AgencyID
        /// What the old policy says.
        public var old: PolicyDecision
        /// What the new policy says.
        public var new: PolicyDecision
    }

    /// What changes, and how often. There are no more entries than pairs of agencies times types that were in use.
    public private(set) var changes: [Change: Int] = [:]
    /// Headers that were judged.
    public private(set) var messages = 0
    /// Parties of them that the roster does not have any more; they were not judged.
    public private(set) var strangers = 0
    private let old: Policy
    private let new: Policy
    private let roster: Roster

    /// A comparison, with nothing judged yet.
    public init(_ old: Policy, _ new: Policy, roster: Roster) {
        (self.old, self.new, self.roster) = (old, new, roster)
    }

    /// Judges one header by both.
    public mutating func add(_ header: Header) {
        messages += 1
        guard let sender = roster.party(header.sender, of: header.hub) else {
            strangers += 1
            return
        }
        for id in header.recipients + header.fallback {
            guard let recipient = roster.party(id, of: header.hub) else {
                strangers += 1
                continue
            }
            let was = old.decide(header, from: sender, to: recipient)
            let now = new.decide(header, from: sender, to: recipient)
            guard was.passes != now.passes else { continue }
            let change = Change(type: header.type, sender: header.sender, recipient: id, old: was, new: now)
            changes[change, default: 0] += 1
        }
    }
}

extension PolicyDecision {
    /// Whether it lets the message pass.
    public var passes: Bool { if case .allowed = self { true } else { false } }
}
