import Foundation
import StrictJSON
import Testing

/// The required cases of the JSON Schema Test Suite, through one process.
@Suite(.timeLimit(.minutes(2))) struct SuiteTests {
    private static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["SIMPUL_TESTDATA"] { return URL(filePath: path) }
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return root.deletingLastPathComponent().appending(path: "shared/testdata")
    }()

    static let isPresent: Bool = {
        let suite = folder.appending(path: "json-schema-2020-12").path(percentEncoded: false)
        let isPresent = FileManager.default.fileExists(atPath: suite)
        if !isPresent { print("skipped: JSON Schema Test Suite through the harness, there is no \(suite)") }
        return isPresent
    }()

    @Test(.enabled(if: isPresent)) func `every required case of draft 2020-12 passes through the harness`() async throws
    {
        let harness = try HarnessProcess()
        _ = try harness.ask(HarnessProcess.start)
        _ = try harness.ask(HarnessProcess.dialect)
        let remotes = try Self.remotes()
        var (passed, failed) = (0, [String]())
        for (name, document) in try Self.documents(under: "json-schema-2020-12") {
            for (number, group) in document.root.elements.enumerated() {
                let expected = try #require(group["tests"]).elements.map { $0["valid"]?.bool }
                let answer = try harness.ask(Self.request(group, "\(name)/\(number)", remotes).bytes)
                #expect(answer?["seq"]?.string == "\(name)/\(number)")
                let found = answer?["results"]?.elements.map { $0["valid"]?.bool } ?? []
                for (index, verdict) in expected.enumerated() {
                    let isRight = index < found.count && found[index] == verdict
                    if isRight { passed += 1 } else { failed.append("\(name) / \(number) / \(index)") }
                }
            }
        }
        print("JSON Schema Test Suite through the harness: \(passed) of \(passed + failed.count)")
        #expect(failed == [])
        #expect(passed >= 1299)
        #expect(try harness.ask("{\"cmd\":\"stop\"}") == nil)
        #expect(await harness.end() == (0, ""))
    }

    /// A group of the suite as Bowtie sends it: `data` is called `instance` there.
    private static func request(_ group: JSONValue, _ seq: String, _ remotes: JSON) throws -> JSON {
        let tests = try #require(group["tests"]).elements.map { test -> JSON in
            ["description": JSON(try #require(test["description"])), "instance": JSON(try #require(test["data"]))]
        }
        let schema = JSON(try #require(group["schema"]))
        return [
            "cmd": "run", "seq": .string(seq), "output": "flag",
            "case": ["description": "", "schema": schema, "registry": remotes, "tests": .array(tests)],
        ]
    }

    private static func remotes() throws -> JSON {
        .object(
            try documents(under: "json-schema-remotes").map { name, document in
                JSON.Member("http://localhost:1234/\(name)", JSON(document.root))
            })
    }

    private static func documents(under name: String) throws -> [(String, JSONDocument)] {
        let root = folder.appending(path: name)
        let names = try FileManager.default.subpathsOfDirectory(atPath: root.path(percentEncoded: false)).sorted()
        return try names.filter { $0.hasSuffix(".json") }.map { name in
            (name, try JSONDocument(Array(Data(contentsOf: root.appending(path: name)))))
        }
    }
}
