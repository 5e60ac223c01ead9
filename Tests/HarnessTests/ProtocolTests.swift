import StrictJSON
import Testing

/// The protocol as the program speaks it: order, answers, faults.
@Suite(.timeLimit(.minutes(2))) struct ProtocolTests {
    private static func run(_ test: String, seq: String = "1") -> String {
        "{\"cmd\":\"run\",\"seq\":\(seq),\"output\":\"flag\",\"case\":\(test)}"
    }

    private func started(_ arguments: [String] = []) throws -> HarnessProcess {
        let harness = try HarnessProcess(arguments)
        _ = try harness.ask(HarnessProcess.start)
        _ = try harness.ask(HarnessProcess.dialect)
        return harness
    }

    /// The verdicts on one schema's instances.
    private func verdicts(
        _ schema: String, _ instances: [String], registry: String = "{}", _ arguments: [String] = []
    ) throws -> [Bool?] {
        let tests = instances.map { "{\"description\":\"\",\"instance\":\($0)}" }.joined(separator: ",")
        let test = "{\"description\":\"\",\"schema\":\(schema),\"registry\":\(registry),\"tests\":[\(tests)]}"
        let answer = try started(arguments).ask(Self.run(test))
        return try #require(answer?["results"]).elements.map { $0["valid"]?.bool }
    }

    // MARK: Lines that cannot be answered

    @Test(arguments: [
        ("", "not JSON"), ("{", "not JSON"), ("[]", "cmd"), ("{\"cmd\":1}", "cmd"),
        ("{\"cmd\":\"begin\"}", "no such command"),
        ("{\"cmd\":\"start\",\"version\":2}", "version 1"), ("{\"cmd\":\"start\"}", "version 1"),
        ("{\"cmd\":\"dialect\"}", "dialect"), ("{\"cmd\":\"run\",\"case\":{}}", "seq"),
        ("{\"cmd\":\"run\",\"seq\":1}", "case"), ("{\"cmd\":\"run\",\"seq\":null,\"case\":{}}", "seq"),
        ("\u{FEFF}{\"cmd\":\"stop\"}", "not JSON"), ("{\"cmd\":\"stop\",\"cmd\":\"stop\"}", "not JSON"),
    ])
    func `a line that cannot be answered ends the program with its number and a reason`(
        _ line: String, _ reason: String
    ) async throws {
        let harness = try started()
        #expect(try harness.ask(line) == nil)
        let (code, error) = await harness.end()
        #expect(code == 1)
        #expect(error.hasPrefix("bowtie-simpul-jsonschema: line 3: ") && error.contains(reason), "\(error)")
    }

    @Test(arguments: ["{\"cmd\":\"stop\"}", HarnessProcess.dialect, run("{\"schema\":true,\"tests\":[]}")])
    func `nothing comes before start`(_ line: String) async throws {
        let harness = try HarnessProcess()
        #expect(try harness.ask(line) == nil)
        #expect(await harness.end().code == 1)
    }

    @Test func `a line beyond the limit ends the program before it is read whole`() async throws {
        let harness = try started()
        let chunk = [UInt8](repeating: UInt8(ascii: " "), count: 1024 * 1024)
        for _ in 0..<65 { harness.send(chunk) }
        let (code, error) = await harness.end()
        #expect(code == 1)
        #expect(error.contains("line 3: longer than 67108864 octets"))
    }

    @Test func `unknown options are wrong usage`() async throws {
        #expect(try await HarnessProcess(["--format"]).end().code == 64)
    }

    // MARK: Cases without verdicts

    @Test(arguments: [
        ("{\"schema\":{\"type\":\"text\"},\"tests\":[{\"instance\":1}]}", "#/type: invalid-keyword"),
        ("{\"schema\":\"x\",\"tests\":[{\"instance\":1}]}", "invalid-keyword"),
        ("{\"schema\":{\"$ref\":\"https://else.test/a\"},\"tests\":[{\"instance\":1}]}", "unresolved-reference"),
        ("{\"schema\":{\"$schema\":\"http://json-schema.org/draft-07/schema#\"},\"tests\":[]}", "unknown-vocabulary"),
        ("{\"schema\":true}", "list of tests"), ("{\"tests\":[]}", "has a schema"),
        ("{\"schema\":true,\"tests\":[{}]}", "has an instance"), ("[]", "has a schema"),
        (
            "{\"schema\":{\"$ref\":\"https://a.test/b\"},\"registry\":{\"https://a.test/b\":{\"$id\":1}},\"tests\":[]}",
            "unusable documents: https://a.test/b#/$id: invalid-uri"
        ),
    ])
    func `a case that cannot be run is an error of its own, and the next one is answered`(
        _ test: String, _ reason: String
    ) throws {
        let harness = try started()
        let answer = try #require(try harness.ask(Self.run(test, seq: "\"a\\u0062\"")))
        #expect(answer["seq"]?.string == "ab")
        #expect(answer["errored"]?.bool == true)
        #expect(answer["context"]?["message"]?.string?.contains(reason) == true, "\(JSON(answer).text)")
        #expect(answer["results"] == nil)
        let next = try harness.ask(Self.run("{\"schema\":true,\"tests\":[{\"instance\":1}]}", seq: "2"))
        #expect(next.map { JSON($0).text } == "{\"seq\":2,\"results\":[{\"valid\":true}]}")
    }

    @Test func `annotations are skipped, for they are not collected`() throws {
        let line =
            "{\"cmd\":\"run\",\"seq\":7,\"output\":\"annotations\",\"case\":{\"schema\":true,\"tests\":[{\"instance\":1}]}}"
        let answer = try started().ask(line)
        #expect(answer?["skipped"]?.bool == true)
        #expect(answer?["seq"]?.int == 7)
    }

    // MARK: Answers

    @Test func `start is answered with version 1 and what Bowtie wants to know`() throws {
        let harness = try HarnessProcess(["--homepage", "https://contoh.test/x"])
        let answer = try #require(try harness.ask(HarnessProcess.start))
        #expect(answer["version"]?.int == 1)
        let implementation = try #require(answer["implementation"])
        let expected = [
            "language": "swift", "name": "simpul-jsonschema", "homepage": "https://contoh.test/x",
            "documentation": "https://contoh.test/x", "issues": "https://contoh.test/x",
            "source": "https://contoh.test/x",
            "os": "Linux",
        ]
        for (name, value) in expected { #expect(implementation[name]?.string == value) }
        #expect(
            implementation["dialects"]?.elements.map(\.string) == ["https://json-schema.org/draft/2020-12/schema"])
        for name in ["version", "os_version", "language_version"] {
            #expect(implementation[name]?.string?.isEmpty == false)
        }
    }

    @Test func `one dialect is spoken, and others are declined`() throws {
        let harness = try HarnessProcess()
        _ = try harness.ask(HarnessProcess.start)
        let other = "{\"cmd\":\"dialect\",\"dialect\":\"http://json-schema.org/draft-07/schema#\"}"
        #expect(try harness.ask(other)?["ok"]?.bool == false)
        #expect(try harness.ask(HarnessProcess.dialect)?["ok"]?.bool == true)
    }

    @Test func `stop ends the program without an answer, and so does the end of the input`() async throws {
        let stopped = try started()
        #expect(try stopped.ask("{\"cmd\":\"stop\"}") == nil)
        #expect(await stopped.end() == (0, ""))
        let closed = try started()
        #expect(await closed.end() == (0, ""))
        let unfinished = try HarnessProcess()
        unfinished.send(Array("{\"cmd\":\"stop".utf8))
        #expect(await unfinished.end().code == 1)
    }

    @Test func `numbers keep their digits on their way`() throws {
        let big = "123456789012345678901234567890"
        #expect(
            try verdicts("{\"const\":\(big)}", [big, "\(big).0", "123456789012345678901234567891"]) == [
                true, true, false,
            ])
        #expect(try verdicts("{\"maximum\":1e400}", ["1e400", "1.1e400"]) == [true, false])
        #expect(try verdicts("{\"multipleOf\":0.01}", ["4.02", "4.021"]) == [true, false])
    }

    @Test func `documents that come along are found by their URI, and the metaschema without coming along`() throws {
        let registry =
            "{\"https://a.test/b\":{\"$id\":\"c\",\"$defs\":{\"x\":{\"type\":\"null\"}}},\"https://a.test/d\":false}"
        for reference in ["https://a.test/b#/$defs/x", "https://a.test/c#/$defs/x"] {
            #expect(try verdicts("{\"$ref\":\"\(reference)\"}", ["null", "1"], registry: registry) == [true, false])
        }
        let metaschema = "https://json-schema.org/draft/2020-12/schema"
        let more = "{\"\(metaschema)\":false,\"https://a.test/b\":1}"
        #expect(try verdicts("{\"$ref\":\"\(metaschema)\"}", ["{}", "{\"type\":1}"], registry: more) == [true, false])
        #expect(try verdicts("true", ["1"], registry: registry) == [true])
    }

    @Test func `a case leaves nothing behind for the next one`() throws {
        let harness = try started()
        let with = """
            {"schema":{"$id":"https://a.test/s","$ref":"d"},"registry":{"https://a.test/d":true},"tests":[{"instance":1}]}
            """
        let without = "{\"schema\":{\"$ref\":\"https://a.test/d\"},\"tests\":[{\"instance\":1}]}"
        for _ in 0..<2 {
            #expect(try harness.ask(Self.run(with))?["results"] != nil)
            #expect(try harness.ask(Self.run(without))?["errored"]?.bool == true)
        }
    }

    @Test func `formats are asserted where it is asked for, and unknown ones never`() throws {
        let schema = "{\"format\":\"ipv4\"}"
        #expect(try verdicts(schema, ["\"127.0.0.1\"", "\"x\"", "1"]) == [true, true, true])
        #expect(try verdicts(schema, ["\"127.0.0.1\"", "\"x\"", "1"], ["--format-assertion"]) == [true, false, true])
        #expect(try verdicts("{\"format\":\"colour\"}", ["\"x\""], ["--format-assertion"]) == [true])
    }

    @Test func `thousands of cases leave the program as large as it was`() throws {
        let harness = try started()
        var before = 0
        for number in 0..<4000 {
            let test = """
                {"schema":{"$id":"https://a.test/\(number)","properties":{"p\(number)":{"pattern":"^a{\(number % 50)}$"}}},
                "registry":{"https://b.test/\(number)":{"$anchor":"a\(number)"}},"tests":[{"instance":{"p\(number)":"a"}}]}
                """
            let answer = try harness.ask(Self.run(test.replacing("\n", with: ""), seq: "\(number)"))
            #expect(answer?["seq"]?.int == number)
            if number == 1000 { before = try harness.residentOctets() }
        }
        #expect(try harness.residentOctets() < before + 2 * 1024 * 1024)
    }
}
