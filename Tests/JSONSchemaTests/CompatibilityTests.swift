import JSONSchema
import StrictJSON
import Testing

/// The keywords of earlier drafts that the metaschema of draft 2020-12 keeps.
@Suite struct CompatibilityTests {
    private func compile(_ schema: String) throws -> CompiledSchema {
        var registry = SchemaRegistry()
        try registry.add(JSONDocument(Array(schema.utf8)), uri: "https://contoh.test/a")
        return try registry.compile("https://contoh.test/a", formats: .assertion)
    }

    private func isValid(_ schema: String, _ instance: String) throws -> Bool {
        let instance = try JSONDocument(Array(instance.utf8)).root
        let compiled = try compile(schema)
        #expect(compiled.violations(in: instance, limit: 5).isEmpty == compiled.isValid(instance))
        return compiled.isValid(instance)
    }

    private static let dependencies =
        "{\"dependencies\":{\"a\":[\"b\",\"c\"],\"d\":{\"required\":[\"e\"]},\"f\":false,\"g\":[],\"h\":true}}"

    @Test(arguments: [
        "{\"a\":1}", "{\"a\":1,\"b\":1}", "{\"d\":1}", "{\"f\":1}", "{\"a\":1,\"b\":1,\"c\":1,\"d\":null}",
    ])
    func `what a present member needs by dependencies is missed where it is not there`(_ instance: String) throws {
        #expect(try !isValid(Self.dependencies, instance))
    }

    @Test(arguments: [
        "{}", "1", "[\"a\"]", "\"a\"", "{\"b\":1}", "{\"a\":1,\"b\":2,\"c\":3}", "{\"d\":1,\"e\":1}",
        "{\"g\":1,\"h\":1}",
    ])
    func `dependencies ask for nothing else`(_ instance: String) throws {
        #expect(try isValid(Self.dependencies, instance))
    }

    @Test func `members that a schema of dependencies describes are evaluated`() throws {
        let schema =
            "{\"dependencies\":{\"a\":{\"properties\":{\"a\":true,\"b\":true}}},\"unevaluatedProperties\":false}"
        #expect(try isValid(schema, "{\"a\":1,\"b\":2}"))
        #expect(try !isValid(schema, "{\"b\":2}"))
    }

    @Test(arguments: [
        ("{\"dependencies\":[]}", "/dependencies"), ("{\"dependencies\":{\"a\":1}}", "/dependencies/a"),
        ("{\"dependencies\":{\"a\":\"b\"}}", "/dependencies/a"), ("{\"dependencies\":{\"a\":[1]}}", "/dependencies"),
        ("{\"dependencies\":{\"a\":[\"b\",\"b\"]}}", "/dependencies"), ("{\"definitions\":[]}", "/definitions"),
        ("{\"dependencies\":{\"a\":{\"not\":{\"$ref\":\"#\"}}}}", ""),
        ("{\"definitions\":{\"a\":1}}", "/definitions/a"),
    ])
    func `faulty dependencies and definitions are refused`(_ schema: String, _ pointer: String) {
        let error = #expect(throws: SchemaError.self) { try compile(schema) }
        #expect(error?.pointer.description == pointer)
    }

    @Test func `a schema in definitions is found by its name, its URI and its pointer`() throws {
        for reference in ["#n", "b", "#/definitions/x", "b#/properties/y"] {
            let schema = """
                {"$ref":"\(reference)",
                "definitions":{"x":{"$id":"b","$anchor":"n","type":"null","properties":{"y":{"type":"null"}}}}}
                """
            let text = reference == "#n" ? schema.replacing("\"$id\":\"b\",", with: "") : schema
            #expect(try isValid(text, "null"))
            #expect(try !isValid(text, "1"))
        }
    }
}
