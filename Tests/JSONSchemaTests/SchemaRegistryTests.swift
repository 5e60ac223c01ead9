import JSONSchema
import StrictJSON
import Testing

/// What is refused when schemas are added and compiled, and where.
@Suite struct SchemaRegistryTests {
    static let uri = "https://contoh.test/a"

    private func compile(_ schema: String, formats: FormatMode = .assertion, fragment: String = "") throws {
        var registry = SchemaRegistry()
        try registry.add(JSONDocument(Array(schema.utf8)), uri: Self.uri)
        _ = try registry.compile(Self.uri + fragment, formats: formats)
    }

    private func refuses(_ schema: String, _ code: SchemaError.Code, at pointer: String) {
        let error = #expect(throws: SchemaError.self) { try compile(schema) }
        #expect(error?.code == code)
        #expect(error?.pointer.description == pointer)
        #expect(error?.document == Self.uri)
    }

    @Test(arguments: [
        ("1", ""), ("[]", ""), ("{\"type\":1}", "/type"), ("{\"type\":\"text\"}", "/type"), ("{\"type\":[]}", "/type"),
        ("{\"type\":[\"null\",\"null\"]}", "/type"), ("{\"enum\":1}", "/enum"), ("{\"minimum\":\"1\"}", "/minimum"),
        ("{\"multipleOf\":0}", "/multipleOf"), ("{\"multipleOf\":-1}", "/multipleOf"),
        ("{\"maxLength\":-1}", "/maxLength"),
        ("{\"minItems\":1.5}", "/minItems"), ("{\"uniqueItems\":1}", "/uniqueItems"),
        ("{\"required\":\"a\"}", "/required"),
        ("{\"required\":[\"a\",\"a\"]}", "/required"), ("{\"required\":[1]}", "/required"),
        ("{\"properties\":[]}", "/properties"), ("{\"properties\":{\"a\":1}}", "/properties/a"),
        ("{\"allOf\":[]}", "/allOf"), ("{\"anyOf\":{}}", "/anyOf"), ("{\"oneOf\":[true,1]}", "/oneOf/1"),
        ("{\"items\":[true]}", "/items"), ("{\"not\":null}", "/not"), ("{\"then\":1}", "/then"),
        ("{\"$defs\":{\"a/b\":{\"items\":3}}}", "/$defs/a~1b/items"),

        ("{\"$anchor\":\"1\"}", "/$anchor"), ("{\"title\":1}", "/title"), ("{\"minContains\":\"1\"}", "/minContains"),
        ("{\"dependentRequired\":{\"a\":1}}", "/dependentRequired"), ("{\"pattern\":1}", "/pattern"),
        ("{\"additionalProperties\":null}", "/additionalProperties"), ("{\"maxProperties\":1.5}", "/maxProperties"),
    ])
    func `a keyword with a value it may not have is refused at its place`(_ schema: String, _ pointer: String) {
        refuses(schema, .invalidKeyword, at: pointer)
    }

    @Test(arguments: [
        ("{\"items\":{\"pattern\":\"(\"}}", "/items/pattern"),
        ("{\"patternProperties\":{\"a/[\":{}}}", "/patternProperties/a~1["),
    ])
    func `a bad pattern is refused at its place`(_ schema: String, _ pointer: String) {
        refuses(schema, .invalidPattern, at: pointer)
    }

    @Test(arguments: [
        ("{\"$ref\":\"#/$defs/x\"}", "/$ref"), ("{\"$defs\":{\"y\":{\"$ref\":\"b\"}}}", "/$defs/y/$ref"),
        ("{\"$ref\":\"#x\"}", "/$ref"), ("{\"$dynamicRef\":\"#x\"}", "/$dynamicRef"), ("{\"$ref\":\"#%ff\"}", "/$ref"),
    ])
    func `a reference to nothing is refused, used or not`(_ schema: String, _ pointer: String) {
        refuses(schema, .unresolvedReference, at: pointer)
    }

    @Test(arguments: [
        ("{\"$ref\":\"#%zz\"}", "/$ref"), ("{\"$dynamicRef\":\"a b\"}", "/$dynamicRef"), ("{\"$ref\":1}", "/$ref"),
        ("{\"items\":{\"$schema\":\"schema\"}}", "/items/$schema"), ("{\"$id\":\"a b\"}", "/$id"),
    ])
    func `what should refer and is no URI reference is refused at its place`(_ schema: String, _ pointer: String) {
        refuses(schema, .invalidURI, at: pointer)
    }

    @Test func `a reference to a document that is not there is told as one that nobody fetches`() {
        let error = #expect(throws: SchemaError.self) { try compile("{\"$ref\":\"https://else.test/b#/x\"}") }
        #expect(error?.detail.contains("https://else.test/b is known, and none is fetched") == true)
        let inside = #expect(throws: SchemaError.self) { try compile("{\"$ref\":\"#/x\"}") }
        #expect(inside?.detail == "https://contoh.test/a#/x leads nowhere")
    }

    @Test(arguments: [
        ("{\"$ref\":\"#\"}", ""), ("{\"allOf\":[{\"$ref\":\"#\"}]}", ""),
        ("{\"$defs\":{\"a\":{\"$ref\":\"#/$defs/b\"},\"b\":{\"not\":{\"$ref\":\"#/$defs/a\"}}}}", "/$defs/a"),
        ("{\"if\":true,\"then\":{\"anyOf\":[true,{\"$ref\":\"#\"}]}}", ""), ("{\"$ref\":\"\"}", ""),
        ("{\"$dynamicAnchor\":\"n\",\"$dynamicRef\":\"#n\"}", ""),
    ])
    func `references that lead back without a step into the instance are refused`(_ schema: String, _ pointer: String) {
        refuses(schema, .endlessReference, at: pointer)
    }

    @Test func `an unknown format is refused where formats are asserted, and only there`() throws {
        refuses("{\"properties\":{\"a\":{\"format\":\"colour\"}}}", .unknownFormat, at: "/properties/a/format")
        refuses("{\"format\":\"idn-mail\"}", .unknownFormat, at: "/format")
        try compile("{\"format\":\"colour\"}", formats: .annotation)
        try compile("{\"format\":\"colour\"}", formats: .assertionWhereKnown)
    }

    @Test(arguments: FormatMode.allCases, [true, false])
    func `under the format-assertion vocabulary formats are asserted and unknown ones refused, whatever the mode`(
        _ mode: FormatMode, _ isRequired: Bool
    ) throws {
        let vocabulary = "https://json-schema.org/draft/2020-12/vocab/"
        let metaschema =
            "{\"$vocabulary\":{\"\(vocabulary)core\":true,\"\(vocabulary)format-assertion\":\(isRequired)}}"
        var registry = SchemaRegistry()
        try registry.add(JSONDocument(Array(metaschema.utf8)), uri: "https://contoh.test/meta")
        for format in ["ipv4", "colour"] {
            let schema = "{\"$schema\":\"https://contoh.test/meta\",\"format\":\"\(format)\"}"
            try registry.add(JSONDocument(Array(schema.utf8)), uri: "https://contoh.test/\(format)")
        }
        let known = try registry.compile("https://contoh.test/ipv4", formats: mode)
        #expect(try !known.isValid(JSONDocument(Array("\"x\"".utf8)).root))
        let error = #expect(throws: SchemaError.self) {
            try registry.compile("https://contoh.test/colour", formats: mode)
        }
        #expect(error?.code == .unknownFormat)
        #expect(error?.pointer.description == "/format")
    }

    @Test func `where known formats are asserted, unknown ones are ignored beside them`() throws {
        var registry = SchemaRegistry()
        let schema = "{\"properties\":{\"a\":{\"format\":\"ipv4\"},\"b\":{\"format\":\"colour\"}}}"
        try registry.add(JSONDocument(Array(schema.utf8)), uri: Self.uri)
        let compiled = try registry.compile(Self.uri, formats: .assertionWhereKnown)
        #expect(try !compiled.isValid(JSONDocument(Array("{\"a\":\"x\"}".utf8)).root))
        #expect(try compiled.isValid(JSONDocument(Array("{\"a\":\"127.0.0.1\",\"b\":\"x\"}".utf8)).root))
    }

    @Test func `an unknown metaschema or vocabulary is refused`() throws {
        refuses("{\"$schema\":\"http://json-schema.org/draft-07/schema#\"}", .unknownVocabulary, at: "/$schema")
        try compile("{\"$schema\":\"https://json-schema.org/draft/2020-12/schema\"}")
        refuses(
            "{\"$schema\":\"m\",\"$defs\":{\"m\":{\"$id\":\"m\"}}}", .unknownVocabulary, at: "/$schema")
    }

    @Test(arguments: ["a", "/a", "https://contoh.test/#a", ""])
    func `a document needs an absolute URI without fragment`(_ uri: String) throws {
        var registry = SchemaRegistry()
        let error = #expect(throws: SchemaError.self) { try registry.add(JSONDocument(Array("{}".utf8)), uri: uri) }
        #expect(error?.code == .invalidURI)
    }

    @Test func `an identifier that is taken is refused, and the registry stays as it was`() throws {
        var registry = SchemaRegistry()
        try registry.add(JSONDocument(Array("{\"$id\":\"b\"}".utf8)), uri: Self.uri)
        for text in ["{\"$id\":\"https://contoh.test/b\"}", "{\"$defs\":{\"x\":{\"$id\":\"https://contoh.test/a\"}}}"] {
            let error = #expect(throws: SchemaError.self) {
                try registry.add(JSONDocument(Array(text.utf8)), uri: "https://contoh.test/c")
            }
            #expect(error?.code == .duplicateURI)
        }
        try registry.add(JSONDocument(Array("{}".utf8)), uri: "https://contoh.test/c")
        refuses(
            "{\"$defs\":{\"x\":{\"$anchor\":\"n\"},\"y\":{\"$anchor\":\"n\"}}}", .duplicateURI, at: "/$defs/y/$anchor")
        refuses("{\"$id\":\"#x\"}", .invalidURI, at: "/$id")
    }

    @Test func `a fragment names a part of a document, and an unknown one nothing`() throws {
        try compile("{\"$defs\":{\"x\":{\"$anchor\":\"n\"}}}", fragment: "#/$defs/x")
        try compile("{\"$defs\":{\"x\":{\"$anchor\":\"n\"}}}", fragment: "#n")
        let error = #expect(throws: SchemaError.self) { try compile("{}", fragment: "#m") }
        #expect(error?.code == .unresolvedReference)
    }

    @Test func `unknown keywords are ignored, and an error names code and place`() throws {
        try compile("{\"x-privacy\":\"P3\",\"properties\":{\"a\":{\"x-privacy\":[\"P4\"]}}}")
        let error = #expect(throws: SchemaError.self) { try compile("{\"type\":\"text\"}") }
        #expect(error?.description == "https://contoh.test/a#/type: invalid-keyword: type knows no text")
    }
}
