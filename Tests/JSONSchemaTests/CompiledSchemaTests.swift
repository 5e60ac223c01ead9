import JSONSchema
import StrictJSON
import Testing

/// Verdicts, and what violations say. The keywords themselves are covered by the conformance suite.
@Suite struct CompiledSchemaTests {
    private func compile(_ schema: String) throws -> CompiledSchema {
        var registry = SchemaRegistry()
        try registry.add(JSONDocument(Array(schema.utf8)), uri: "https://contoh.test/a")
        return try registry.compile("https://contoh.test/a", formats: .assertion)
    }

    private func violations(_ schema: String, _ instance: String, limit: Int = 100) throws -> [SchemaViolation] {
        let instance = try JSONDocument(Array(instance.utf8), limits: JSONLimits(depth: JSONLimits.greatestDepth)).root
        return try compile(schema).violations(in: instance, limit: limit)
    }

    private static let person = """
        {"$ref":"#/$defs/base","unevaluatedProperties":false,"properties":{"body":{"type":"object",
        "properties":{"name":{"type":"string"},"age":{"type":"integer","maximum":150},"tags":{"items":{"enum":["a","b"]}}},
        "required":["name","age"],"additionalProperties":false}},
        "$defs":{"base":{"required":["id"],"properties":{"id":{"format":"uuid"}}}}}
        """

    @Test func `every violation is told, each with both of its places`() throws {
        let found = try violations(
            Self.person, "{\"body\":{\"age\":1.5,\"foo/x\":\"rahasia\",\"tags\":[\"a\",\"rahasia\"]},\"y\":\"rahasia\"}"
        )
        #expect(
            Set(found.map { "\($0.instanceLocation) \($0.keywordLocation) \($0.keyword): \($0.detail)" }) == [
                " /$ref/required required: the member id is missing",
                "/body/age /properties/body/properties/age/type type: must be of type integer",
                "/body/foo~1x /properties/body/additionalProperties additionalProperties: this member is not allowed here",
                "/body /properties/body/required required: the member name is missing",
                "/body/tags/1 /properties/body/properties/tags/items/enum enum: must be one of \"a\", \"b\"",
                "/y /unevaluatedProperties unevaluatedProperties: this member is not allowed here",
            ])
        #expect(found.allSatisfy { !$0.detail.contains("rahasia") })
    }

    @Test func `a valid instance has no violation, and a limit is kept`() throws {
        let valid = "{\"id\":\"00000000-0000-0000-0000-000000000000\",\"body\":{\"name\":\"x\",\"age\":1}}"
        #expect(try violations("{\"items\":{\"type\":\"null\"}}", "[null]") == [])
        #expect(try violations(Self.person, valid) == [])
        #expect(try violations("{\"items\":{\"type\":\"null\"}}", "[1,2,3,4]", limit: 3).count == 3)
        #expect(try violations("false", "1", limit: 0) == [])
    }

    @Test func `of alternatives that fail, the closest one tells why`() throws {
        let schema = """
            {"oneOf":[{"type":"null"},
            {"properties":{"kind":{"const":"a"},"x":{"type":"string"}},"required":["kind"]},
            {"properties":{"kind":{"const":"b"},"x":{"type":"string"},"y":{"type":"string"}},"required":["kind"]}]}
            """
        let found = try violations(schema, "{\"kind\":\"b\",\"x\":1,\"y\":2}")
        #expect(found.map(\.keyword) == ["oneOf", "type", "type"])
        #expect(found.map(\.keywordLocation.description).last == "/oneOf/2/properties/y/type")
        let both = try violations("{\"oneOf\":[true,{\"type\":\"number\"}]}", "1")
        #expect(both.map(\.detail) == ["must match exactly one of 2 alternatives, and matches more"])
    }

    @Test func `a bad name is told at its member`() throws {
        let found = try violations("{\"propertyNames\":{\"maxLength\":1}}", "{\"a\":1,\"bc\":1}")
        #expect(found.map(\.description) == ["/bc: maxLength: must have at most 1 characters"])
        #expect(found.first?.keywordLocation.description == "/propertyNames/maxLength")
    }

    @Test(arguments: [
        ("false", "1", "", ""), ("{\"not\":true}", "1", "not", "/not"), ("{\"items\":false}", "[1]", "items", "/items"),
        ("{\"if\":true,\"then\":{\"const\":2}}", "1", "const", "/then/const"),
        ("{\"dependentRequired\":{\"a\":[\"b\"]}}", "{\"a\":1}", "dependentRequired", "/dependentRequired"),
        ("{\"contains\":{\"const\":1},\"maxContains\":1}", "[1,1]", "maxContains", "/maxContains"),
        ("{\"patternProperties\":{\"^a/\":false}}", "{\"a/\":1}", "patternProperties", "/patternProperties/^a~1"),
        ("{\"uniqueItems\":true}", "[{\"a\":1,\"b\":2},{\"b\":2.0,\"a\":1}]", "uniqueItems", "/uniqueItems"),
    ])
    func `each violation names its keyword`(
        _ schema: String, _ instance: String, _ keyword: String, _ location: String
    ) throws {
        let found = try violations(schema, instance)
        #expect(found.map(\.keyword) == [keyword])
        #expect(found.map(\.keywordLocation.description) == [location])
    }

    @Test(arguments: [
        ("0.1", "0.3", true), ("0.1", "0.35", false), ("0.01", "19.99", true), ("1e-8", "12391239123", true),
        ("3", "1e400", false), ("2", "1e400", true), ("7", "123456789012345678901234567891", false),
        ("123456789", "15241578750190521", true), ("100", "1e1", false), ("5e2", "1.5e3", true), ("0.3", "0", true),
        ("999999999999999999", "999999999999999999000", true), ("999999999999999999", "999999999999999998", false),
    ])
    func `multiples are exact in decimal`(_ divisor: String, _ value: String, _ isValid: Bool) throws {
        #expect(try violations("{\"multipleOf\":\(divisor)}", value).isEmpty == isValid)
    }

    @Test(arguments: [
        ("9007199254740992", "9007199254740993", false), ("1e400", "1e399", true), ("1e400", "1e401", false),
        ("0.1", "0.10000000000000000000001", false), ("-1e400", "-1e401", true),
    ])
    func `limits are exact, however large`(_ limit: String, _ value: String, _ isValid: Bool) throws {
        #expect(try violations("{\"maximum\":\(limit)}", value).isEmpty == isValid)
    }

    @Test(arguments: [
        ("123456789012345678901", "123456789012345678902", false),
        ("123456789012345678901", "12345678901234567890.1", false),
        ("123456789012345678901", "0", true), ("123456789012345678901", "123456789012345678901", true),
        ("123456789012345678901", "-370370367037037036703", true),
        ("123456789012345678901", "12345678901234567890100000", true), ("123456789012345678901", "1e25", false),
        ("123456789012345678901", "1.23456789012345678901e999", true),
        ("12345678901234567890.1", "24691357802469135780.2", true),
        ("12345678901234567890.1", "24691357802469135780.3", false),
        ("340282366920938463463374607431768211456", "1e40", false),
        (
            "340282366920938463463374607431768211456",
            "115792089237316195423570985008687907853269984665640564039457584007913129639936", true
        ),
        ("12345678901234567891e-30", "12345678901234567891", true), ("3333333333333333333333", "1e100000000000", false),
        ("18446744073709551616", "1e64", true), ("18446744073709551616", "1e63", false),
        ("7450580596923828125", "1e26", false), ("7450580596923828125", "1e27", true),
        ("7450580596923828125e-9", "1e17", false), ("7450580596923828125e-9", "1e18", true),
    ])
    func `multiples of long numbers are exact`(_ divisor: String, _ value: String, _ isValid: Bool) throws {
        #expect(try violations("{\"multipleOf\":\(divisor)}", value).isEmpty == isValid)
    }

    @Test func `a limit that no Int holds is one that nothing reaches`() throws {
        #expect(try violations("{\"maxLength\":1e40,\"maxItems\":99999999999999999999}", "\"x\"") == [])
        #expect(try violations("{\"minLength\":1e40,\"minItems\":1e2}", "\"x\"").map(\.keyword) == ["minLength"])
    }

    @Test func `lengths count code points, also of escapes`() throws {
        #expect(try violations("{\"maxLength\":2,\"minLength\":2}", "\"\\uD83D\\uDE00e\u{301}\"").count == 1)
        #expect(try violations("{\"maxLength\":2,\"minLength\":2}", "\"\\uD83D\\uDE00\u{E9}\"") == [])
    }

    @Test func `a recursive schema follows an instance of 512 levels, and refuses one without end`() throws {
        let schema = "{\"$dynamicAnchor\":\"n\",\"allOf\":[{\"items\":{\"$dynamicRef\":\"#n\"}}],\"type\":\"array\"}"
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(try violations(schema, nested(512)) == [])
        #expect(try violations(schema, nested(4000)).map(\.detail) == ["takes more work to check than is allowed"])
        #expect(try violations("{\"not\":\(schema)}", nested(4000)).count == 1)
    }

    @Test func `work that doubles with each level is cut off`() throws {
        let schema = "{\"allOf\":[{\"items\":{\"$ref\":\"#\"}},{\"items\":{\"$ref\":\"#\"}}]}"
        let instance = String(repeating: "[", count: 40) + String(repeating: "]", count: 40)
        #expect(try violations(schema, instance).map(\.detail) == ["takes more work to check than is allowed"])
    }

    @Test(arguments: [
        ("7", true), ("7.0", true), ("70e-1", true), ("-0.0", true), ("2.50", true), ("99999999999999999999e1", true),
        ("10", false), ("2.51", false), ("true", false), ("null", true), ("[1]", true), ("[1.0]", true), ("[]", false),
        ("{\"b\":[],\"a\":7.0}", true), ("{\"a\":7}", false), ("\"7\"", false), ("\"x\"", true),
    ])
    func `one of many constants is found however it is written`(_ value: String, _ isValid: Bool) throws {
        let schema = """
            {"enum":[0,1,2,3,4,5,6,7,8,9,2.5,999999999999999999990,null,[1],{"a":7,"b":[]},"x"]}
            """
        #expect(try violations(schema, value).isEmpty == isValid)
    }

    @Test func `a great exponent costs no more than a small one`() throws {
        let divisor = String(repeating: "12345678901234567891", count: 10)
        let values = Array(repeating: "9e99999999999999999", count: 1000).joined(separator: ",")
        #expect(try violations("{\"items\":{\"not\":{\"multipleOf\":\(divisor)}}}", "[\(values)]") == [])
    }

    @Test func `elements that are compared at each level again are work that is cut off`() throws {
        let schema = "{\"uniqueItems\":true,\"items\":{\"$ref\":\"#\"}}"
        let few = (0..<20).map(String.init).joined(separator: ",")
        func nested(_ levels: Int) -> String {
            String(repeating: "[\(few),", count: levels) + "[\((0..<1000).map(String.init).joined(separator: ","))]"
                + String(repeating: "]", count: levels)
        }
        #expect(try violations(schema, nested(30)) == [])
        #expect(try violations(schema, nested(500)).map(\.detail) == ["takes more work to check than is allowed"])
    }

    @Test func `many elements are compared in time`() throws {
        let elements = (0..<20_000).map { "{\"n\":\($0)}" }.joined(separator: ",")
        #expect(try violations("{\"uniqueItems\":true}", "[\(elements)]") == [])
        #expect(try violations("{\"uniqueItems\":true}", "[\(elements),{\"n\":7e0}]").count == 1)
    }
}
