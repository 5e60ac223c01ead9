import Foundation
import Testing

/// A queue on a stick: real programs on both sides, and a folder between them.
@Suite struct CourierTests {
    private let desk = "id-1709.imigrasi"
    private let police = "id-1709.polres.ppa"
    private let broker = "id-1709.simpul"

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
        try await Programs.run("simpul", arguments + ["--profile", hub.profile(agency)])
    }

    private func operate(_ hub: RunningHub, _ arguments: String...) async throws -> Programs.Ended {
        try await Programs.run("simpul", ["courier"] + arguments + ["--config", hub.path("simpuld.yaml")])
    }

    private func member(_ name: String, of text: String) throws -> String {
        let parts = text.components(separatedBy: "\"\(name)\":\"")
        return try #require(parts.count > 1 ? parts[1].split(separator: "\"").first.map(String.init) : nil, "\(text)")
    }

    private func start() async throws -> RunningHub {
        let hub = try await RunningHub()
        try await hub.start()
        try Self.alert.write(toFile: hub.path("alert.json"), atomically: true, encoding: .utf8)
        return hub
    }

    /// A profile whose broker is out of reach.
    private func cut(_ agency: String, from hub: RunningHub) throws {
        let text = try String(contentsOfFile: hub.profile(agency), encoding: .utf8)
        try text.replacing(":\(hub.port)", with: ":1").write(
            toFile: hub.profile(agency), atomically: true, encoding: .utf8)
    }

    @Test(.timeLimit(.minutes(3)))
    func `a message goes out on a stick, is opened, and its receipts come back once`() async throws {
        let hub = try await start()
        let sent = try await simpul(hub, desk, "send", "--json", hub.path("alert.json")).output
        let id = try member("id", of: sent)
        let (out, back) = (hub.path("to-police"), hub.path("from-police"))
        #expect(try await operate(hub, "export", "--for", police, out).code == 0)
        let mode = try FileManager.default.attributesOfItem(atPath: out)[.posixPermissions] as? Int
        #expect(mode == 0o600)
        #expect(try await operate(hub, "export", "--for", police, out).code == 2)
        #expect(try await operate(hub, "export", "--force", "--for", police, out).code == 0)
        try cut(police, from: hub)

        let first = try await simpul(hub, police, "courier", "import", out)
        #expect(first.code == 0 && first.output.contains("CONTOH FIKTIF"), "\(first.error)")
        let again = try await simpul(hub, police, "courier", "import", "--json", out)
        #expect(again.code == 0 && again.output.contains("\"new\":0,\"repeated\":1"), "\(again.output)")
        #expect(!again.output.contains("CONTOH FIKTIF"))
        let opened = try await simpul(hub, police, "ack", "--opened", "--courier", "--by", "PPA-DUTY", "\(desk)/\(id)")
        #expect(opened.code == 0, "\(opened.error)")
        let signed = try await simpul(
            hub, police, "ack", "--opened", "--courier", "--by", "PPA-DUTY", "\(desk)/\(id)", "--json")
        #expect(try member("receipt", of: signed.output).split(separator: ".").count == 3)
        #expect(try await simpul(hub, police, "courier", "export", "--for", broker, back).code == 0)

        let imported = try await operate(hub, "import", "--json", back)
        #expect(imported.code == 0 && imported.output.contains("\"recorded\":2"), "\(imported.output)\(imported.error)")
        let repeated = try await operate(hub, "import", "--json", back)
        #expect(repeated.output.contains("\"recorded\":0,\"known\":2"), "\(repeated.output)")
        let empty = hub.path("to-police-2")
        #expect(try await operate(hub, "export", "--for", police, "--json", empty).output.contains("\"messages\":0"))
        let trace = try await simpul(hub, desk, "trace", id)
        #expect(trace.code == 0 && trace.output.contains("\(police) acknowledged\n"), "\(trace.output)")
        #expect(trace.output.contains("\(police) opened (PPA-DUTY)"))
        #expect(await hub.terminate(within: .seconds(20)) == 0)
        let audit = try await Programs.run("simpul", ["audit", "verify", "--config", hub.path("simpuld.yaml")])
        #expect(audit.code == 0, "\(audit.output)")
    }

    @Test(.timeLimit(.minutes(3)))
    func `what came by bundle is dropped when the wire brings it`() async throws {
        let hub = try await start()
        _ = try await simpul(hub, desk, "send", hub.path("alert.json"))
        #expect(try await operate(hub, "export", "--for", police, hub.path("out")).code == 0)
        #expect(try await simpul(hub, police, "courier", "import", hub.path("out")).code == 0)
        let received = try await simpul(hub, police, "receive", "--ack")
        #expect(received.code == 0 && received.output.isEmpty && received.error.contains("came again"))
        #expect(try await simpul(hub, police, "courier", "export", "--for", broker, hub.path("back")).code == 0)
        let imported = try await operate(hub, "import", "--json", hub.path("back"))
        #expect(imported.output.contains("\"recorded\":0,\"known\":1"), "\(imported.output)")
    }

    @Test(.timeLimit(.minutes(3)))
    func `a message without a line is accepted by bundle, another one refused, and both answers come back`()
        async throws
    {
        let hub = try await start()
        try cut(desk, from: hub)
        #expect(try await simpul(hub, desk, "send", "--timeout", "1", hub.path("alert.json")).code == 2)
        let unknown = Self.alert.replacing("[\"id-1709.polres.ppa\"]", with: "[\"id-1709.desa-fasilitator\"]")
        try unknown.write(toFile: hub.path("denied.json"), atomically: true, encoding: .utf8)
        #expect(try await simpul(hub, desk, "send", "--timeout", "1", hub.path("denied.json")).code == 2)
        let (out, back) = (hub.path("from-desk"), hub.path("to-desk"))
        #expect(try await simpul(hub, desk, "courier", "export", "--for", broker, out).code == 0)
        let imported = try await operate(hub, "import", "--answer", back, out)
        #expect(imported.code == 1 && imported.output.contains("policy-denied"), "\(imported.output)\(imported.error)")
        let answered = try await simpul(hub, desk, "courier", "import", "--json", back)
        #expect(answered.code == 1 && answered.output.contains("\"accepted\":1,\"refused\":1"), "\(answered.output)")
        #expect(answered.error.contains("policy-denied"))
        let again = try await simpul(hub, desk, "courier", "import", back)
        #expect(again.code == 0, "\(again.error)")
        #expect(try await simpul(hub, desk, "send", "--spooled", "--timeout", "1").output.contains("empty"))
        // What was confirmed does not come again.
        #expect(try await simpul(hub, desk, "courier", "export", "--for", broker, "--force", out).code == 0)
        let confirmed = try await operate(hub, "import", "--json", "--force", "--answer", back, out)
        #expect(confirmed.output.contains("\"confirmed\":2") && confirmed.output.contains("\"answers\":0"))
        #expect(try await simpul(hub, police, "receive", "--json").output.contains("CONTOH FIKTIF"))
    }

    @Test(.timeLimit(.minutes(3)))
    func `a bundle that was changed, cut or is for another is refused on both sides, and nothing is done`()
        async throws
    {
        let hub = try await start()
        _ = try await simpul(hub, desk, "send", hub.path("alert.json"))
        let (out, bad, back) = (hub.path("out"), hub.path("bad"), hub.path("back"))
        #expect(try await operate(hub, "export", "--for", police, out).code == 0)
        let octets = try Data(contentsOf: URL(filePath: out))
        var changed = octets
        changed[octets.count - 10] = changed[octets.count - 10] == 0x41 ? 0x42 : 0x41
        for (data, code) in [(changed, "signature-invalid"), (octets.prefix(100), "bundle-invalid")] {
            try data.write(to: URL(filePath: bad))
            let ended = try await simpul(hub, police, "courier", "import", bad)
            #expect(ended.code == 1 && ended.output.isEmpty && ended.error.contains(code), "\(ended.error)")
        }
        let foreign = try await simpul(hub, desk, "courier", "import", out)
        #expect(foreign.code == 1 && foreign.error.contains("bundle-foreign"))
        let own = try await operate(hub, "import", out)
        #expect(own.code == 1 && own.error.contains("bundle-foreign"), "\(own.error)")
        let elsewhere = try await simpul(hub, desk, "courier", "export", "--for", police, bad + "2")
        #expect(elsewhere.code == 2 && elsewhere.error.contains("bundle-recipient"))

        #expect(try await simpul(hub, police, "courier", "import", out).code == 0)
        #expect(try await simpul(hub, police, "courier", "export", "--for", broker, back).code == 0)
        var returned = try Data(contentsOf: URL(filePath: back))
        returned[returned.count - 10] = returned[returned.count - 10] == 0x41 ? 0x42 : 0x41
        try returned.write(to: URL(filePath: bad))
        let refused = try await operate(hub, "import", bad)
        #expect(refused.code == 1 && refused.error.contains("signature-invalid"), "\(refused.error)")
        #expect(try await simpul(hub, desk, "outbox", "--state", "waiting").output.contains("waiting"))
        #expect(try await operate(hub, "export", "--for", "id-1709.asing", bad + "3").error.contains("not-found"))
    }

    @Test(.timeLimit(.minutes(3)))
    func `a hub without a courier key says how to make one, and then has it`() async throws {
        let hub = try await RunningHub()
        let settings = hub.path("simpuld.yaml")
        let text = try String(contentsOfFile: settings, encoding: .utf8)
        let line = "courier: { certificate: broker/courier.pem, key: broker/courier.key }"
        try text.replacing(line, with: "").write(toFile: settings, atomically: true, encoding: .utf8)
        for name in ["pem", "key"] { try FileManager.default.removeItem(atPath: hub.path("broker/courier.\(name)")) }
        try await hub.start()
        // The police still have the key that the hub was made with, and seal to it.
        let back = hub.path("back")
        #expect(try await simpul(hub, police, "courier", "export", "--for", broker, back).code == 0)
        let refused = try await operate(hub, "import", back)
        #expect(refused.code == 1 && refused.error.contains("simpul courier key"), "\(refused.error)")
        #expect(await hub.terminate(within: .seconds(20)) == 0)
        let made = try await operate(hub, "key")
        #expect(made.code == 0 && made.output.contains(line), "\(made.error)")
        #expect(try await operate(hub, "key").code == 2)
        try hub.configure(line)
        try await hub.start()
        #expect(try await operate(hub, "export", "--for", police, hub.path("out")).code == 0)
        #expect(try await simpul(hub, police, "courier", "import", hub.path("out")).code == 0)
        #expect(try await simpul(hub, police, "courier", "export", "--force", "--for", broker, back).code == 0)
        let imported = try await operate(hub, "import", back)
        #expect(imported.code == 0, "\(imported.error)")
    }
}
