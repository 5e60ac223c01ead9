import StrictJSON

/// What the metaschema wants of a keyword's value that compiling the keyword would not see.
enum KeywordShape: Sendable {
    case kind(JSONValue.Kind)
    case subschemas
    case uri
    case uriReference
    case anchor
    case vocabularies
    case count

    var code: SchemaError.Code {
        switch self {
        case .uri, .uriReference: .invalidURI
        default: .invalidKeyword
        }
    }

    /// Nil where the value has the shape, else what the shape is.
    func complaint(about value: JSONValue) -> String? {
        switch self {
        case .kind(let kind): value.kind == kind ? nil : "is of type \(kind.rawValue)"
        case .subschemas: value.kind == .array && value.count > 0 ? nil : "is a list of schemas that is not empty"
        case .uri: Self.isOf(.uri, value) ? nil : "is a URI"
        case .uriReference: Self.isOf(.uriReference, value) ? nil : "is a URI reference"
        case .anchor: Self.isAnchor(value) ? nil : "is a letter or _, then letters, digits and -._"
        case .vocabularies: Self.isVocabularies(value) ? nil : "is an object of truth values by URI"
        case .count: value.int.map { $0 >= 0 } == true ? nil : "is a whole number from 0"
        }
    }

    private static func isOf(_ format: Format, _ value: JSONValue) -> Bool {
        value.utf8.map { format.accepts($0[...]) } ?? false
    }

    /// A plain name (core §8.2.2).
    static func isAnchor(_ value: JSONValue) -> Bool {
        guard let name = value.utf8, let first = name.first else { return false }
        return (first.isLetter || first == UInt8(ascii: "_"))
            && name.allSatisfy { $0.isLetter || $0.isDigit || $0.isOne(of: "-._") }
    }

    private static func isVocabularies(_ value: JSONValue) -> Bool {
        value.kind == .object && value.members.allSatisfy { isOf(.uri, $0.name) && $0.value.bool != nil }
    }
}

extension SchemaReader {
    /// Holds the keywords of these vocabularies against the metaschema; others may have any value.
    func checkShapes(_ known: Vocabulary) throws(SchemaError) {
        for member in location.value.members {
            guard let keyword = member.name.string, let (shape, vocabulary) = Self.shapes[keyword],
                known.contains(vocabulary), let complaint = shape.complaint(about: member.value)
            else { continue }
            throw fault(keyword, "\(keyword) \(complaint)", code: shape.code)
        }
    }

    private static let shapes: [String: (KeywordShape, Vocabulary)] = {
        let rows: [(KeywordShape, Vocabulary, [String])] = [
            (.uri, .core, ["$schema"]),
            (.uriReference, .core, ["$ref", "$dynamicRef"]),
            (.vocabularies, .core, ["$vocabulary"]),
            (.kind(.string), .core, ["$comment"]),
            (.kind(.object), .core, ["$defs"]),
            (.subschemas, .applicator, ["prefixItems", "allOf", "anyOf", "oneOf"]),
            (.kind(.object), .applicator, ["properties", "patternProperties", "dependentSchemas"]),
            (.kind(.object), .validation, ["dependentRequired"]),
            (.kind(.boolean), .validation, ["uniqueItems"]),
            (.count, .validation, ["minContains", "maxContains"]),
            (.kind(.string), .metadata, ["title", "description"]),
            (.kind(.boolean), .metadata, ["deprecated", "readOnly", "writeOnly"]),
            (.kind(.array), .metadata, ["examples"]),
            (.kind(.string), .content, ["contentEncoding", "contentMediaType"]),
            (.kind(.object), .compatibility, ["definitions", "dependencies"]),
            (.anchor, .compatibility, ["$recursiveAnchor"]),
            (.uriReference, .compatibility, ["$recursiveRef"]),
        ]
        var shapes: [String: (KeywordShape, Vocabulary)] = [:]
        for (shape, vocabulary, keywords) in rows {
            for keyword in keywords { shapes[keyword] = (shape, vocabulary) }
        }
        return shapes
    }()
}
