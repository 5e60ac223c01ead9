import JSONSchema
import StrictJSON
import Testing

/// The output formats of draft 2020-12 core §12.4.
@Suite struct OutputTests {
    private static let base = "https://contoh.test/a"

    private func output(
        _ schema: String, _ instance: String, _ format: OutputFormat, limit: Int = 100
    ) throws -> JSONValue {
        var registry = SchemaRegistry()
        try registry.add(JSONDocument(Array(schema.utf8)), uri: Self.base)
        let compiled = try registry.compile(Self.base, formats: .assertion)
        let instance = try JSONDocument(Array(instance.utf8)).root
        return try JSONDocument(compiled.output(for: instance, format: format, limit: limit).bytes).root
    }

    private static let points = """
        {"type":"array","items":{"$ref":"#/$defs/point"},"minItems":3,"$defs":{"point":{"$id":"titik",
        "type":"object","properties":{"x":{"type":"number"},"y":{"type":"number"}},"additionalProperties":false,
        "required":["x","y"]}}}
        """

    @Test(arguments: OutputFormat.allCases) func `an instance that fits has the verdict alone`(
        _ format: OutputFormat
    ) throws {
        let output = try output(Self.points, "[{\"x\":1,\"y\":2},{\"x\":1,\"y\":2},{\"x\":1,\"y\":2}]", format)
        #expect(output == (try JSONDocument(Array("{\"valid\":true}".utf8)).root))
    }

    @Test func `flag says nothing but that the instance does not fit`() throws {
        #expect(try output(Self.points, "[]", .flag) == JSONDocument(Array("{\"valid\":false}".utf8)).root)
    }

    @Test func `basic lists each failure with its three places`() throws {
        let output = try output(Self.points, "[{\"x\":2.5,\"y\":1.3},{\"x\":1,\"z\":\"rahasia\"}]", .basic)
        let errors = try #require(output["errors"]).elements.map { unit in
            ["instanceLocation", "keywordLocation", "absoluteKeywordLocation"].map { unit[$0]?.string ?? "-" }
        }
        #expect(
            errors == [
                ["", "", "https://contoh.test/a#"],
                ["", "/minItems", "https://contoh.test/a#/minItems"],
                ["/1", "/items/$ref", "https://contoh.test/titik#"],
                ["/1/z", "/items/$ref/additionalProperties", "https://contoh.test/titik#/additionalProperties"],
                ["/1", "/items/$ref/required", "https://contoh.test/titik#/required"],
            ])
        #expect(output["valid"]?.bool == false)
        #expect(try #require(output["errors"]).elements.allSatisfy { $0["error"]?.string?.isEmpty == false })
        #expect(!String(decoding: output.source, as: UTF8.self).contains("rahasia"))
    }

    @Test func `detailed nests failures, and a subschema with one of them gives way to it`() throws {
        let output = try output(Self.points, "[{\"x\":2.5,\"y\":true},{\"x\":1,\"z\":1}]", .detailed)
        #expect(output["keywordLocation"]?.string == "")
        let errors = Array(try #require(output["errors"]).elements)
        #expect(
            errors.map { $0["keywordLocation"]?.string }
                == ["/minItems", "/items/$ref/properties/y/type", "/items/$ref"].map(Optional.some))
        #expect(errors.map { $0["errors"]?.count ?? 0 } == [0, 0, 2])
        #expect(errors.map { $0["error"] == nil } == [false, false, true])
    }

    @Test func `each alternative says why it does not hold, and a negation has nothing to say`() throws {
        let schema =
            "{\"anyOf\":[{\"type\":\"null\"},{\"minimum\":5,\"multipleOf\":2},{\"not\":{\"type\":\"integer\"}}]}"
        let output = try output(schema, "1", .detailed)
        #expect(output["keywordLocation"]?.string == "/anyOf")
        let alternatives = Array(try #require(output["errors"]).elements)
        #expect(
            alternatives.map { $0["keywordLocation"]?.string }
                == ["/anyOf/0/type", "/anyOf/1", "/anyOf/2/not"].map(Optional.some))
        #expect(alternatives.map { $0["errors"]?.count ?? 0 } == [0, 2, 0])
    }

    @Test func `what holds elsewhere leaves nothing behind`() throws {
        let schema = """
            {"allOf":[{"anyOf":[{"type":"string"},{"type":"integer"}]},{"if":{"type":"string"},"else":{"maximum":3}}],
            "contains":{"const":1}}
            """
        let output = try output(schema, "4", .basic)
        #expect(
            try #require(output["errors"]).elements.map { $0["keywordLocation"]?.string } == ["/allOf/1/else/maximum"])
    }

    @Test func `names that a URI cannot hold are escaped in absolute locations`() throws {
        let output = try output("{\"properties\":{\"a b/é\":{\"type\":\"null\"}}}", "{\"a b/é\":1}", .basic)
        let unit = try #require(output["errors"]).elements.first { _ in true }
        #expect(unit?["keywordLocation"]?.string == "/properties/a b~1é/type")
        #expect(unit?["absoluteKeywordLocation"]?.string == "https://contoh.test/a#/properties/a%20b~1%C3%A9/type")
    }

    @Test func `a false schema is named by where it stands`() throws {
        let output = try output("{\"properties\":{\"a\":false}}", "{\"a\":1}", .basic)
        let unit = try #require(output["errors"]).elements.first { _ in true }
        #expect(unit?["absoluteKeywordLocation"]?.string == "https://contoh.test/a#/properties/a")
        #expect(try self.output("false", "1", .basic)["errors"]?.count == 1)
    }

    @Test func `failures beyond a limit are not kept, and the verdict stays`() throws {
        let instance = "[" + Array(repeating: "\"x\"", count: 5000).joined(separator: ",") + "]"
        let output = try output("{\"items\":{\"type\":\"null\"}}", instance, .basic, limit: 10)
        #expect(output["valid"]?.bool == false)
        #expect(try #require(output["errors"]).count == 11)
    }

    private func failures(_ schema: String, _ instance: String, limit: Int) throws -> [OutputUnit] {
        var registry = SchemaRegistry()
        try registry.add(JSONDocument(Array(schema.utf8)), uri: Self.base)
        let compiled = try registry.compile(Self.base, formats: .assertion)
        return compiled.failures(in: try JSONDocument(Array(instance.utf8)).root, limit: limit)
    }

    @Test func `alternatives that all hold are failures too, and count`() throws {
        let instance = "[" + Array(repeating: "0", count: 5000).joined(separator: ",") + "]"
        #expect(try failures("{\"items\":{\"oneOf\":[true,true]}}", instance, limit: 10).count == 10)
    }

    @Test(arguments: [1, 2, 3]) func `where the room runs out among alternatives, what was kept still has its place`(
        _ limit: Int
    ) throws {
        let schema = """
            {"properties":{"a":{"anyOf":[{"type":"null"},{"oneOf":[{"type":"string"},{"type":"array"}]},{"type":"boolean"}]}}}
            """
        let units = try failures(schema, "{\"a\":1}", limit: limit)
        #expect(units.map(\.keyword) == ["anyOf"])
        #expect(units.map(\.instanceLocation.description) == ["/a"])
        #expect(try #require(units.first?.units.first?.units.first).keywordLocation.tokens.suffix(2) == ["0", "type"])
    }

    @Test func `deep below alternatives that hold, a failure is found in time`() throws {
        let schema = "{\"items\":{\"$ref\":\"#\"},\"anyOf\":[{\"type\":[\"number\",\"array\"]},false],\"maximum\":0}"
        let values = Array(repeating: "0", count: 50_000).joined(separator: ",") + ",1"
        let instance = String(repeating: "[", count: 500) + values + String(repeating: "]", count: 500)
        let units = try failures(schema, instance, limit: 10)
        #expect(units.map(\.keyword) == ["maximum"])
        #expect(units.first?.instanceLocation.tokens.last == "50000")
    }

    @Test func `failures below a long name share it`() throws {
        let name = String(repeating: "n", count: 1_000_000)
        let values = Array(repeating: "0", count: 2000).joined(separator: ",")
        let units = try failures(
            "{\"additionalProperties\":{\"items\":false}}", "{\"\(name)\":[\(values)]}", limit: 2000)
        let addresses = units.flatMap(\.units).map { unit in
            unit.instanceLocation.tokens[0].utf8.withContiguousStorageIfAvailable { UInt(bitPattern: $0.baseAddress) }
        }
        #expect(addresses.count == 2000)
        #expect(Set(addresses).count == 1)
    }
}
