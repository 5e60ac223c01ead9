import Foundation
import SimpulCore
import Testing

/// A consent from its record to its withdrawal, with the real programs.
@Suite struct ConsentCommandTests {
    private let unit = "id-1709.uptd-ppa"
    private let shelter = "id-1709.ngo.rumah-aman"

    private static let head = """
        "status":"Exercise","region":"17.09","child":"unknown","tlp":"RED","purpose":"SERVICE_PROVISION","retainDays":90
        """

    private static func consent(_ action: String, _ body: String) -> String {
        """
        {"header":{"type":"consent","recipients":["id-1709.simpul"],"kind":"Report","action":"\(action)",
          "legalBasis":"PDP20-2e",\(head)},
         "body":{"consentRef":"C-2026","identityIncluded":false,\(body)}}
        """
    }

    private static func grant() -> String {
        let now = Timestamp(milliseconds: Int64(Date().timeIntervalSince1970 * 1000))
        return consent(
            "grant",
            """
            "grantor":"Individual","shareWith":["id-1709.ngo.rumah-aman"],"purposes":["SERVICE_PROVISION"],
            "types":["referral","referral-status"],"scope":["safety"],"withheld":[],
            "from":"\(now.advanced(bySeconds: -60))","until":"\(now.advanced(bySeconds: 86400))",
            "informedOf":["purpose","withdrawal"],"recordRef":"sha-256:\(String(repeating: "0", count: 64))"
            """)
    }

    private static let withdrawal = consent(
        "withdraw", #""ended":{"at":"2026-04-08T09:25:00+07:00","cause":"WITHDRAWN_BY_PERSON"}"#)

    private static let referral = """
        {"header":{"type":"referral","recipients":["id-1709.ngo.rumah-aman"],"kind":"Request",
          "priority":"EMERGENCY_24H","services":["safehouse_service"],"urgency":"Immediate","severity":"Severe",
          "certainty":"Observed","legalBasis":"PDP20-2a","consentRef":"C-2026",\(head)},
         "body":{"case":"K-0000-A1","referrer":{"unit":"Manajer Kasus","phone":"+62000000015"},
          "person":{"ref":"P1","displayName":"Contoh Fiktif","age":24,"languages":["ind"],
           "safeContact":{"method":"ViaReferrer"}},
          "reason":"Other","summary":"CONTOH FIKTIF. Memerlukan rumah aman.",
          "requested":[{"service":"safehouse_service","timeframe":"1_day"}],
          "consent":{"by":"individual","scope":["safety"],"withheld":[],"withholdReason":[]}}}
        """

    private func simpul(_ hub: RunningHub, _ agency: String, _ arguments: String...) async throws -> Programs.Ended {
        try await Programs.run("simpul", ["--profile", hub.profile(agency)] + arguments)
    }

    private func send(_ hub: RunningHub, _ document: String) async throws -> Programs.Ended {
        let file = hub.path("\(UUID().uuidString).json")
        try document.write(toFile: file, atomically: true, encoding: .utf8)
        return try await simpul(hub, unit, "send", "--json", file)
    }

    private func expectAccepted(_ hub: RunningHub, _ document: String) async throws -> String {
        let sent = try await send(hub, document)
        #expect(sent.code == 0, "\(sent.output) \(sent.error)")
        let parts = sent.output.components(separatedBy: "\"id\":\"")
        return try #require(parts.count > 1 ? parts[1].split(separator: "\"").first.map(String.init) : nil)
    }

    @Test(.timeLimit(.minutes(2)))
    func `what nobody has fetched when a consent is withdrawn is given to nobody`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let early = try await send(hub, Self.referral)
        #expect(early.code != 0 && (early.output + early.error).contains("consent"))
        _ = try await expectAccepted(hub, Self.grant())
        let id = try await expectAccepted(hub, Self.referral)
        _ = try await expectAccepted(hub, Self.withdrawal)

        let shelters = try await simpul(hub, shelter, "receive", "--ack")
        #expect(shelters.code == 0 && shelters.output.isEmpty, "\(shelters.output)")
        let told = try await simpul(hub, unit, "receive", "--max", "100", "--ack").output
        #expect(told.contains("\(id): recalled \(shelter)") && !told.contains("delivered"), "\(told)")
        #expect(try await simpul(hub, unit, "outbox", "--state", "recalled").output.contains(id))
        #expect(try await simpul(hub, unit, "trace", id).code == 0)
        #expect(try await send(hub, Self.referral).code != 0)

        await hub.killHard()
        let audit = try await Programs.run("simpul", ["audit", "verify", "--config", hub.path("simpuld.yaml")])
        #expect(audit.code == 0, "\(audit.output) \(audit.error)")
    }

    @Test(.timeLimit(.minutes(2)))
    func `who has fetched a message is told that its consent is withdrawn, in a call that waits for it`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        _ = try await expectAccepted(hub, Self.grant())
        let id = try await expectAccepted(hub, Self.referral)
        #expect(try await simpul(hub, shelter, "receive", "--ack").output.contains(id))
        let profile = hub.profile(shelter)
        async let waiting = Programs.run("simpul", ["--profile", profile, "receive", "--wait", "60", "--ack"])
        _ = try await expectAccepted(hub, Self.withdrawal)
        let told = try await waiting
        #expect(told.code == 0 && told.output.contains("RECALLED \(id) (consent withdrawn)"), "\(told)")
        #expect(told.output.contains("answer by: ") && told.output.contains("from: \(unit)"))
        #expect(try await simpul(hub, shelter, "receive", "--ack").output.isEmpty)
        #expect(try await simpul(hub, shelter, "trace", "\(unit)/\(id)").output.contains("recalled"))
    }
}
