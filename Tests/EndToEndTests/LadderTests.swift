import Foundation
import Testing

/// What a sender and an officer see of one message on the command line, from the first lease to the officer's receipt.
@Suite struct LadderTests {
    private let desk = "id-1709.imigrasi"
    private let police = "id-1709.polres.ppa"

    private static let alert = """
        {"header":{"type":"alert","recipients":["id-1709.polres.ppa"],"status":"Exercise","kind":"Report",
         "event":"TRAVEL_CONCERN","urgency":"Immediate","severity":"Severe","certainty":"Likely","region":"17.09",
         "child":"presumed","uptdAbsence":"INFORMED_BEFORE","tlp":"RED","purpose":"VICTIM_SAFETY",
         "legalBasis":"PDP20-2d","retainDays":90},
         "body":{"headline":"CONTOH FIKTIF","description":"CONTOH FIKTIF. Dua pemohon paspor didampingi perekrut.",
         "stage":"pre-departure","area":{"areaDesc":"Loket fiktif","geocode":{"KEMENDAGRI":"17.09.02"}},
         "contact":{"unit":"Loket Wawancara","phone":"+62000000002"}}}
        """

    private func simpul(_ hub: RunningHub, _ agency: String, _ arguments: String...) async throws -> Programs.Ended {
        try await Programs.run("simpul", ["--profile", hub.profile(agency)] + arguments)
    }

    private func member(_ name: String, of text: String) throws -> String {
        let parts = text.components(separatedBy: "\"\(name)\":\"")
        return try #require(parts.count > 1 ? parts[1].split(separator: "\"").first.map(String.init) : nil, "\(text)")
    }

    @Test(.timeLimit(.minutes(2)))
    func `an officer signs what was received, and the sender reads and proves it`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        try Self.alert.write(toFile: hub.path("alert.json"), atomically: true, encoding: .utf8)
        #expect(try await simpul(hub, desk, "send", hub.path("alert.json")).code == 0)
        #expect(try await simpul(hub, desk, "outbox", "--state", "waiting").output.contains("\(police) waiting"))

        let received = try await simpul(hub, police, "receive", "--json").output
        let message = "\(desk)/\(try member("id", of: received))"
        let opened = try await simpul(hub, police, "ack", "--opened", "--by", "PPA-DUTY", message)
        #expect(opened.code == 0, "\(opened.error)")
        // It is settled now, by its token, too.
        #expect(try await simpul(hub, police, "ack", try member("delivery", of: received)).code == 0)

        let rungs = try await simpul(hub, desk, "receive", "--ack").output
        #expect(rungs.contains("delivered") && rungs.contains("opened"))
        let trace = try await simpul(hub, desk, "trace", try member("id", of: received))
        #expect(trace.code == 0 && trace.output.contains("\(police) opened (PPA-DUTY)"), "\(trace.output)")
        #expect(try await simpul(hub, desk, "outbox", "--state", "opened").output.contains("\(police) opened"))
        #expect(try await simpul(hub, police, "trace", message).output.contains("opened (PPA-DUTY)"))
    }

    @Test(.timeLimit(.minutes(2)))
    func `nothing is signed that was not received here, and nobody else's message is shown`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        try Self.alert.write(toFile: hub.path("alert.json"), atomically: true, encoding: .utf8)
        let sent = try await simpul(hub, desk, "send", "--json", hub.path("alert.json")).output
        let id = try member("id", of: sent)
        let unsigned = try await simpul(hub, police, "ack", "--opened", "\(desk)/\(id)")
        #expect(unsigned.code == 1 && unsigned.error.contains("not-received"))
        #expect(try await simpul(hub, "id-1709.ngo.rumah-aman", "trace", "\(desk)/\(id)").code == 1)
        #expect(try await simpul(hub, police, "outbox").output.isEmpty)
    }
}
