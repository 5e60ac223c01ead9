import StrictJSON

/// One constraint of a schema document: a keyword that can make a value invalid, or one entry of `required`.
struct SchemaConstraint: CustomStringConvertible {
    let pointer: [String]

    var description: String { JSONPointer(pointer).description }

    static let keywords: Set<String> = [
        "enum", "const", "type", "pattern", "format", "minLength", "maxLength", "minimum", "maximum", "minItems",
        "maxItems", "uniqueItems", "additionalProperties", "if", "then", "else", "not", "allOf", "anyOf", "oneOf",
    ]

    /// The keyword that a violation of this constraint names; a conditional shows as what stands in its branch.
    var brokenKeyword: String {
        if pointer.dropLast().last == "required" { return "required" }
        return pointer.last ?? ""
    }

    /// Whether it stands inside a condition, so that its absence may show anywhere.
    var isConditional: Bool { pointer.contains { ["if", "then", "else", "not"].contains($0) } }

    static func all(in document: JSON) -> [SchemaConstraint] {
        subschemas(of: document, path: []).flatMap { path, schema -> [SchemaConstraint] in
            guard case .object(let members) = schema else { return [] }
            return members.flatMap { member -> [SchemaConstraint] in
                if case .array(let names) = member.value, member.name == "required" {
                    return names.indices.map { SchemaConstraint(pointer: path + ["required", String($0)]) }
                }
                return keywords.contains(member.name) ? [SchemaConstraint(pointer: path + [member.name])] : []
            }
        }
    }

    /// Every schema inside a document, with its place.
    static func subschemas(of document: JSON) -> [(pointer: String, schema: JSON)] {
        subschemas(of: document, path: []).map { (JSONPointer($0.path).description, $0.schema) }
    }

    private static func subschemas(of schema: JSON, path: [String]) -> [(path: [String], schema: JSON)] {
        guard case .object(let members) = schema else { return [] }
        return [(path, schema)]
            + members.flatMap { member -> [(path: [String], schema: JSON)] in
                switch (member.name, member.value) {
                case ("properties", .object(let children)), ("$defs", .object(let children)):
                    return children.flatMap { subschemas(of: $0.value, path: path + [member.name, $0.name]) }
                case ("items", _), ("if", _), ("then", _), ("else", _), ("not", _):
                    return subschemas(of: member.value, path: path + [member.name])
                case ("allOf", .array(let branches)), ("anyOf", .array(let branches)), ("oneOf", .array(let branches)):
                    return branches.enumerated().flatMap {
                        subschemas(of: $0.element, path: path + [member.name, String($0.offset)])
                    }
                default: return []
                }
            }
    }

    /// The document without this constraint.
    func removed(from document: JSON) -> JSON { Self.remove(pointer[...], from: document) }

    private static func remove(_ pointer: ArraySlice<String>, from value: JSON) -> JSON {
        guard let first = pointer.first else { return value }
        switch value {
        case .object(var members):
            guard let index = members.firstIndex(where: { $0.name == first }) else { return value }
            if pointer.count == 1 {
                members.remove(at: index)
            } else {
                members[index].value = remove(pointer.dropFirst(), from: members[index].value)
            }
            return .object(members)
        case .array(var elements):
            guard let index = Int(first), elements.indices.contains(index) else { return value }
            if pointer.count == 1 {
                elements.remove(at: index)
            } else {
                elements[index] = remove(pointer.dropFirst(), from: elements[index])
            }
            return .array(elements)
        default: return value
        }
    }
}
