public import SimpulCore

/// A policy as a table: what each role, and each group, may send and receive, under whatever condition.
public struct PolicyMatrix: Sendable, Hashable {
    /// One cell: what a party may do with a type.
    public struct Cell: Sendable, Hashable {
        /// Whether a rule lets it send.
        public var sends = false
        /// Whether a rule lets it receive.
        public var receives = false
        /// Whether each of these rules asks for more than the type.
        public var isConditional = true

        /// `S`, `R`, `SR`, with an asterisk where there is a condition; `-` for nothing.
        public var text: String {
            guard sends || receives else { return "-" }
            return (sends ? "S" : "") + (receives ? "R" : "") + (isConditional ? "*" : "")
        }
    }

    /// The parties that rules speak of: roles, then groups behind an `@`; each in the order of its letters.
    public let parties: [String]
    private var cells: [MessageType: [String: Cell]] = [:]

    /// The table of a policy.
    public init(_ policy: Policy) {
        var names: Set<String> = []
        for rule in policy.rules {
            for party in rule.from.names {
                names.insert(party)
                cells[rule.type, default: [:]][party, default: Cell()].sends = true
            }
            for party in rule.to.names {
                names.insert(party)
                cells[rule.type, default: [:]][party, default: Cell()].receives = true
            }
            if rule.condition == Policy.Condition() {
                for party in rule.from.names + rule.to.names { cells[rule.type]?[party]?.isConditional = false }
            }
        }
        let groups = names.filter { $0.hasPrefix("@") }
        parties = names.subtracting(groups).sorted() + groups.sorted()
    }

    /// What a party may do with a type.
    public subscript(_ type: MessageType, _ party: String) -> Cell { cells[type]?[party] ?? Cell() }
}

extension Parties {
    /// Roles, and groups behind an `@`, as a policy file has them.
    var names: [String] { roles.map(\.description) + groups.map { "@\($0)" } }
}
