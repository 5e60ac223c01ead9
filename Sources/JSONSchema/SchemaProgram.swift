import StrictJSON

/// A compiled schema: nodes that name each other by index, so that recursion in schemas costs nothing.
struct SchemaProgram: Sendable {
    var nodes: [SchemaNode]
    var root: Int
    /// For each name that a `$dynamicRef` looks for: the node of that dynamic anchor in each resource that has one.
    var dynamicTargets: [[Int: Int]]
}

/// One schema: a boolean, or rules in the order in which they are checked.
final class SchemaNode: Sendable {
    let resource: Int
    let verdict: Bool?
    let rules: [Rule]
    /// Whether the node needs to know what its subschemas have evaluated.
    let tracksEvaluation: Bool
    /// Where it stands: the URI of its resource and a pointer inside it.
    let place: SchemaPlace

    init(
        resource: Int, place: SchemaPlace, verdict: Bool? = nil, rules: [Rule] = [], tracksEvaluation: Bool = false
    ) {
        self.resource = resource
        self.place = place
        self.verdict = verdict
        self.rules = rules
        self.tracksEvaluation = tracksEvaluation
    }
}

/// A keyword, what it checks, and what is said where it fails.
final class Rule: Sendable {
    let keyword: String
    let check: Check
    let detail: String

    init(keyword: String, check: Check, detail: String) {
        self.keyword = keyword
        self.check = check
        self.detail = detail
    }
}

/// What a keyword checks. Numbers name nodes.
enum Check: Sendable {
    case types(TypeSet)
    case enumeration(strings: [[UInt8]], others: [JSONValue])
    case constant(JSONValue)
    case bound(Bound)
    case multiple(Divisor)
    case largeMultiple(LargeDivisor)
    case length(ClosedRange<Int>)
    case pattern(RegexProgram)
    case format(Format)
    case size(JSONValue.Kind, ClosedRange<Int>)
    case unique
    case object(ObjectRule)
    case propertyNames(Int)
    case dependentRequired([Dependency<[String]>])
    case dependentSchemas([Dependency<Int>])
    case prefixItems([Int])
    case items(Int, from: Int)
    case contains(Int, minimum: Int?, maximum: Int?)
    case all([Int])
    case any([Int])
    case one([Int])
    case not(Int)
    case condition(Int, then: Int?, otherwise: Int?)
    case reference(Int)
    case dynamicReference(name: Int, fallback: Int)
    case unevaluatedItems(Int)
    case unevaluatedProperties(Int)

    /// The nodes that are applied to the very same value.
    var inPlace: [Int] {
        switch self {
        case .all(let nodes), .any(let nodes), .one(let nodes): nodes
        case .not(let node), .reference(let node), .dynamicReference(_, let node): [node]
        case .condition(let node, let then, let otherwise): [node] + [then, otherwise].compactMap { $0 }
        case .dependentSchemas(let dependencies): dependencies.map(\.needs)
        default: []
        }
    }
}

/// What follows from a member's presence.
struct Dependency<Needs: Sendable>: Sendable {
    var name: String
    var needs: Needs
}

/// `properties`, `patternProperties`, `additionalProperties` and `required`, in one pass over the members.
final class ObjectRule: Sendable {
    struct Pattern: Sendable {
        var source: String
        var program: RegexProgram
        var node: Int
    }

    /// Names of `properties` and `required`; the arrays beside it have an entry for each.
    let names: [[UInt8]]
    let nodes: [Int?]
    let isRequired: [Bool]
    let requiredCount: Int
    let patterns: [Pattern]
    let additional: Int?

    init(
        names: [[UInt8]], nodes: [Int?], isRequired: [Bool], requiredCount: Int, patterns: [Pattern], additional: Int?
    ) {
        self.names = names
        self.nodes = nodes
        self.isRequired = isRequired
        self.requiredCount = requiredCount
        self.patterns = patterns
        self.additional = additional
    }
}

/// One limit of a number.
struct Bound: Sendable {
    enum Relation: Sendable {
        case atLeast, atMost, above, below
    }

    var limit: JSONNumber
    var small: Int?
    var relation: Relation

    func holds(_ value: JSONValue) -> Bool {
        if let small, let int = value.int { return compare(int, small) }
        return value.number.map { compare($0, limit) } ?? true
    }

    private func compare<Number: Comparable>(_ value: Number, _ limit: Number) -> Bool {
        switch relation {
        case .atLeast: value >= limit
        case .atMost: value <= limit
        case .above: value > limit
        case .below: value < limit
        }
    }
}

/// The seven names of `type`.
struct TypeSet: OptionSet, Sendable {
    var rawValue: UInt8

    static let null = TypeSet(rawValue: 1)
    static let boolean = TypeSet(rawValue: 2)
    static let number = TypeSet(rawValue: 4)
    static let integer = TypeSet(rawValue: 8)
    static let string = TypeSet(rawValue: 16)
    static let array = TypeSet(rawValue: 32)
    static let object = TypeSet(rawValue: 64)

    init(rawValue: UInt8) { self.rawValue = rawValue }

    init?(_ name: String) {
        switch name {
        case "null": self = .null
        case "boolean": self = .boolean
        case "number": self = .number
        case "integer": self = .integer
        case "string": self = .string
        case "array": self = .array
        case "object": self = .object
        default: return nil
        }
    }
}
