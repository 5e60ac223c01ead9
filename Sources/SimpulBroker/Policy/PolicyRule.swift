public import SimpulCore

extension Policy {
    /// A rule: agencies of `from` may send that type to agencies of `to`, where the condition holds.
    public struct Rule: Sendable, Hashable {
        /// What the rule is called in decisions, such as `alert-from-desk`.
        public var id: String
        /// The type of message.
        public var type: MessageType
        /// The sender is one of these.
        public var from: Parties
        /// The recipient is one of these.
        public var to: Parties
        /// What the header must say besides.
        public var condition: Condition
        /// The law or agreement that the rule stands on.
        public var basis: String

        /// A rule.
        public init(
            id: String, type: MessageType, from: Parties, to: Parties, condition: Condition = Condition(),
            basis: String
        ) {
            self.id = id
            self.type = type
            self.from = from
            self.to = to
            self.condition = condition
            self.basis = basis
        }
    }

    /// What a rule asks of a header besides its type; nothing where everything is nil.
    public struct Condition: Sendable, Hashable {
        /// `purpose` is one of these.
        public var purposes: Set<Header.Purpose>?
        /// `audience` is one of these; a header without one does not meet it.
        public var audiences: Set<Header.Audience>?
        /// `mode` is one of these; a header without one does not meet it.
        public var modes: Set<Header.ReferralMode>?
        /// `privacy` is at most this class.
        public var highestClass: PrivacyClass?
        /// Whether it must say `riskOnly`.
        public var asksForRiskOnly = false

        /// A condition that every header meets.
        public init() {}

        /// Whether a header meets it.
        public func holds(for header: Header) -> Bool {
            purposes?.contains(header.purpose) ?? true
                && audiences.map { wanted in header.audience.map(wanted.contains) ?? false } ?? true
                && modes.map { wanted in header.mode.map(wanted.contains) ?? false } ?? true
                && highestClass.map { header.privacy <= $0 } ?? true
                && (!asksForRiskOnly || header.isRiskOnly)
        }

        /// The members of a header that do not meet it; none where it holds.
        public func missed(by header: Header) -> [String] {
            var members: [String] = []
            func ask(_ member: String, _ change: (inout Condition) -> Void) {
                var one = Condition()
                change(&one)
                if !one.holds(for: header) { members.append(member) }
            }
            ask("purpose") { $0.purposes = purposes }
            ask("audience") { $0.audiences = audiences }
            ask("mode") { $0.modes = modes }
            ask("privacy") { $0.highestClass = highestClass }
            ask("riskOnly") { $0.asksForRiskOnly = asksForRiskOnly }
            return members
        }
    }
}
