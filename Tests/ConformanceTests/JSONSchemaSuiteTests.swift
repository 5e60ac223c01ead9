import Foundation
import JSONSchema
import StrictJSON
import Testing

/// The required cases of the JSON Schema Test Suite for draft 2020-12, every file of it.
@Suite struct JSONSchemaSuiteTests {
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["SIMPUL_TESTDATA"] { return URL(filePath: path) }
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.deletingLastPathComponent().appending(path: "shared/testdata")
    }()

    static let isPresent: Bool = {
        let suite = folder.appending(path: "json-schema-2020-12")
        let isPresent = FileManager.default.fileExists(atPath: suite.path(percentEncoded: false))
        if !isPresent { print("skipped: JSON Schema Test Suite, there is no \(suite.path(percentEncoded: false))") }
        return isPresent
    }()

    /// Cases known to fail, as `file / group / case`. It may only shrink.
    static let knownGaps: Set<String> = []

    @Test(.enabled(if: isPresent)) func `every required case of draft 2020-12 passes`() throws {
        let registry = try Self.registry()
        var results: [String: Bool] = [:]
        for file in try Self.files(under: "json-schema-2020-12") where file.name.hasSuffix(".json") {
            for (number, group) in file.document.root.elements.enumerated() {
                try Self.run(group, number, file.name, registry) { results[$0] = $1 }
            }
        }
        let failed = Set(results.filter { !$0.value }.keys)
        print("JSON Schema Test Suite, draft 2020-12: \(results.count - failed.count) of \(results.count)")
        #expect(results.count >= 1299)
        #expect(failed.subtracting(Self.knownGaps).sorted() == [])
        #expect(Self.knownGaps.subtracting(failed).sorted() == [], "these pass now: take them off the list")
    }

    @Test(.enabled(if: isPresent)) func `the metaschema accepts itself and refuses a faulty schema`() throws {
        let uri = "https://json-schema.org/draft/2020-12/schema"
        let schema = try Self.registry().compile(uri, formats: .assertion)
        let metaschema = try #require(
            Self.files(under: "json-schema-metaschema").first { $0.name == "metaschema.json" })
        #expect(schema.violations(in: metaschema.document.root, limit: 10) == [])
        let faulty = try JSONDocument(Array("{\"properties\":{\"a\":{\"type\":\"text\"}}}".utf8))
        let places = schema.violations(in: faulty.root, limit: 10).map(\.instanceLocation.description)
        #expect(Set(places) == ["/properties/a/type"])
    }

    /// A case that cannot be compiled fails, whatever it expects.
    private static func run(
        _ group: JSONValue, _ number: Int, _ file: String, _ registry: SchemaRegistry,
        record: (String, Bool) -> Void
    ) throws {
        let schema = try JSONDocument(JSON(#require(group["schema"])).bytes)
        var registry = registry
        let uri = "https://example.test/\(file)/\(number)"
        var compiled: CompiledSchema?
        do {
            try registry.add(schema, uri: uri)
            compiled = try registry.compile(uri, formats: .annotation)
        } catch {
            print("\(file) \(group["description"]?.string ?? ""): \(error)")
        }
        for (index, test) in try #require(group["tests"]).elements.enumerated() {
            let words = [group["description"]?.string, test["description"]?.string].map { $0 ?? "" }
            let instance = try #require(test["data"])
            let isValid = compiled?.isValid(instance)
            let isEmpty = compiled?.violations(in: instance, limit: 5).isEmpty
            let expected = test["valid"]?.bool
            record("\(file) / \(words[0]) / \(index) \(words[1])", isValid == expected && isEmpty == expected)
        }
    }

    private static func registry() throws -> SchemaRegistry {
        var registry = SchemaRegistry()
        for file in try files(under: "json-schema-remotes") {
            try registry.add(file.document, uri: "http://localhost:1234/\(file.name)")
        }
        for file in try files(under: "json-schema-metaschema") {
            let base = "https://json-schema.org/draft/2020-12/"
            let name = file.name == "metaschema.json" ? "schema" : "meta/" + file.name.split(separator: "/")[1]
            try registry.add(file.document, uri: base + name)
        }
        return registry
    }

    /// Every file below a folder of the test data that is JSON, with its path inside that folder.
    private static func files(under name: String) throws -> [(name: String, document: JSONDocument)] {
        let root = folder.appending(path: name)
        let names = try FileManager.default.subpathsOfDirectory(atPath: root.path(percentEncoded: false)).sorted()
        return try names.compactMap { name in
            let file = root.appending(path: name)
            let isFolder = try file.resourceValues(forKeys: [.isDirectoryKey]).isDirectory == true
            if isFolder || name == "LICENSE" { return nil }
            return (name, try JSONDocument(Array(Data(contentsOf: file))))
        }
    }
}
