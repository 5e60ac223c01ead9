import Foundation
import Testing

/// An operator redirects an alert on the real daemon, with the command line.
@Suite struct RedirectTests {
    private let desk = "id-1709.imigrasi"
    private let police = "id-1709.polres.ppa"
    private let shelter = "id-1709.ngo.rumah-aman"
    private static let reason = "CONTOH FIKTIF sebab"

    private func simpul(_ hub: RunningHub, _ agency: String, _ arguments: String...) async throws -> Programs.Ended {
        try await Programs.run("simpul", ["--profile", hub.profile(agency)] + arguments)
    }

    private func redirect(_ hub: RunningHub, _ id: String, to agency: String) async throws -> Programs.Ended {
        try await Programs.run(
            "simpul",
            [
                "message", "redirect", "\(desk)/\(id)", "--from", police, "--to", agency, "--reason", Self.reason,
                "--config", hub.path("simpuld.yaml"), "--json",
            ])
    }

    @Test func `both agencies are needed, and a message is named with its sender`() async throws {
        let id = "019cd138-1c40-7058-8a5e-cdcbfa53e0a8"
        for arguments in [
            ["\(desk)/\(id)", "--from", police], ["\(desk)/\(id)", "--to", police],
            [id, "--from", police, "--to", shelter], [desk, id, "x", "--from", police, "--to", shelter],
            ["\(desk)/\(id)", "--from", "polisi", "--to", shelter],
        ] {
            let ended = try await Programs.run("simpul", ["message", "redirect", "--reason", "x"] + arguments)
            #expect(ended.code == 2 && ended.error.contains("Usage:"), "\(arguments): \(ended.error)")
        }
        #expect(try await Programs.run("simpul", ["message"]).code == 2)
    }

    @Test(.timeLimit(.minutes(2)))
    func `an alert goes to the fallback that its sender has named, and to nobody else`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let id = try await Alerts.send(hub, from: desk, to: police, fallback: shelter)
        let outside = try await redirect(hub, id, to: "id-1709.gugus-tugas")
        #expect(outside.code == 1 && outside.error.contains("policy-denied"), "\(outside.error)")
        let same = try await redirect(hub, id, to: police)
        #expect(same.code == 1 && same.error.contains("delivery-state"), "\(same.error)")
        let done = try await redirect(hub, id, to: shelter)
        #expect(done.code == 0 && done.output.contains(shelter), "\(done.output)\(done.error)")
        #expect(try await redirect(hub, id, to: shelter).error.contains("delivery-state"))

        #expect(try await !simpul(hub, police, "receive", "--ack").output.contains(id))
        let handed = try await simpul(hub, shelter, "receive", "--ack")
        #expect(handed.output.contains(id) && handed.output.contains("CONTOH FIKTIF"), "\(handed.output)")
        let trace = try await simpul(hub, desk, "trace", "--language", "en", id)
        #expect(
            trace.code == 0 && trace.output.contains("An operator has taken it from \(police).")
                && trace.output.contains("goes to the fallback \(shelter)"), "\(trace.output)")
        #expect(!trace.output.contains(Self.reason))
        // Whoever takes over may answer.
        let answer = try await simpul(hub, shelter, "answer", id, "--accept")
        #expect(answer.code == 0, "\(answer.error)")
        let audit = try await Programs.run(
            "simpul", ["audit", "verify", "--config", hub.path("simpuld.yaml"), "--json"])
        #expect(audit.code == 0, "\(audit.output)\(audit.error)")
    }
}

/// Alerts that a test sends by the command line.
enum Alerts {
    /// Sends one; its id.
    static func send(
        _ hub: RunningHub, from sender: String, to recipient: String, fallback: String? = nil, tlp: String = "RED"
    ) async throws -> String {
        let others = fallback.map { #""fallback":["\#($0)"],"# } ?? ""
        let draft = """
            {"header":{"type":"alert","recipients":["\(recipient)"],\(others)
             "status":"Actual","kind":"Report","event":"TRAVEL_CONCERN","urgency":"Immediate","severity":"Severe",
             "certainty":"Likely","region":"17.09","child":"no","tlp":"\(tlp)","purpose":"VICTIM_SAFETY",
             "legalBasis":"PDP20-2d","retainDays":90},
             "body":{"headline":"CONTOH FIKTIF","description":"CONTOH FIKTIF. Dua pemohon paspor didampingi perekrut.",
             "stage":"pre-departure","area":{"areaDesc":"Loket fiktif","geocode":{"KEMENDAGRI":"17.09.02"}},
             "contact":{"unit":"Loket Wawancara","phone":"+62000000002"}}}
            """
        return try await send(draft, hub, from: sender)
    }

    /// Sends a draft; its id.
    static func send(_ draft: String, _ hub: RunningHub, from sender: String) async throws -> String {
        let file = hub.path("draft-\(UUID().uuidString).json")
        try draft.write(toFile: file, atomically: true, encoding: .utf8)
        let sent = try await Programs.run("simpul", ["--profile", hub.profile(sender), "send", "--json", file])
        try #require(sent.code == 0, "\(sent.output)\(sent.error)")
        let parts = sent.output.components(separatedBy: "\"id\":\"")
        return try #require(parts.count > 1 ? parts[1].split(separator: "\"").first.map(String.init) : nil)
    }
}
