internal import NIOConcurrencyHelpers

/// The roster and the policy in force. A reload replaces both at once; whoever reads sees one consistent pair.
public final class Rulebook: Sendable {
    private let current: NIOLockedValueBox<Rules>

    /// The roster and the policy of one moment.
    public struct Rules: Sendable {
        /// Who takes part.
        public var roster: Roster
        /// Who may send what to whom.
        public var policy: Policy

        /// Rules.
        public init(roster: Roster, policy: Policy) {
            self.roster = roster
            self.policy = policy
        }
    }

    /// A book that starts with those rules.
    public init(_ rules: Rules) { current = NIOLockedValueBox(rules) }

    /// The rules in force now.
    public var rules: Rules { current.withLockedValue { $0 } }

    /// Brings new rules into force.
    public func replace(with rules: Rules) { current.withLockedValue { $0 = rules } }
}
