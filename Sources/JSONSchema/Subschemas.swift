import StrictJSON

/// Where the keywords of one schema object have subschemas.
enum Subschemas {
    private enum Form {
        case single, list, map
        /// A map whose arrays are lists of names.
        case dependencies
    }

    private static let places: [String: (form: Form, vocabulary: Vocabulary)] = {
        let rows: [(Form, Vocabulary, [String])] = [
            (.map, .core, ["$defs"]),
            (
                .single, .applicator,
                ["additionalProperties", "propertyNames", "items", "contains", "not", "if", "then", "else"]
            ),
            (.list, .applicator, ["prefixItems", "allOf", "anyOf", "oneOf"]),
            (.map, .applicator, ["properties", "patternProperties", "dependentSchemas"]),
            (.single, .unevaluated, ["unevaluatedItems", "unevaluatedProperties"]),
            (.single, .content, ["contentSchema"]),
            (.map, .compatibility, ["definitions"]),
            (.dependencies, .compatibility, ["dependencies"]),
        ]
        var places: [String: (Form, Vocabulary)] = [:]
        for (form, vocabulary, keywords) in rows {
            for keyword in keywords { places[keyword] = (form, vocabulary) }
        }
        return places
    }()

    /// Those of the keywords that these vocabularies know; identifiers are looked for in all of them, for the
    /// metaschema that tells may come later.
    static func all(of schema: SchemaLocation, in known: Vocabulary = .standard) -> [SchemaLocation] {
        var found: [SchemaLocation] = []
        for member in schema.value.members {
            guard let keyword = member.name.string, let place = places[keyword], known.contains(place.vocabulary) else {
                continue
            }
            found += children(of: schema, keyword, member.value, place.form)
        }
        return found
    }

    private static func children(
        of schema: SchemaLocation, _ keyword: String, _ value: JSONValue, _ form: Form
    ) -> [SchemaLocation] {
        switch form {
        case .single: return [schema.child(keyword, value: value)]
        case .list:
            return value.elements.enumerated().map { schema.child(keyword, String($0), value: $1) }
        case .map, .dependencies:
            let schemas = value.members.filter { form == .map || $0.value.kind != .array }
            return schemas.map { schema.child(keyword, $0.name.string ?? "", value: $0.value) }
        }
    }
}
