import Foundation
import SimpulClient
import SimpulCore
import SimpulEnvelope
import StrictJSON
import Testing

/// The whole chain, with the real daemon and steps of seconds: nobody opens an alert.
@Suite struct ClockTests {
    private let desk = "id-1709.imigrasi"
    private let police = "id-1709.polres.ppa"
    private let shelter = "id-1709.ngo.rumah-aman"
    private let taskForce = "id-1709.gugus-tugas"

    private static let draft = """
        {"header":{"type":"alert","recipients":["id-1709.polres.ppa"],"fallback":["id-1709.ngo.rumah-aman"],
         "status":"Actual","kind":"Report","event":"TRAVEL_CONCERN","urgency":"Immediate","severity":"Severe",
         "certainty":"Likely","region":"17.09","child":"presumed","uptdAbsence":"INFORMED_BEFORE","tlp":"RED","purpose":"VICTIM_SAFETY",
         "legalBasis":"PDP20-2d","retainDays":90,"ackBy":"2026-01-01T00:00:00Z"},
         "body":{"headline":"CONTOH FIKTIF","description":"CONTOH FIKTIF. Dua pemohon paspor didampingi perekrut.",
         "stage":"pre-departure","area":{"areaDesc":"Loket fiktif","geocode":{"KEMENDAGRI":"17.09.02"}},
         "contact":{"unit":"Loket Wawancara","phone":"+62000000002"}}}
        """

    private func simpul(_ hub: RunningHub, _ agency: String, _ arguments: String...) async throws -> Programs.Ended {
        try await Programs.run("simpul", ["--profile", hub.profile(agency)] + arguments)
    }

    /// A hub whose first level calls the chief at once, and the others seconds later.
    private func hub() async throws -> RunningHub {
        let hub = try await RunningHub()
        let file = URL(filePath: hub.path("policy.yaml"))
        var policy = try String(contentsOf: file, encoding: .utf8)
        let chain = try #require(policy.split(separator: "\n").first { $0.hasPrefix("    L1: { steps:") })
        policy = policy.replacing(
            chain,
            with: """
                    L1: { steps: [{ after: 0m, to: [chief] }, { after: 1s, to: [taskforce, fallback] }], \
                bounce: 6s, basis: "test" }
                """)
        try policy.write(to: file, atomically: true, encoding: .utf8)
        return hub
    }

    /// What an agency was told until a text shows up in it.
    private func told(_ hub: RunningHub, _ agency: String, until text: String) async throws -> String {
        var output = ""
        let deadline = ContinuousClock.now + .seconds(60)
        while !output.contains(text), ContinuousClock.now < deadline {
            output += try await simpul(
                hub, agency, "receive", "--language", "en", "--wait", "5", "--max", "100", "--ack"
            ).output
        }
        #expect(output.contains(text), "\(output)")
        return output
    }

    @Test(.timeLimit(.minutes(4)))
    func `an alert that nobody opens is overdue, called out, handed over and returned, across a restart`() async throws
    {
        let hub = try await hub()
        try await hub.start()
        try Self.draft.write(toFile: hub.path("alert.json"), atomically: true, encoding: .utf8)
        let sent = try await simpul(hub, desk, "send", "--json", hub.path("alert.json"))
        #expect(sent.code == 0, "\(sent.error)")
        let id = try #require(sent.output.components(separatedBy: "\"id\":\"").dropFirst().first?.prefix(36))

        let recipient = try await told(hub, police, until: "ESCALATION")
        #expect(recipient.contains("OVERDUE") && recipient.contains("has not opened it"))
        // Ended as a power cut ends it, in the middle of the chain.
        await hub.killHard()
        try await hub.start()
        let called = try await told(hub, taskForce, until: "ESCALATION")
        #expect(called.contains("alert, Immediate, L1") && called.contains(desk) && !called.contains("CONTOH FIKTIF"))
        #expect(try await simpul(hub, taskForce, "trace", "\(desk)/\(id)").code == 1)
        let fallback = try await told(hub, shelter, until: "CONTOH FIKTIF")
        #expect(fallback.contains(id))
        let sender = try await told(hub, desk, until: "bounced")
        #expect(sender.contains("overdue") && sender.contains("escalated") && sender.contains("It went back"))

        let trace = try await simpul(hub, desk, "trace", "--language", "en", String(id))
        #expect(trace.code == 0, "\(trace.output)")
        for text in ["overdue", "goes to the fallback \(shelter)", "bounced", "nobody who was called has acted"] {
            #expect(trace.output.contains(text), "\(trace.output)")
        }
        #expect(trace.output.components(separatedBy: "\(police) overdue").count == 2, "once: \(trace.output)")
        let stopped = await hub.terminate(within: .seconds(20))
        #expect(stopped == 0)
        let audit = try await Programs.run("simpul", ["audit", "verify", "--config", hub.path("simpuld.yaml")])
        #expect(audit.code == 0, "\(audit.output)\(audit.error)")
    }
}
