import Foundation
import StrictJSON
import Testing

/// `simpul explain` and `simpul policy` on a real hub: what they foretell is what the broker does.
@Suite struct ExplainTests {
    private static let tip = """
        {"header":{"type":"tip","recipients":["id-1709.gugus-tugas"],"status":"Test","kind":"Report","urgency":"Expected",
          "severity":"Moderate","certainty":"Possible","region":"17.09","child":"unknown","tlp":"AMBER+STRICT",
          "purpose":"REPORT_INTAKE","legalBasis":"PDP20-2e","retainDays":30},
         "body":{"channel":"WalkIn","receivedAt":"2026-03-06T08:40:00+07:00",
          "reporter":{"mode":"anonymous","identityIncluded":false},"narrative":"CONTOH FIKTIF rahasia-7c1"}}
        """

    private func explain(
        _ hub: RunningHub, _ draft: String, as agency: String
    ) async throws -> (code: Int32, answer: JSONValue, output: String) {
        try Data(draft.utf8).write(to: hub.folder.appending(path: "draft.json"))
        let ended = try await Programs.run(
            "simpul",
            ["explain", hub.path("draft.json"), "--as", agency, "--config", hub.path("simpuld.yaml"), "--json"])
        let answer = try JSONDocument(Array(ended.output.trimmingCharacters(in: .newlines).utf8)).root
        return (ended.code, answer, ended.output + ended.error)
    }

    private func checks(_ answer: JSONValue, _ verdict: String) -> [String] {
        (answer["checks"].map { Array($0.elements) } ?? []).filter { $0["verdict"]?.string == verdict }
            .compactMap { $0["check"]?.string }
    }

    @Test(.timeLimit(.minutes(1)))
    func `what is foretold comes true, for the good and for the bad`() async throws {
        let hub = try await RunningHub()
        let good = try await explain(hub, Self.tip, as: "id-1709.desa-fasilitator")
        #expect(good.code == 0 && good.answer["accepted"]?.bool == true, "\(good.output)")
        #expect(checks(good.answer, "passed").count == 19)
        #expect(good.answer["sealedFor"]?.elements.compactMap(\.string) == ["id-1709.gugus-tugas"])
        let party = try #require(good.answer["parties"]?.elements.first { _ in true })
        #expect(party["rule"]?.string == "tip" && party["basis"]?.string?.isEmpty == false)
        let denied = Self.tip.replacing("gugus-tugas", with: "ngo.rumah-aman")
        let bad = try await explain(hub, denied, as: "id-1709.desa-fasilitator")
        #expect(bad.code == 1 && bad.answer["code"]?.string == "policy-denied")
        #expect(checks(bad.answer, "refused") == ["policy"])
        #expect(checks(bad.answer, "not-reached") == ["id"])
        #expect(!good.output.contains("rahasia") && !bad.output.contains("rahasia"))

        try await hub.start()
        for (draft, code) in [(Self.tip, Int32(0)), (denied, 1)] {
            try Data(draft.utf8).write(to: hub.folder.appending(path: "draft.json"))
            let sent = try await Programs.run(
                "simpul",
                ["--profile", hub.profile("id-1709.desa-fasilitator"), "send", hub.path("draft.json"), "--json"])
            #expect(sent.code == code, "\(sent.error)")
        }
        try await compare(hub)
        // What was sent is known, and what would come of sending it again is said.
        let id = "019d6aec-d840-7568-81f7-087c1df7d63d"
        let named = Self.tip.replacing("{\"header\":{", with: "{\"header\":{\"id\":\"\(id)\",")
        try Data(named.utf8).write(to: hub.folder.appending(path: "draft.json"))
        let sent = try await Programs.run(
            "simpul", ["--profile", hub.profile("id-1709.desa-fasilitator"), "send", hub.path("draft.json")])
        #expect(sent.code == 0, "\(sent.error)")
        let again = try await explain(hub, named, as: "id-1709.desa-fasilitator")
        #expect(again.code == 1 && again.answer["code"]?.string == "id-conflict")
        #expect(again.answer["detail"]?.string?.contains("first receipt") == true, "\(again.output)")
    }

    /// Beside the running broker: what a policy without its rule for tips would have done to the tip.
    private func compare(_ hub: RunningHub) async throws {
        let policy = try String(contentsOf: hub.folder.appending(path: "policy.yaml"), encoding: .utf8)
        let new = policy.replacing(
            "from: [IMM, TF, UPTD, NGO, LAB, FACILITATOR]", with: "from: [IMM, TF, UPTD, NGO, LAB]")
        try Data(new.utf8).write(to: hub.folder.appending(path: "new.yaml"))
        let arguments = ["--config", hub.path("simpuld.yaml"), "--json"]
        let same = try await Programs.run(
            "simpul", ["policy", "diff", hub.path("policy.yaml"), hub.path("policy.yaml")] + arguments)
        #expect(same.code == 0)
        let other = try await Programs.run(
            "simpul", ["policy", "diff", hub.path("policy.yaml"), hub.path("new.yaml")] + arguments)
        #expect(other.code == 1, "\(other.error)")
        let answer = try JSONDocument(Array(other.output.trimmingCharacters(in: .newlines).utf8)).root
        let cell = try #require(answer["cells"]?.elements.first { _ in true })
        #expect(cell["party"]?.string == "FACILITATOR" && cell["old"]?.string == "S" && cell["new"]?.string == "-")
        #expect(answer["messages"]?.int == 1)
        let change = try #require(answer["changes"]?.elements.first { _ in true })
        #expect(change["sender"]?.string == "id-1709.desa-fasilitator" && change["count"]?.int == 1)
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            ("id-1709.nobody", tip, Int32(2)), ("id-1709.polres.ppa", tip, 1),
            ("id-1709.desa-fasilitator", "{\"header\":{}}", 1), ("id-1709.desa-fasilitator", "{", 1),
            ("id-1709.desa-fasilitator", "no envelope", 1),
        ])
    func `what cannot pass is told by its exit code`(_ agency: String, _ draft: String, _ code: Int32) async throws {
        let hub = try await RunningHub()
        #expect(try await explain(hub, draft, as: agency).code == code)
    }
}
