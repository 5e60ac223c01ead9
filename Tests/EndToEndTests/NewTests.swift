import Foundation
import StrictJSON
import Testing

/// A message written by hand: `simpul new`, then `simpul validate` and `simpul send`, as a person calls them.
@Suite final class NewTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "simpul-new-\(UUID().uuidString)")

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func path(_ name: String) -> String { folder.appending(path: name).path(percentEncoded: false) }

    private func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }

    /// Runs `simpul` in the test's folder with that standard input.
    private func simpul(
        _ arguments: [String], input: String = "", locale: String = "C"
    ) async throws -> Programs.Ended {
        try Data(input.utf8).write(to: folder.appending(path: "input"))
        let simpul = Programs.folder.appending(path: "simpul").path(percentEncoded: false)
        return try await Programs.run(
            URL(filePath: "/bin/sh"),
            ["-c", "cd \"$1\" || exit 9; shift; exec \"$@\" < input", "sh", path(""), simpul] + arguments,
            environment: ["LC_ALL": locale, "SIMPUL_PROFILE": ""])
    }

    // MARK: Nothing is lost, nothing unfinished passes

    @Test func `a file that is there is not overwritten, before anything is asked`() async throws {
        try Data("mine".utf8).write(to: folder.appending(path: "tip.jsonc"))
        for ask in [[], ["--ask"]] {
            let ended = try await simpul(["new", "tip", "--output", "tip.jsonc"] + ask)
            #expect(ended.code == 2 && ended.output.isEmpty && ended.error.contains("not overwritten"))
        }
        #expect(try text("tip.jsonc") == "mine")
    }

    @Test(arguments: [
        ["new"], ["new", "rumour"], ["new", "tip", "--ask", "--all"], ["new", "tip", "--language", "fr"],
        ["new", "tip", "--profile", "none.yaml"], ["new", "tip", "--output", "none/tip.jsonc"],
    ])
    func `wrong usage, and what cannot be read or written, ends with exit code 2`(arguments: [String]) async throws {
        let ended = try await simpul(arguments)
        #expect(ended.code == 2 && ended.output.isEmpty && !ended.error.isEmpty)
    }

    @Test func `an interview that ends early leaves nothing behind`() async throws {
        for answers in ["", "id-1709.polres.ppa\n", "id-1709.polres.ppa\nrahasia"] {
            let ended = try await simpul(["new", "tip", "--ask", "--output", "tip.json"], input: answers)
            #expect(ended.code == 2 && ended.error.contains("nothing was written"))
            #expect(!ended.error.contains("rahasia"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: path("")) == ["input"])
    }

    @Test func `an untouched draft is refused with every open place, in the person's language`() async throws {
        let made = try await simpul(["new", "tip", "--output", "tip.jsonc"], locale: "id_ID.UTF-8")
        #expect(made.code == 0 && made.output == "Konsep tersimpan di tip.jsonc.\n")
        let ended = try await simpul(["validate", "tip.jsonc"], locale: "id_ID.UTF-8")
        #expect(ended.code == 1)
        let lines = try text("tip.jsonc").split(separator: "\n", omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() where !line.contains("//") {
            guard let column = ["\"\"", "[\"\"]", " null"].lazy.compactMap({ line.firstRange(of: $0) }).first else {
                continue
            }
            let place = "  tip.jsonc:\(index + 1):\(line[..<column.lowerBound].utf8.count + 1)"
            let near = ended.output.split(separator: "\n").contains { $0.hasPrefix(place.dropLast(2)) }
            #expect(near, "\(place)")
        }
        #expect(ended.output.contains("/header/urgency: Tidak ada dalam daftar kode. Yang diizinkan: Immediate"))
        #expect(ended.output.contains("\n      Seberapa segera tindakan diperlukan.\n"))
    }

    // MARK: Drafts

    @Test(arguments: ["en", "id"])
    func `a draft of a tip is the one that is on record`(language: String) async throws {
        let byOption = try await simpul(["new", "tip", "--language", language])
        let byLocale = try await simpul(["new", "tip"], locale: language == "id" ? "id_ID.UTF-8" : "en_GB.UTF-8")
        #expect(byOption.code == 0 && byOption.error.isEmpty)
        let golden = Programs.root.appending(path: "Tests/Golden/new-tip.\(language).jsonc")
        let expected = try String(contentsOf: golden, encoding: .utf8)
        #expect(Self.withoutChance(byOption.output) == expected)
        #expect(Self.withoutChance(byLocale.output) == expected)
    }

    /// The draft with a fixed id and times.
    private static func withoutChance(_ text: String) -> String {
        text.replacing(
            /"[0-9a-f]{8}-[0-9a-f-]{27}"/, with: "\"019cb7bb-7c10-7b5a-8a5e-f372fe94f82a\""
        ).replacing(/"(sent|expires)": "[^"]*"/) { "\"\($0.output.1)\": \"2026-03-04T14:14:05.000Z\"" }
    }

    @Test func `without comments a draft is strict JSON`() async throws {
        let printed = try await simpul(["new", "referral", "--json"])
        let root = try JSONDocument(Array(printed.output.utf8)).root
        #expect(root["header"]?["type"]?.string == "referral")
        #expect(try await simpul(["new", "referral", "--output", "r.json"]).code == 0)
        #expect(try JSONDocument(Array(text("r.json").utf8)).root["body"] == root["body"])
    }

    @Test func `comments in a file of another name are a fault with its place and a hint`() async throws {
        try Data("{}\n // a".utf8).write(to: folder.appending(path: "a.json"))
        let ended = try await simpul(["validate", "a.json"])
        #expect(ended.code == 2 && ended.output.contains("  a.json:2:2: ") && ended.output.contains(".jsonc"))
    }

    @Test func `answers from a pipe become a draft that is valid`() async throws {
        let answers = [
            "id-1709.simpul", "id-1709.imigrasi", "id-1709.polres.ppa", "", "", "Reprot", "Report", "1", "2", "3",
            "17.09", "presumed", "RED", "REPORT_INTAKE", "PDP20-2d", "90", "", "Sapa129",
            "2026-03-04T20:00:00+07:00", "1", "", "CONTOH FIKTIF. Dua anak.", "",
        ]
        let ended = try await simpul(
            ["new", "tip", "--ask", "--output", "tip.json", "--language", "id"],
            input: answers.joined(separator: "\n") + "\n")
        #expect(ended.code == 0, "\(ended.error)")
        #expect(ended.error.contains("Maksud Anda Report?") && !ended.error.contains("CONTOH FIKTIF"))
        #expect(try await simpul(["validate", "tip.json"]).code == 0)
    }

    // MARK: Sending

    @Test func `what is sent is told with its places before a broker is asked`() async throws {
        let hub = try await RunningHub()
        let profile = hub.profile("id-1709.imigrasi")
        #expect(try await simpul(["new", "tip", "--output", "tip.jsonc", "--profile", profile]).code == 0)
        #expect(try text("tip.jsonc").contains("\"sender\": \"id-1709.imigrasi\""))
        let ended = try await simpul(["send", "tip.jsonc", "--profile", profile, "--language", "id", "--json"])
        #expect(ended.code == 1 && ended.error.contains("  tip.jsonc:"))
        let answer = try JSONDocument(Array(ended.output.utf8)).root
        let faults = try #require(answer["error"]?["errors"]).elements.map { $0 }
        let urgency = try #require(faults.first { $0["pointer"]?.string == "/header/urgency" })
        #expect(urgency["line"]?.int ?? 0 > 1 && urgency["column"]?.int ?? 0 > 1)
        #expect(urgency["member"]?.string == "Seberapa segera tindakan diperlukan.")
        #expect(try await simpul(["send", "none.jsonc", "--profile", profile]).code == 2)
    }

    @Test func `a draft with comments is sent, and what the broker refuses has its place in it`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let profile = hub.profile("id-1709.imigrasi")
        func send(_ name: String, _ recipient: String) async throws -> Programs.Ended {
            try Data(Self.report(to: recipient).utf8).write(to: folder.appending(path: name))
            return try await simpul(["send", name, "--profile", profile])
        }
        let sent = try await send("good.jsonc", "id-1709.gugus-tugas")
        #expect(sent.code == 0 && sent.output.hasPrefix("accepted"), "\(sent.error)")
        let refused = try await send("bad.jsonc", "id-1709.nobody")
        #expect(refused.code == 1)
        #expect(refused.error.contains("\n  bad.jsonc:5:20: /header/recipients/0: "), "\(refused.error)")
        #expect(refused.error.contains("Agencies that are to receive it."), "\(refused.error)")
    }

    private static func report(to recipient: String) -> String {
        """
        // A report for a partner.
        {
          "header": {"type": "activity-report", // the type
            "status": "Test", "kind": "Report",
            "recipients": ["\(recipient)"], // who gets it
            "region": "17.09", "child": "no", "tlp": "GREEN", "purpose": "MONITORING",
            "legalBasis": "NONE_PERSONAL", "retainDays": 30},
          "body": {
            "activity": "SOSIALISASI", "state": "held", "from": "2026-03-10T09:00:00+07:00",
            "to": "2026-03-10T12:00:00+07:00", "where": {"KEMENDAGRI": "17.09.06", "precision": "kecamatan"},
            "organisers": ["id-1709.imigrasi"],
            "reach": {"participants": {"total": 3, "female": 2, "male": 1, "under18": 0, "disability": 0}}}
        }

        """
    }
}
