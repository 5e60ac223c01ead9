import Foundation
import Testing

/// A referral goes to a shelter, and the shelter answers it on the command line.
@Suite struct AnswerTests {
    private let unit = "id-1709.uptd-ppa"
    private let shelter = "id-1709.ngo.rumah-aman"

    private static func referral(tlp: String) -> String {
        """
        {"header":{"type":"referral","recipients":["id-1709.ngo.rumah-aman"],"status":"Exercise","kind":"Request",
         "priority":"NORMAL_2W","urgency":"Future","severity":"Minor","certainty":"Observed",
         "services":["legal_assistance_service","psychosocial_service"],"region":"17.09","child":"no","tlp":"\(tlp)",
         "purpose":"SERVICE_PROVISION","legalBasis":"PDP20-2d","retainDays":365},
         "body":{"case":"K-0000-A1","referrer":{"unit":"Manajer Kasus","phone":"+62000000015"},
         "person":{"ref":"P1","displayName":"Contoh Fiktif","age":30,"languages":["ind"],
          "safeContact":{"method":"ViaReferrer"}},
         "reason":"Other","summary":"CONTOH FIKTIF. Perlu bantuan hukum.",
         "requested":[{"service":"legal_assistance_service","timeframe":"3_days"},
          {"service":"psychosocial_service","timeframe":"3_days"}],
         "consent":{"by":"individual","scope":["identity"],"withheld":[],"withholdReason":[]}}}
        """
    }

    private func simpul(_ hub: RunningHub, _ agency: String, _ arguments: String...) async throws -> Programs.Ended {
        try await Programs.run("simpul", ["--profile", hub.profile(agency)] + arguments)
    }

    /// A referral that the shelter has received; its id.
    private func refer(_ hub: RunningHub, tlp: String = "AMBER+STRICT") async throws -> String {
        try Self.referral(tlp: tlp).write(toFile: hub.path("referral.json"), atomically: true, encoding: .utf8)
        let sent = try await simpul(hub, unit, "send", "--json", hub.path("referral.json"))
        try #require(sent.code == 0, "\(sent.output)\(sent.error)")
        let parts = sent.output.components(separatedBy: "\"id\":\"")
        let id = try #require(parts.count > 1 ? parts[1].split(separator: "\"").first.map(String.init) : nil)
        let received = try await simpul(hub, shelter, "receive", "--ack")
        try #require(received.code == 0, "\(received.output)\(received.error)")
        return id
    }

    /// What the referrer gets: the answer as it was opened.
    private func answer(_ hub: RunningHub) async throws -> String {
        let got = try await simpul(hub, unit, "receive", "--ack", "--json", "--type", "referral-status")
        try #require(got.code == 0, "\(got.error)")
        return got.output
    }

    @Test func `one decision and a referral are needed`() async throws {
        for arguments in [
            [], ["--accept", "--reject", "NO_CAPACITY"], ["--redirect", "polisi"], ["--accept", "--service", "x"],
        ] {
            let id = "019cd138-1c40-7058-8a5e-cdcbfa53e0a8"
            #expect(try await Programs.run("simpul", ["answer", id] + arguments).code == 2)
        }
        #expect(try await Programs.run("simpul", ["answer", "x", "--accept"]).code == 2)
    }

    @Test(.timeLimit(.minutes(2)))
    func `what is wrong with an answer is said before anything is sent`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let unknown = try await simpul(hub, shelter, "answer", "019cd138-1c40-7058-8a5e-cdcbfa53e0a8", "--accept")
        #expect(unknown.code == 1 && unknown.error.contains("not-received"), "\(unknown.error)")
        let id = try await refer(hub, tlp: "RED")
        let red = try await simpul(hub, shelter, "answer", id, "--redirect", "id-1709.polres.ppa")
        #expect(red.code == 1 && red.error.contains("TLP:RED"), "\(red.error)")
        let code = try await simpul(hub, shelter, "answer", id, "--reject", "NO_CAPACTY", "--language", "en")
        #expect(code.code == 1 && code.error.contains("Did you mean NO_CAPACITY?"), "\(code.error)")
        let service = try await simpul(
            hub, shelter, "answer", id, "--accept", "--service", "psychosocal_service=rejected", "--language", "en")
        #expect(service.code == 1 && service.error.contains("Did you mean psychosocial_service?"), "\(service.error)")
        let other = try await simpul(hub, shelter, "answer", "id-1709.imigrasi/\(id)", "--accept")
        #expect(other.code == 1 && other.error.contains("not-received"))
        let trace = try await simpul(hub, unit, "trace", id)
        #expect(!trace.output.contains("answered"))
    }

    @Test(.timeLimit(.minutes(2)))
    func `an accepted referral is answered on the referrer's ladder`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let id = try await refer(hub)
        let accepted = try await simpul(
            hub, shelter, "answer", id, "--accept", "--note", "CONTOH FIKTIF", "--language", "en")
        #expect(accepted.code == 0 && accepted.output.contains("for \(unit)"), "\(accepted.output)\(accepted.error)")
        let text = try await answer(hub)
        for part in ["\"state\":\"accepted\"", "\"inReplyTo\":\"\(id)\"", "\"case\":\"K-0000-A1\"", "CONTOH FIKTIF"] {
            #expect(text.contains(part), "\(text)")
        }
        let trace = try await simpul(hub, unit, "trace", id)
        #expect(trace.code == 0 && trace.output.contains("\(shelter) answered"), "\(trace.output)")
        let late = try await simpul(hub, shelter, "answer", id, "--reject", "NO_CAPACITY")
        #expect(late.code == 1 && late.error.contains("lifecycle"), "\(late.error)")
    }

    @Test(.timeLimit(.minutes(2)))
    func `a referral is rejected with a code, and another is redirected`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let first = try await refer(hub)
        let rejected = try await simpul(hub, shelter, "answer", "\(unit)/\(first)", "--reject", "NO_CAPACITY")
        #expect(rejected.code == 0, "\(rejected.error)")
        let reason = try await answer(hub)
        #expect(reason.contains("\"rejectReason\":\"NO_CAPACITY\"") && reason.contains("\"state\":\"rejected\""))
        let second = try await refer(hub)
        let redirected = try await simpul(
            hub, shelter, "answer", second, "--sender", unit, "--redirect", "id-1709.polres.ppa")
        #expect(redirected.code == 0, "\(redirected.error)")
        let other = try await answer(hub)
        #expect(
            other.contains("\"alternative\":[\"id-1709.polres.ppa\"]") && other.contains("\"state\":\"redirected\""))
        for id in [first, second] {
            #expect(try await simpul(hub, unit, "trace", id).output.contains("\(shelter) answered"))
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `an alert and a tip are answered as a referral is, each with a case of its own`() async throws {
        let (desk, police) = ("id-1709.imigrasi", "id-1709.polres.ppa")
        let hub = try await RunningHub()
        try await hub.start()
        let alert = try await Alerts.send(hub, from: desk, to: police)
        let tip = try await Alerts.send(
            """
            {"header":{"type":"tip","recipients":["\(police)"],"status":"Actual","kind":"Report","urgency":"Expected",
             "severity":"Moderate","certainty":"Possible","region":"17.09","child":"unknown","tlp":"AMBER+STRICT",
             "purpose":"REPORT_INTAKE","legalBasis":"PDP20-2e","retainDays":180},
             "body":{"channel":"Hotline","receivedAt":"2026-04-08T08:10:00+07:00",
             "reporter":{"mode":"anonymous","identityIncluded":false},"narrative":"CONTOH FIKTIF. Tawaran kerja."}}
            """, hub, from: desk)
        try #require(try await simpul(hub, police, "receive", "--ack").code == 0)
        let red = try await simpul(hub, police, "answer", alert, "--redirect", shelter)
        #expect(red.code == 1 && red.error.contains("redirect-of-red"), "\(red.error)")
        let accepted = try await simpul(hub, police, "answer", alert, "--accept")
        #expect(accepted.code == 0, "\(accepted.output)\(accepted.error)")
        let redirected = try await simpul(
            hub, police, "answer", tip, "--redirect", shelter, "--service", "PROTECTION=redirected")
        #expect(redirected.code == 0, "\(redirected.output)\(redirected.error)")
        let got = try await simpul(hub, desk, "receive", "--ack", "--json", "--type", "referral-status").output
        for part in ["other_service", "PROTECTION", alert, tip, #""alternative":["\#(shelter)"]"#] {
            #expect(got.contains(part), "\(got)")
        }
        let cases = got.components(separatedBy: "\"case\":\"").dropFirst().map { $0.prefix(9) }
        #expect(Set(cases).count == 2, "\(cases)")
        for id in [alert, tip] {
            #expect(try await simpul(hub, desk, "trace", id).output.contains("\(police) answered"))
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `what is answered by nothing, or otherwise, is told by its type`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let sender = try hub.agency("id-1709.imigrasi")
        let report = try Report(from: sender, to: "id-1709.gugus-tugas")
        _ = try await sender.hub.submit(report.envelope, seconds: 10)
        await sender.hub.close()
        try #require(try await simpul(hub, "id-1709.gugus-tugas", "receive", "--ack").code == 0)
        let answer = try await simpul(
            hub, "id-1709.gugus-tugas", "answer", "\(report.id)", "--accept", "--language", "en")
        #expect(
            answer.code == 1 && answer.error.contains("not-answerable: activity-report: nothing answers"),
            "\(answer.error)")
    }
}
