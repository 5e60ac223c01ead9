import StrictJSON
import Testing

@testable import JSONSchema

/// The embedded metaschema, and that the compiler refuses whatever it refuses.
@Suite struct MetaschemaTests {
    private static let uri = "https://contoh.test/a"

    private func compile(_ schema: String) throws {
        var registry = try SchemaRegistry.draft202012()
        try registry.add(JSONDocument(Array(schema.utf8)), uri: Self.uri)
        _ = try registry.compile(Self.uri, formats: .annotation)
    }

    private func fault(of schema: String) throws -> SchemaError? {
        do {
            try compile(schema)
            return nil
        } catch let error as SchemaError {
            return error
        }
    }

    private static func metaschema() throws -> CompiledSchema {
        try SchemaRegistry.draft202012().compile(Metaschema.base + "schema", formats: .assertion)
    }

    /// Every keyword of the nine documents.
    private static func keywords() throws -> Set<String> {
        var keywords = Set<String>()
        for (_, text) in Metaschema.documents {
            for member in try JSONDocument(text).root["properties"]?.members ?? JSONDocument([0x7B, 0x7D]).root.members
            {
                keywords.insert(member.name.string ?? "")
            }
        }
        return keywords
    }

    /// Values of every kind, among them each kind of list and object that some keyword takes or nearly takes.
    private static let values = [
        "null", "true", "false", "0", "1", "-1", "1.0", "1.5", "-0.0", "0.5", "1e3", "\"\"", "\"a\"", "\"a b\"",
        "\"#\"",
        "\"#a\"", "\"a#\"", "\"a#b\"", "\"_\"", "\"-\"", "\"1\"", "\"a:b\"", "\"a.b-c_d\"", "\"é\"", "\"%\"", "\"%41\"",
        "\"(\"", "\"[a-\"", "\"string\"", "\"text\"", "\"https://contoh.test/\"", "\"#/$defs/%zz\"", "\"\\u0000\"",
        "[]",
        "[1]", "[\"a\"]", "[\"a\",\"a\"]", "[\"a\",1]", "[\"string\"]", "[\"string\",\"string\"]",
        "[\"string\",\"null\"]",
        "[\"string\",1]", "[true]", "[{}]", "[{},{}]", "[{},1]", "[[]]", "[null]", "[{\"type\":1}]", "{}", "{\"a\":1}",
        "{\"a\":null}", "{\"a\":\"b\"}", "{\"a\":true}", "{\"a\":{}}", "{\"a\":[]}", "{\"a\":[\"b\"]}",
        "{\"a\":[\"b\",\"b\"]}", "{\"a\":[\"b\",1]}", "{\"a\":[{}]}", "{\"a\":{\"type\":1}}", "{\"(\":{}}",
        "{\"(\":[]}",
        "{\"a b\":true}", "{\"a:b\":true}", "{\"a:b\":1}", "{\"https://contoh.test/v\":false}", "{\"type\":\"text\"}",
        "{\"$id\":1}", "{\"a\":{\"$anchor\":\"1\"}}",
    ]

    /// What the compiler refuses beyond the metaschema, which looks at one value at a time.
    private static let beyond: Set<SchemaError.Code> = [.unresolvedReference, .endlessReference, .unknownVocabulary]

    @Test func `whatever the metaschema refuses is refused by the compiler at its place, and nothing else`() throws {
        let metaschema = try Self.metaschema()
        var counts = (refused: 0, accepted: 0)
        for keyword in try Self.keywords() {
            for value in Self.values {
                let text = "{\"\(keyword)\":\(value)}"
                let isValid = metaschema.isValid(try JSONDocument(Array(text.utf8)).root)
                let error = try fault(of: text)
                if isValid {
                    counts.accepted += 1
                    #expect(error.map { Self.beyond.contains($0.code) } ?? true, "\(text) \(error?.description ?? "")")
                } else {
                    counts.refused += 1
                    #expect(error?.pointer.tokens.first == keyword, "\(text) \(error?.description ?? "accepted")")
                }
            }
        }
        #expect(counts.refused > 1000 && counts.accepted > 300, "\(counts)")
    }

    @Test(arguments: [
        "$defs/a", "definitions/a", "properties/a", "patternProperties/a", "dependentSchemas/a", "dependencies/a",
        "additionalProperties", "propertyNames", "items", "contains", "not", "if", "then", "else", "unevaluatedItems",
        "unevaluatedProperties", "contentSchema", "prefixItems/0", "allOf/0", "anyOf/0", "oneOf/0",
    ])
    func `a fault is found in every place where a schema stands`(_ place: String) throws {
        let parts = place.split(separator: "/")
        for (fault, at) in [("{\"minimum\":\"0\"}", "/minimum"), ("3", ""), ("{\"not\":{\"title\":1}}", "/not/title")] {
            let inner = parts.count == 1 ? fault : parts[1] == "0" ? "[\(fault)]" : "{\"\(parts[1])\":\(fault)}"
            let text = "{\"\(parts[0])\":\(inner)}"
            #expect(!(try Self.metaschema().isValid(JSONDocument(Array(text.utf8)).root)))
            let error = #expect(throws: SchemaError.self) { try compile(text) }
            #expect(error?.pointer.description == "/" + place + at)
        }
    }

    @Test(arguments: [
        "{\"x\":{\"type\":1}}", "{\"const\":{\"type\":1}}", "{\"enum\":[{\"$id\":1}]}", "{\"default\":{\"$anchor\":1}}",
        "{\"examples\":[{\"pattern\":\"(\"}]}", "{\"additionalItems\":3}", "{\"$recursiveAnchor\":\"a\"}",
        "{\"enum\":[]}",
        "{\"enum\":[1,1.0]}", "{\"required\":[]}", "{\"dependencies\":{\"a\":[]}}", "{\"$id\":\"#\"}",
    ])
    func `what stands under unknown keywords, or is a mere value, is not looked at`(_ schema: String) throws {
        try compile(schema)
    }

    @Test func `a metaschema that leaves a vocabulary out leaves its keywords without rules`() throws {
        var registry = SchemaRegistry()
        let core = "https://json-schema.org/draft/2020-12/vocab/core"
        let metaschema = "{\"$vocabulary\":{\"\(core)\":true}}"
        try registry.add(JSONDocument(Array(metaschema.utf8)), uri: "https://contoh.test/meta")
        let schema = """
            {"$schema":"https://contoh.test/meta","title":1,"minContains":"x","items":3,"format":1,"contentSchema":3,
            "definitions":1,"dependencies":{"a":["b"]},"unevaluatedItems":3,"type":"text"}
            """
        try registry.add(JSONDocument(Array(schema.utf8)), uri: Self.uri)
        #expect(try registry.compile(Self.uri, formats: .assertion).isValid(JSONDocument(Array("{\"a\":1}".utf8)).root))
    }

    @Test func `the metaschema accepts each of its documents`() throws {
        let metaschema = try Self.metaschema()
        for (uri, text) in Metaschema.documents {
            #expect(metaschema.violations(in: try JSONDocument(text).root, limit: 5) == [], "\(uri)")
            _ = try SchemaRegistry.draft202012().compile(uri, formats: .assertion)
        }
    }

    @Test func `the metaschema's URIs are taken`() throws {
        var registry = try SchemaRegistry.draft202012()
        let error = #expect(throws: SchemaError.self) {
            try registry.add(JSONDocument(Array("{}".utf8)), uri: Metaschema.base + "meta/core")
        }
        #expect(error?.code == .duplicateURI)
    }
}
