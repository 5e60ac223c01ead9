import Foundation
import SimpulCore
import SimpulTesting
import StrictJSON
import Testing

@testable import SimpulClient

/// Any JSON against any schema, and what each kind of file means for the exit code.
@Suite struct SchemaCheckTests {
    private let temporary: TemporaryFolder

    init() throws { temporary = try TemporaryFolder() }

    private func file(_ name: String, _ text: String) throws -> String {
        let path = temporary.path + "/" + name
        try FileAccess.writeDurably(Array(text.utf8), to: path)
        return path
    }

    private func check(_ schema: String, _ resources: [String] = [], formats: Bool = false) throws -> SchemaCheck {
        try SchemaCheck(schema: file("s.json", schema), resources: resources, assertsFormats: formats, violations: 3)
    }

    // MARK: Schemas that cannot be used

    @Test(arguments: [
        ("{", "json-invalid", "1:2"),
        ("{\"items\":{\"type\":\"text\"}}", "schema-faulty", "#/items/type: invalid-keyword"),
        ("{\"a\":1,\"a\":2}", "json-invalid", "same name twice"), ("3", "schema-faulty", "object or a boolean"),
        ("{\"$ref\":\"other.json\"}", "schema-faulty", "none is fetched from a network or a disk"),
        ("{\"$ref\":\"https://else.test/a\"}", "schema-faulty", "none is fetched from a network or a disk"),
        ("{\"$schema\":\"http://json-schema.org/draft-07/schema#\"}", "schema-faulty", "#/$schema: unknown-vocabulary"),
    ])
    func `a schema that cannot be used is an error of its own, with its place`(
        _ schema: String, _ code: String, _ words: String
    ) throws {
        _ = try file("other.json", "true")
        let error = try #require(throws: ClientError.self) { try check(schema) }
        #expect(error.code == code)
        #expect(error.outcome == .unable)
        #expect(error.detail.english.contains(words), "\(error.detail.english)")
    }

    @Test func `a schema or a resource that is not there is named`() throws {
        let error = try #require(throws: ClientError.self) { try SchemaCheck(schema: temporary.path + "/none.json") }
        #expect(error.code == "file" && error.detail.english.contains("none.json"))
        let other = try #require(throws: ClientError.self) { try check("true", [temporary.path + "/nil.json"]) }
        #expect(other.code == "file" && other.detail.english.contains("nil.json"))
    }

    @Test func `a resource that is faulty or given twice is refused`() throws {
        let faulty = try file("r.json", "{\"$id\":1}")
        #expect(throws: ClientError.self) { try check("true", [faulty]) }
        let twice = try file("t.json", "true")
        let error = try #require(throws: ClientError.self) { try check("true", [twice, twice]) }
        #expect(error.detail.english.contains("duplicate-uri"))
    }

    // MARK: Files

    @Test func `a file that cannot be read, and one that is no JSON, are unable to be checked`() throws {
        let check = try check("true")
        let missing = check.check(temporary.path + "/none.json")
        #expect(missing.verdict == .unable && missing.found.map(\.fault.keyword) == ["file"])
        for text in ["", "{", "nul", "[1,]", "{\"a\":1,\"a\":1}", "1 2"] {
            let broken = check.check(try file("i.json", text))
            #expect(broken.verdict == .unable && broken.found.map(\.fault.keyword) == ["json-invalid"], "\(text)")
        }
    }

    @Test func `each violation has its place in the file, its keyword and its place in the schema`() throws {
        let schema = """
            {"properties":{"a":{"$ref":"#/$defs/n"},"b/c":false},"required":["d"],"$defs":{"n":{"minimum":3}}}
            """
        let checked = try check(schema).check(try file("i.json", "{\"a\":1,\"b/c\":2}"))
        #expect(checked.verdict == .invalid && !checked.isCut)
        #expect(
            Set(checked.found.map { "\($0.fault.pointer) \($0.fault.keyword) \($0.schemaLocation ?? "")" }) == [
                "/a minimum /properties/a/$ref/minimum", "/b~1c properties /properties/b~1c", " required /required",
            ])
        #expect(checked.found.allSatisfy { !$0.fault.detail.english.isEmpty && !$0.fault.detail.indonesian.isEmpty })
    }

    @Test func `as many violations are listed as allowed, and that there are more is told`() throws {
        let check = try check("{\"items\":false}")
        let three = check.check(try file("i.json", "[1,2,3]"))
        #expect(three.found.count == 3 && !three.isCut)
        let four = check.check(try file("i.json", "[1,2,3,4]"))
        #expect(four.found.count == 3 && four.isCut)
    }

    @Test func `a valid file has nothing found, whatever its numbers`() throws {
        let check = try check("{\"type\":\"array\",\"items\":{\"type\":\"integer\"}}")
        let checked = check.check(try file("i.json", "[1,1e400,123456789012345678901234567890]"))
        #expect(checked.verdict == .valid && checked.found.isEmpty)
    }

    @Test func `formats decide where it is asked for, and unknown ones never`() throws {
        let schema = "{\"properties\":{\"a\":{\"format\":\"ipv4\"},\"b\":{\"format\":\"colour\"}}}"
        let instance = try file("i.json", "{\"a\":\"x\",\"b\":\"x\"}")
        #expect(try check(schema).check(instance).verdict == .valid)
        let asserted = try check(schema, formats: true).check(instance)
        #expect(asserted.found.map(\.fault.pointer) == ["/a"])
    }

    @Test func `other documents are found by their $id, and as neighbours`() throws {
        let named = try file("r 1.json", "{\"$id\":\"https://contoh.test/r\",\"type\":\"null\"}")
        let neighbour = try file("n.json", "{\"type\":\"null\"}")
        let instances = (try file("i.json", "null"), try file("j.json", "1"))
        for reference in ["https://contoh.test/r", "r%201.json", "n.json", "./x/../n.json"] {
            let check = try check("{\"$ref\":\"\(reference)\"}", [named, neighbour])
            #expect(check.check(instances.0).verdict == .valid, "\(reference)")
            #expect(check.check(instances.1).verdict == .invalid, "\(reference)")
        }
        let check = try check("{\"$ref\":\"https://json-schema.org/draft/2020-12/schema\"}")
        #expect(check.check(try file("k.json", "{\"type\":1}")).verdict == .invalid)
    }

    @Test(arguments: [
        ("/a/b.json", "file:///a/b.json"), ("/a/../b c.json", "file:///b%20c.json"), ("/../a", "file:///a"),
        ("/a/./b", "file:///a/b"), ("/é%.json", "file:///%C3%A9%25.json"), ("-", "file:///dev/stdin"),
    ])
    func `a path becomes a URI of the scheme file`(_ path: String, _ uri: String) {
        #expect(SchemaCheck.uri(of: path) == uri)
    }

    @Test func `a relative path is one of the working folder`() {
        let folder = FileManager.default.currentDirectoryPath
        #expect(SchemaCheck.uri(of: "x.json") == SchemaCheck.uri(of: folder + "/x.json"))
    }

    // MARK: Messages

    @Test func `of messages, what is no JSON is not checked, and what is one breaks its schema`() throws {
        let check = DocumentCheck(catalogue: try TestNetwork.shared.get().catalogue)
        #expect(check.check(temporary.path + "/none.json").verdict == .unable)
        let broken = check.check(try file("i.json", "{"))
        #expect(broken.verdict == .unable && broken.found.map(\.fault.keyword) == ["json-invalid"])
        for text in ["{}", "[]", "3", "{\"header\":{},\"body\":{\"a\":1e300}}"] {
            #expect(check.check(try file("i.json", text)).verdict == .invalid, "\(text)")
        }
    }
}
