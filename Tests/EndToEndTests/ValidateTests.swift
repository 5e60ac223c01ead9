import Foundation
import StrictJSON
import Testing

/// `simpul validate` as it is called: exit codes and output.
@Suite struct ValidateTests {
    private func validate(_ arguments: [String], files: [String: String] = [:]) async throws -> Programs.Ended {
        let folder = FileManager.default.temporaryDirectory.appending(path: "simpul-validate-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for (name, text) in files { try Data(text.utf8).write(to: folder.appending(path: name)) }
        let arguments = arguments.map { $0.hasSuffix(".json") ? folder.appending(path: $0).path : $0 }
        let ended = try await Programs.run(
            Programs.folder.appending(path: "simpul"), ["validate"] + arguments, environment: ["LC_ALL": "C"])
        return Programs.Ended(
            code: ended.code, output: ended.output.replacing(folder.path + "/", with: ""), error: ended.error)
    }

    private static let files = [
        "s.json": "{\"properties\":{\"a\":{\"type\":\"null\"}}}", "bad-schema.json": "{\"type\":\"text\"}",
        "good.json": "{\"a\":null}", "bad.json": "{\"a\":\"rahasia\"}", "broken.json": "{",
    ]

    @Test(
        arguments: [
            ([], 2), (["--schema", "s.json"], 2), (["--format-assertion", "good.json"], 2),
            (["--resource", "s.json", "good.json"], 2), (["--schema", "-", "-"], 2),
            (["--schema", "bad-schema.json", "good.json"], 2), (["--schema", "none.json", "good.json"], 2),
            (["--schema", "broken.json", "good.json"], 2), (["--schema", "s.json", "none.json"], 2),
            (["--schema", "s.json", "broken.json"], 2), (["--schema", "s.json", "broken.json", "bad.json"], 2),
            (["--schema", "s.json", "bad.json", "broken.json", "good.json"], 2),
            (["--schema", "s.json", "bad.json"], 1),
            (["--schema", "s.json", "good.json", "bad.json"], 1), (["--schema", "s.json", "good.json"], 0),
            (["none.json", "good.json"], 2), (["broken.json"], 2), (["good.json"], 1),
            (["good.json", "broken.json"], 2),
        ] as [([String], Int32)])
    func `the exit code is that of the worst file`(_ arguments: [String], _ code: Int32) async throws {
        #expect(try await validate(arguments, files: Self.files).code == code)
    }

    @Test func `every file is reported, and no value of it`() async throws {
        let ended = try await validate(
            ["--schema", "s.json", "bad.json", "broken.json", "good.json"], files: Self.files)
        let lines = ended.output.split(separator: "\n").map(String.init)
        #expect(lines.count == 5)
        #expect(lines[0] == "bad.json: not valid")
        #expect(lines[1] == "  /a: must be of type null (type: /properties/a/type)")
        #expect(lines[2] == "broken.json: not checked" && lines[4] == "good.json: valid")
        #expect(!ended.output.contains("rahasia"))
    }

    @Test func `as JSON, every file is an entry with its errors`() async throws {
        let ended = try await validate(["--json", "--schema", "s.json", "bad.json", "good.json"], files: Self.files)
        let answer = try JSONDocument(Array(ended.output.trimmingCharacters(in: .newlines).utf8)).root
        #expect(answer["valid"]?.bool == false)
        let files = try #require(answer["files"]).elements.map { $0 }
        #expect(files.map { $0["valid"]?.bool } == [false, true])
        let error = try #require(files[0]["errors"]?.elements.first { _ in true })
        #expect(error["pointer"]?.string == "/a" && error["keyword"]?.string == "type")
        #expect(error["schema"]?.string == "/properties/a/type")
        let faulty = try await validate(["--json", "--schema", "bad-schema.json", "good.json"], files: Self.files)
        let failure = try JSONDocument(Array(faulty.output.trimmingCharacters(in: .newlines).utf8)).root
        #expect(failure["error"]?["code"]?.string == "schema-faulty")
    }
}
