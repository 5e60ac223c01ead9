import Foundation
import Testing

/// The scripts that newcomers run, run as they do.
@Suite(.serialized) struct ScriptTests {
    private let demo = Programs.root.appending(path: "scripts/demo")
    private let folder = Programs.folder.path(percentEncoded: false)

    @Test(.timeLimit(.minutes(5)))
    func `the demo plays its whole story`() async throws {
        let ended = try await Programs.run(demo, ["--bin", folder])
        #expect(ended.code == 0, "\(ended.output)\(ended.error)")
        #expect(ended.output.contains("20 receipts, 20 reports received, each exactly once"))
    }

    @Test(.timeLimit(.minutes(5)))
    func `on a hub whose policy forbids the referral, the demo stops there and fails`() async throws {
        let hub = try await RunningHub()
        let policy = try String(contentsOfFile: hub.path("policy.yaml"), encoding: .utf8)
        let forbidding = policy.replacingOccurrences(of: "type: referral\n", with: "type: tip\n")
        try #require(forbidding != policy)
        try forbidding.write(toFile: hub.path("forbidding.yaml"), atomically: true, encoding: .utf8)
        let ended = try await Programs.run(demo, ["--bin", folder, "--policy", hub.path("forbidding.yaml")])
        #expect(ended.code != 0)
        #expect(ended.error.contains("the referral was not accepted") && ended.error.contains("missed rule"))
    }

    @Test(.timeLimit(.minutes(10)))
    func `a client in Python, written from the protocol alone, does the main job and gets every refusal`() async throws
    {
        guard Programs.system("python3", for: "the interoperability tests") != nil else { return }
        let hub = try await RunningHub()
        try hub.configure("limits: { refusalsPerMinute: 100000 }")
        // The canaries are looked for in all that the daemon can say.
        try hub.configure("logLevel: trace")
        try await hub.start()
        let environment = [
            "SIMPUL_HUB_DIR": hub.path(""), "SIMPUL_URL": "https://127.0.0.1:\(hub.port)",
            "SIMPUL_BIN": Programs.folder.path(percentEncoded: false),
        ]
        let ended = try await Programs.run(
            Programs.root.appending(path: "Tests/Interop/run"), [], environment: environment)
        print(ended.output.split(separator: "\n").filter { $0.hasPrefix("skipped") }.joined(separator: "\n"))
        #expect(ended.code == 0, "\(ended.output)\(ended.error)")
    }
}
