import Foundation
import SimpulClient
import SimpulCore
import StrictJSON
import Testing

/// Files on a stick, and files that are fetched before a message counts as received: real programs on both sides.
@Suite struct CourierAttachmentTests {
    private let desk = "id-1709.imigrasi"
    private let police = "id-1709.gugus-tugas"
    private let broker = "id-1709.simpul"
    private let octets = (0..<1_600_000).map { UInt8(truncatingIfNeeded: ($0 &* 2_654_435_761) >> 11) }

    private func simpul(_ hub: RunningHub, _ agency: String, _ arguments: String...) async throws -> Programs.Ended {
        try await Programs.run("simpul", arguments + ["--profile", hub.profile(agency)])
    }

    private func operate(_ hub: RunningHub, _ arguments: String...) async throws -> Programs.Ended {
        try await Programs.run("simpul", ["courier"] + arguments + ["--config", hub.path("simpuld.yaml")])
    }

    private func start() async throws -> RunningHub {
        let hub = try await RunningHub()
        try await hub.start()
        try Data(octets).write(to: URL(filePath: hub.path("foto.png")))
        try AttachmentTests.tip(to: police).write(to: URL(filePath: hub.path("tip.json")))
        return hub
    }

    private func cut(_ agency: String, from hub: RunningHub, again: Bool = false) throws {
        let text = try String(contentsOfFile: hub.profile(agency), encoding: .utf8)
        let (line, nothing) = (":\(hub.port)", ":1")
        try (again ? text.replacing(nothing, with: line) : text.replacing(line, with: nothing)).write(
            toFile: hub.profile(agency), atomically: true, encoding: .utf8)
    }

    private func names(_ path: String) -> [String] {
        (try? FileManager.default.contentsOfDirectory(atPath: path))?.sorted() ?? []
    }

    private func send(_ hub: RunningHub, timeout: Int = 60) async throws -> Programs.Ended {
        try await simpul(
            hub, desk, "send", "--timeout", "\(timeout)", "--attach", hub.path("foto.png"), "--media-type", "image/png",
            hub.path("tip.json"))
    }

    @Test(.timeLimit(.minutes(4)))
    func `a file goes with its message from a machine without a line to another one`() async throws {
        let hub = try await start()
        try cut(desk, from: hub)
        try cut(police, from: hub)
        let sent = try await send(hub, timeout: 1)
        #expect(sent.code == 2 && sent.error.contains("spool"), "\(sent.error)")
        #expect(try await send(hub, timeout: 1).code == 2)
        let spool = hub.path("agencies/\(desk)/spool")
        #expect(names(spool).count { $0.hasSuffix(".jose") } == 1, "the same command goes on with the same message")
        #expect(names(spool + "/enclosed").count == 1 && names(spool + "/attachments").isEmpty)

        let out = hub.path("from-desk")
        let exported = try await simpul(hub, desk, "courier", "export", "--json", "--for", broker, out)
        #expect(exported.output.contains("\"messages\":1,\"attachments\":1"), "\(exported.output)\(exported.error)")
        let imported = try await operate(hub, "import", "--json", "--answer", hub.path("to-desk"), out)
        #expect(imported.code == 0 && imported.output.contains("\"taken\":1"), "\(imported.output)\(imported.error)")
        #expect(try await operate(hub, "import", "--json", out).output.contains("\"taken\":0,\"known\":1"))
        #expect(try await simpul(hub, desk, "courier", "import", hub.path("to-desk")).code == 0)
        #expect(names(spool + "/enclosed").isEmpty, "what the broker has is not kept")

        let (to, files) = (hub.path("to-police"), hub.path("files"))
        let given = try await operate(hub, "export", "--json", "--for", police, to)
        #expect(given.output.contains("\"messages\":1,\"attachments\":1"), "\(given.output)\(given.error)")
        let got = try await simpul(hub, police, "courier", "import", "--attachments", files, to)
        #expect(got.code == 0, "\(got.output)\(got.error)")
        let name = try #require(names(files).first)
        #expect(names(files).count == 1 && name.hasSuffix(".png"))
        #expect(try Data(contentsOf: URL(filePath: "\(files)/\(name)")) == Data(octets))
        let kept = hub.path("agencies/\(police)/spool/courier/attachments")
        #expect(names(kept).isEmpty, "what is decrypted is not kept twice")

        // Without the option the file waits, encrypted, for simpul attachment get, which needs no line then.
        let again = try await simpul(hub, police, "courier", "import", "--json", to)
        #expect(again.code == 0 && again.output.contains("\"attachments\":{\"new\":1,\"known\":0}"), "\(again.output)")
        #expect(try await simpul(hub, police, "courier", "import", "--json", to).output.contains("\"known\":1"))
        #expect(names(kept).count == 1)
        #expect(await hub.terminate(within: .seconds(20)) == 0)
        let audit = try await Programs.run("simpul", ["audit", "verify", "--config", hub.path("simpuld.yaml")])
        #expect(audit.code == 0, "\(audit.output)")
        let id = try #require(
            try JSONDocument(
                Array(imported.output.utf8.prefix { $0 != UInt8(ascii: "\n") })
            ).root["bundle"]?.string)
        var store = try Data(contentsOf: URL(filePath: hub.path("data/simpul.sqlite")))
        store += (try? Data(contentsOf: URL(filePath: hub.path("data/simpul.sqlite-wal")))) ?? Data()
        let record = "\"reason\":\"courier bundle \(id)\""
        #expect(store.range(of: Data(record.utf8)) != nil, "the import's record names the bundle")
    }

    @Test(.timeLimit(.minutes(3)))
    func `what came by bundle is decrypted without a line, and a damaged file is not believed`() async throws {
        let hub = try await start()
        #expect(try await send(hub).code == 0)
        let (to, files) = (hub.path("to-police"), hub.path("files"))
        #expect(try await operate(hub, "export", "--for", police, to).code == 0)
        try cut(police, from: hub)
        let got = try await simpul(hub, police, "courier", "import", "--out", hub.path("in"), to)
        #expect(got.code == 0, "\(got.error)")
        let document = hub.path("in/\(try #require(names(hub.path("in")).first))")
        let kept = hub.path("agencies/\(police)/spool/courier/attachments")
        let path = "\(kept)/\(try #require(names(kept).first))"
        let whole = try Data(contentsOf: URL(filePath: path))
        try Data(whole.dropLast() + [whole[0] ^ 1]).write(to: URL(filePath: path))
        let get = ["attachment", "get", "--timeout", "1", "--out", files, document, "--profile", hub.profile(police)]
        let damaged = try await Programs.run("simpul", get)
        #expect(damaged.code == 2 && names(kept).isEmpty, "\(damaged.error)")
        #expect(!names(files).contains { $0.hasSuffix(".png") })
        #expect(try await simpul(hub, police, "courier", "import", to).code == 0)
        let fetched = try await Programs.run("simpul", get)
        #expect(fetched.code == 0, "\(fetched.error)")
        let name = try #require(names(files).first { $0.hasSuffix(".png") })
        #expect(try Data(contentsOf: URL(filePath: "\(files)/\(name)")) == Data(octets))
    }

    @Test(.timeLimit(.minutes(3)))
    func `a damaged file in the spool is left out with its message, and the command says so`() async throws {
        let hub = try await start()
        try cut(desk, from: hub)
        #expect(try await send(hub, timeout: 1).code == 2)
        let folder = hub.path("agencies/\(desk)/spool/enclosed")
        let path = "\(folder)/\(try #require(names(folder).first))"
        try Data(octets.count > 0 ? [UInt8](repeating: 0, count: octets.count) : []).write(to: URL(filePath: path))
        let out = hub.path("out")
        let exported = try await simpul(hub, desk, "courier", "export", "--json", "--for", broker, out)
        #expect(exported.code == 1 && exported.output.contains("\"messages\":0"), "\(exported.output)")
        #expect(exported.error.contains("damaged"))
    }

    @Test(.timeLimit(.minutes(3)))
    func `what the spool has goes by wire too, the file before its message`() async throws {
        let hub = try await start()
        try cut(desk, from: hub)
        #expect(try await send(hub, timeout: 1).code == 2)
        try cut(desk, from: hub, again: true)
        let sent = try await simpul(hub, desk, "send", "--spooled")
        #expect(sent.code == 0, "\(sent.output)\(sent.error)")
        #expect(names(hub.path("agencies/\(desk)/spool/enclosed")).isEmpty)
        #expect(try await simpul(hub, police, "receive", "--ack", "--attachments", hub.path("files")).code == 0)
        #expect(names(hub.path("files")).count == 1)
    }

    @Test(.timeLimit(.minutes(3)))
    func `a message is acknowledged once its files are here, and not before`() async throws {
        let hub = try await start()
        #expect(try await send(hub).code == 0)
        let files = hub.path("files")
        let receive = ["receive", "--ack", "--lease", "1", "--attachments", files, "--profile", hub.profile(police)]
        // The broker's file is gone: what a damaged disk does.
        let folder = hub.path("data/simpul.sqlite.attachments")
        let stored = "\(folder)/\(try #require(names(folder).first))"
        try FileManager.default.moveItem(atPath: stored, toPath: stored + ".away")
        let failed = try await Programs.run("simpul", receive)
        #expect(failed.code == 1 && failed.error.contains("not acknowledged"), "\(failed.output)\(failed.error)")
        #expect(!names(files).contains { $0.hasSuffix(".png") })
        try FileManager.default.moveItem(atPath: stored + ".away", toPath: stored)
        let done = hub.path("done")
        let handled = try await Programs.run(
            "simpul",
            [
                "receive", "--wait", "10", "--max", "1", "--exec", "ls \"$SIMPUL_ATTACHMENTS\" > '\(done)'",
                "--attachments", files, "--profile", hub.profile(police),
            ])
        #expect(handled.code == 0, "\(handled.output)\(handled.error)")
        let name = try #require(names(files).first { $0.hasSuffix(".png") })
        #expect(try String(contentsOfFile: done, encoding: .utf8).contains(name), "the command finds the file")
        #expect(try Data(contentsOf: URL(filePath: "\(files)/\(name)")) == Data(octets))
        let none = try await simpul(hub, police, "receive", "--json")
        #expect(none.output.isEmpty, "\(none.output)")
    }
}
