import StrictJSON

/// What a keyword checks, as a plain value. Numbers name nodes; everything else lives in the program's memory.
enum Instruction: BitwiseCopyable {
    case types(TypeSet)
    case enumeration(Names, others: Unmanaged<Constants>)
    case constantString(Names)
    case constant(Unmanaged<Constants>)
    case bound(FlatBound)
    case multiple(Divisor)
    case largeMultiple(Unmanaged<LargeDivisor>)
    case length(least: Int, most: Int)
    case pattern(Unmanaged<Pattern>)
    case format(Format)
    case elements(least: Int, most: Int)
    case members(least: Int, most: Int)
    case unique
    case object(UnsafePointer<FlatObject>)
    case propertyNames(Int32)
    case dependentRequired(Unmanaged<Dependencies<[String]>>)
    case dependentSchemas(Unmanaged<Dependencies<Int>>)
    case prefixItems(NodeList)
    case items(Int32, from: Int)
    case contains(Int32, minimum: Int?, maximum: Int?)
    case all(NodeList)
    case any(NodeList)
    case one(NodeList)
    case not(Int32)
    case condition(Int32, then: Int32?, otherwise: Int32?)
    case reference(Int32)
    case dynamicReference(name: Int, fallback: Int32)
    case unevaluatedItems(Int32)
    case unevaluatedProperties(Int32)

    init(_ check: Check, _ memory: ProgramMemory) {
        func node(_ index: Int) -> Int32 { Int32(index) }
        func list(_ nodes: [Int]) -> NodeList { NodeList(nodes, memory) }
        self =
            switch check {
            case .types(let types): .types(types)
            case .enumeration(let strings, let others):
                .enumeration(Names(strings, memory), others: memory.keep(Constants(others)))
            case .constant(let value): Self.constant(value, memory)
            case .bound(let bound): .bound(FlatBound(bound, memory))
            case .multiple(let divisor): .multiple(divisor)
            case .largeMultiple(let divisor): .largeMultiple(memory.keep(divisor))
            case .length(let range): .length(least: range.lowerBound, most: range.upperBound)
            case .pattern(let program): .pattern(memory.keep(Pattern(program)))
            case .format(let format): .format(format)
            case .size(.object, let range): .members(least: range.lowerBound, most: range.upperBound)
            case .size(_, let range): .elements(least: range.lowerBound, most: range.upperBound)
            case .unique: .unique
            case .object(let rule): .object(memory.keep([FlatObject(rule, memory)]))
            case .propertyNames(let index): .propertyNames(node(index))
            case .dependentRequired(let list): .dependentRequired(memory.keep(Dependencies(list)))
            case .dependentSchemas(let list): .dependentSchemas(memory.keep(Dependencies(list)))
            case .prefixItems(let nodes): .prefixItems(list(nodes))
            case .items(let index, let first): .items(node(index), from: first)
            case .contains(let index, let least, let most): .contains(node(index), minimum: least, maximum: most)
            case .all(let nodes): .all(list(nodes))
            case .any(let nodes): .any(list(nodes))
            case .one(let nodes): .one(list(nodes))
            case .not(let index): .not(node(index))
            case .condition(let index, let then, let otherwise):
                .condition(node(index), then: then.map(node), otherwise: otherwise.map(node))
            case .reference(let index): .reference(node(index))
            case .dynamicReference(let name, let fallback): .dynamicReference(name: name, fallback: node(fallback))
            case .unevaluatedItems(let index): .unevaluatedItems(node(index))
            case .unevaluatedProperties(let index): .unevaluatedProperties(node(index))
            }
    }

    private static func constant(_ value: JSONValue, _ memory: ProgramMemory) -> Instruction {
        if let text = value.utf8 { return .constantString(Names([text], memory)) }
        return .constant(memory.keep(Constants([value])))
    }
}

/// Nodes in their order.
struct NodeList: BitwiseCopyable {
    let first: UnsafePointer<Int32>
    let count: Int

    init(_ nodes: [Int], _ memory: ProgramMemory) {
        first = memory.keep(nodes.map { Int32($0) })
        count = nodes.count
    }

    subscript(_ index: Int) -> Int32 { first[index] }
}

/// Values that are neither names nor numbers of the program, compared as JSON Schema compares.
final class Constants: Sendable {
    private let containers: [JSONValue]
    private let scalars: [JSONValue]
    /// The scalars, where they are many. Containers are never hashed: that would read all that an instance holds.
    private let scalarSet: Set<JSONValue>

    init(_ values: [JSONValue]) {
        containers = values.filter(\.entry.isContainer)
        scalars = values.filter { !$0.entry.isContainer }
        scalarSet = scalars.count > 8 ? Set(scalars) : []
    }

    func contains(_ value: JSONValue) -> Bool {
        if value.entry.isContainer { return containers.contains(value) }
        return scalarSet.isEmpty ? scalars.contains(value) : scalarSet.contains(value)
    }
}

/// A regular expression.
final class Pattern: Sendable {
    let program: RegexProgram

    init(_ program: RegexProgram) { self.program = program }
}

/// What follows from members' presence.
final class Dependencies<Needs: Sendable>: Sendable {
    let list: [Dependency<Needs>]

    init(_ list: [Dependency<Needs>]) { self.list = list }
}

/// One limit of a number.
struct FlatBound: BitwiseCopyable {
    let relation: Bound.Relation
    let small: Int?
    private let bound: Unmanaged<Exact>

    private final class Exact {
        let bound: Bound
        init(_ bound: Bound) { self.bound = bound }
    }

    init(_ bound: Bound, _ memory: ProgramMemory) {
        relation = bound.relation
        small = bound.small
        self.bound = memory.keep(Exact(bound))
    }

    func holds(_ value: JSONValue) -> Bool { bound._withUnsafeGuaranteedRef { $0.bound.holds(value) } }

    func holds(_ value: Int, against limit: Int) -> Bool {
        switch relation {
        case .atLeast: value >= limit
        case .atMost: value <= limit
        case .above: value > limit
        case .below: value < limit
        }
    }
}

/// `properties`, `patternProperties`, `additionalProperties` and `required`.
struct FlatObject: BitwiseCopyable {
    /// Names of `properties` and `required`; the blocks beside it have an entry for each.
    let names: Names
    /// The node of each name; -1 where it has none.
    let nodes: UnsafePointer<Int32>
    let isRequired: UnsafePointer<Bool>
    let requiredCount: Int
    let patterns: UnsafePointer<FlatPattern>
    let patternCount: Int
    /// -1 where there is none.
    let additional: Int32

    init(_ rule: ObjectRule, _ memory: ProgramMemory) {
        names = Names(rule.names, memory)
        nodes = memory.keep(rule.nodes.map { $0.map { Int32($0) } ?? -1 })
        isRequired = memory.keep(rule.isRequired)
        requiredCount = rule.requiredCount
        patterns = memory.keep(rule.patterns.map { FlatPattern($0, memory) })
        patternCount = rule.patterns.count
        additional = rule.additional.map { Int32($0) } ?? -1
    }
}

/// One member of `patternProperties`.
struct FlatPattern: BitwiseCopyable {
    let pattern: Unmanaged<Pattern>
    let source: Unmanaged<PatternSource>
    let node: Int32

    init(_ pattern: ObjectRule.Pattern, _ memory: ProgramMemory) {
        self.pattern = memory.keep(Pattern(pattern.program))
        source = memory.keep(PatternSource(pattern.source))
        node = Int32(pattern.node)
    }
}

/// A regular expression as the schema writes it.
final class PatternSource: Sendable {
    let text: String

    init(_ text: String) { self.text = text }
}
