internal import SimpulCore
internal import StrictJSON

/// What the schemas say of one value, gathered from every schema that applies to it, for what is known so far.
struct ValueGuide: Sendable {
    /// Schemas applied inside each other that are followed.
    private static let depth = 16

    /// An `if` whose outcome may still change, and what goes with either outcome.
    struct Rule: Sendable {
        var condition: Condition
        var holds: Bool?
        var thenPart: SchemaPart?
        var elsePart: SchemaPart?
    }

    private let documents: SchemaDocuments
    private let origin: [SchemaPart]
    /// Every schema that applies, nearest first.
    private(set) var parts: [SchemaPart] = []
    /// Schemas that apply unless what is known changes.
    private(set) var assumed: [SchemaPart] = []
    /// Alternatives of which at least one has to apply.
    private(set) var choices: [[SchemaPart]] = []
    /// What depends on things that may still change.
    private(set) var rules: [Rule] = []

    /// Gathers what applies.
    init(_ parts: [SchemaPart], in documents: SchemaDocuments, known: Known = .open) {
        self.documents = documents
        origin = parts
        var open = parts.flatMap { gather($0, Self.depth) }
        open = settle(open, known)
        // What the type refuses is known only once its rules were applied.
        open = settle(open, known, refused: refused)
        for conditional in open {
            guard let condition = conditional.behind("if").flatMap({ Condition($0.schema) }) else { continue }
            let holds = condition.finding(for: known, refused: refused).holds
            let rule = Rule(
                condition: condition, holds: holds, thenPart: conditional.behind("then"),
                elsePart: conditional.behind("else"))
            rules.append(rule)
        }
        let certain = self.parts
        for rule in rules {
            guard let holds = rule.holds, let branch = holds ? rule.thenPart : rule.elsePart else { continue }
            _ = gather(branch, Self.depth)
        }
        assumed = Array(self.parts.dropFirst(certain.count))
        self.parts = certain
    }

    /// The same value, for what is known now.
    func knowing(_ known: Known) -> ValueGuide { ValueGuide(origin, in: documents, known: known) }

    /// Takes in a schema and all that it applies without a condition.
    /// - Returns: those among them that have an `if`.
    private mutating func gather(_ part: SchemaPart, _ depth: Int) -> [SchemaPart] {
        guard depth > 0 else { return [] }
        parts.append(part)
        guard part.schema.kind == .object else { return [] }
        var conditionals = part.schema["if"] == nil ? [] : [part]
        if let target = documents.referenced(by: part) { conditionals += gather(target, depth - 1) }
        for element in part.list("allOf") { conditionals += gather(element, depth - 1) }
        let alternatives = part.list("anyOf")
        if !alternatives.isEmpty { choices.append(alternatives) }
        return conditionals
    }

    /// Takes in the branches of what is decided for good.
    /// - Returns: what is not.
    private mutating func settle(
        _ conditionals: [SchemaPart], _ known: Known, refused: Set<String> = []
    ) -> [SchemaPart] {
        var open: [SchemaPart] = []
        for conditional in conditionals {
            guard let condition = conditional.behind("if").flatMap({ Condition($0.schema) }) else { continue }
            let finding = condition.finding(for: known, refused: refused)
            guard finding.isSettled, let holds = finding.holds else {
                open.append(conditional)
                continue
            }
            if let branch = conditional.behind(holds ? "then" : "else") { _ = gather(branch, Self.depth) }
        }
        return open
    }

    // MARK: What is said of the value

    /// What the value is, from the nearest schema that says so.
    var text: LocalizedText? { parts.lazy.compactMap { Self.text(of: $0) }.first }

    /// What the member itself says, and no value type that it refers to.
    var ownText: LocalizedText? { parts.first.flatMap { Self.text(of: $0) } }

    /// What kind of value it is, where a value type of the common schemas says so beside the member's own text.
    var kindText: LocalizedText? {
        let texts = parts.compactMap { Self.text(of: $0) }
        return texts.count > 1 ? texts.last : nil
    }

    private static func text(of part: SchemaPart) -> LocalizedText? {
        guard let indonesian = part.schema["x-id"]?.string,
            let english = (part.schema["title"] ?? part.schema["description"])?.string
        else { return nil }
        return LocalizedText(english, indonesian)
    }

    /// Its privacy class.
    var privacy: PrivacyClass? {
        parts.lazy.compactMap { $0.schema["x-privacy"]?.string.flatMap(PrivacyClass.init) }.first
    }

    /// What the nearest schema with that keyword says.
    func first(_ keyword: String) -> JSONValue? { parts.lazy.compactMap { $0.schema[keyword] }.first }

    /// The only value that is possible.
    var constant: JSON? { first("const").map { JSON($0) } }

    /// The shortest code list that applies; with alternatives, the codes of all of them.
    var codes: [String]? {
        let own = parts.compactMap { $0.schema["enum"].map { $0.elements.compactMap(\.string) } }
        if let shortest = own.min(by: { $0.count < $1.count }) { return shortest }
        let all = (values ?? []).compactMap { $0.codes ?? $0.constantCode }.flatMap { $0 }
        return all.isEmpty ? nil : all
    }

    private var constantCode: [String]? {
        guard case .string(let text)? = constant else { return nil }
        return [text]
    }

    /// The alternatives for the value as a whole; nil where there are none.
    var values: [ValueGuide]? {
        let list = choices.first { alternatives in
            alternatives.contains { $0.schema["required"] == nil || $0.schema["type"] != nil }
        }
        return list?.map { ValueGuide([$0], in: documents) }
    }

    /// Alternatives of members, of which one has to be there as a whole.
    var memberAlternatives: [[[String]]] {
        choices.map { alternatives in
            alternatives.compactMap { part in
                part.schema["type"] == nil
                    ? part.schema["required"].map { $0.elements.compactMap(\.string) } : nil
            }
        }.filter { !$0.isEmpty }
    }

    /// The kinds of JSON value that are possible; empty where nothing says.
    var types: [String] {
        if let type = first("type") { return type.string.map { [$0] } ?? type.elements.compactMap(\.string) }
        if first("properties") != nil { return ["object"] }
        if first("items") != nil { return ["array"] }
        if let constant {
            switch constant {
            case .bool: return ["boolean"]
            case .string: return ["string"]
            default: return []
            }
        }
        if codes != nil && values == nil { return ["string"] }
        return values.map { $0.flatMap(\.types) } ?? []
    }

    /// Whether nothing is allowed here.
    var isRefused: Bool { parts.contains { $0.schema.bool == false } }

    // MARK: Its members and entries

    /// Members that are refused whatever else is said.
    var refused: Set<String> {
        var names: Set<String> = []
        for part in parts {
            for member in part.schema["properties"].map({ Array($0.members) }) ?? [] where member.value.bool == false {
                names.insert(member.name.string ?? "")
            }
        }
        return names
    }

    /// Members that are refused unless what is known changes.
    var refusedForNow: Set<String> {
        var names: Set<String> = []
        for part in assumed {
            for member in part.schema["properties"].map({ Array($0.members) }) ?? [] where member.value.bool == false {
                names.insert(member.name.string ?? "")
            }
        }
        return names
    }

    /// The names of its members, in the schemas' order, without those that are refused.
    var memberNames: [String] {
        var (names, seen) = ([String](), refused)
        for part in parts {
            for member in part.schema["properties"].map({ Array($0.members) }) ?? [] {
                let name = member.name.string ?? ""
                if seen.insert(name).inserted { names.append(name) }
            }
        }
        return names
    }

    /// The names of those that have to be there, for what is known.
    var required: Set<String> { certainlyRequired.union(Self.required(by: assumed)) }

    /// The names of those that have to be there whatever else is said.
    var certainlyRequired: Set<String> { Self.required(by: parts) }

    private static func required(by parts: [SchemaPart]) -> Set<String> {
        Set(parts.flatMap { $0.schema["required"].map { $0.elements.compactMap(\.string) } ?? [] })
    }

    /// What is said of a member.
    func member(_ name: String, known: Known = .open) -> ValueGuide {
        let schemas = parts + assumed.filter { $0.schema["properties"]?[name]?.bool != false }
        return ValueGuide(schemas.compactMap { $0.behind("properties")?.behind(name) }, in: documents, known: known)
    }

    /// What is said of every entry of a list.
    func items(known: Known = .open) -> ValueGuide {
        ValueGuide(parts.compactMap { $0.behind("items") }, in: documents, known: known)
    }
}
