import Foundation
import Glibc
import SimpulClient
import SimpulCore
import Testing

/// What an operator does on the status socket of the real daemon.
@Suite struct OperateTests {
    private func simpul(_ hub: RunningHub, _ arguments: String...) async throws -> Programs.Ended {
        try await Programs.run("simpul", arguments + ["--config", hub.path("simpuld.yaml"), "--json"])
    }

    /// What curl gets from the status socket: the body, and the HTTP status behind it.
    private func curl(
        _ hub: RunningHub, _ path: String, _ more: String...
    ) async throws
        -> String?
    {
        guard let curl = Programs.system("curl", for: "the status socket") else { return nil }
        let call =
            ["-s", "-w", "\n%{http_code}", "--unix-socket", hub.path("status.sock"), "http://hub" + path] + more
        return try await Programs.run(curl, call).output
    }

    private func submit(_ hub: RunningHub, to recipient: String = "id-1709.gugus-tugas") async throws -> String {
        let agency = try hub.agency("id-1709.imigrasi")
        let outcome = try await agency.hub.submit(try Report(from: agency, to: recipient).envelope, seconds: 10)
        await agency.hub.close()
        switch outcome {
        case .receipt: return "taken"
        default: return "\(outcome)"
        }
    }

    @Test(.timeLimit(.minutes(2)))
    func `a drained broker takes nothing new until it is resumed, and the log says who and why`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let reason = "CONTOH FIKTIF disk"
        #expect(try await simpul(hub, "drain", "--reason", reason).output.contains("\"draining\":true"))
        #expect(try await submit(hub).contains("draining"))
        #expect(try await simpul(hub, "status").output.contains("\"draining\":true"))
        #expect(try await simpul(hub, "resume", "--reason", "done").output.contains("\"draining\":false"))
        #expect(try await submit(hub) == "taken")
        let audit = try await simpul(hub, "audit", "verify")
        #expect(audit.code == 0, "\(audit.output)\(audit.error)")
        let log = try String(contentsOfFile: hub.path("daemon.log"), encoding: .utf8)
        #expect(log.contains("An operator has acted"))
        #expect(!log.contains(reason))
    }

    @Test(.timeLimit(.minutes(2)))
    func `a reload says what came of it, with every fault`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let good = try await simpul(hub, "reload", "--reason", "x")
        #expect(good.code == 0 && good.output.contains("\"accepted\":true"), "\(good.output)\(good.error)")
        let file = hub.path("roster/id-1709.imigrasi.yaml")
        try (String(contentsOfFile: file, encoding: .utf8) + "\nwrong: 1\n")
            .write(toFile: file, atomically: true, encoding: .utf8)
        let bad = try await simpul(hub, "reload", "--reason", "x")
        #expect(bad.code == 1)
        #expect(bad.output.contains("\"accepted\":false") && bad.output.contains("this key is not known"))
        #expect(try await submit(hub) == "taken")
    }

    @Test(.timeLimit(.minutes(1)))
    func `an act without a reason is refused before anything happens`() async throws {
        #expect(try await Programs.run("simpul", ["drain"]).code == 2)
        #expect(try await Programs.run("simpul", ["drain", "--reason", "a\nb"]).code == 2)
        let hub = try await RunningHub()
        try await hub.start()
        for (body, code) in [
            ("{}", "schema-invalid"), (#"{"reason":""}"#, "schema-invalid"), (#"{"reason":1}"#, "schema-invalid"),
            (#"{"reason":"x","more":1}"#, "schema-invalid"), ("{", "json-invalid"),
        ] {
            let json = "Content-Type: application/json"
            guard let answer = try await curl(hub, "/drain", "-X", "POST", "-H", json, "-d", body) else { return }
            #expect(answer.contains(code), "\(answer)")
        }
        #expect(try await curl(hub, "/drain", "-X", "POST", "-d", "reason=x")?.contains("media-type") == true)
        #expect(try await curl(hub, "/drain")?.hasSuffix("405") == true)
        #expect(try await submit(hub) == "taken")
    }

    @Test(.timeLimit(.minutes(1)))
    func `somebody else may read and not act`() async throws {
        guard geteuid() == 0, let setpriv = Programs.system("setpriv", for: "another user of the machine"),
            let curl = Programs.system("curl", for: "the status socket")
        else { return }
        let hub = try await RunningHub()
        try await hub.start()
        chmod(hub.path(""), 0o755)
        chmod(hub.path("status.sock"), 0o666)
        func ask(_ path: String, _ more: String...) async throws -> String {
            let call =
                [
                    "--reuid=65534", "--regid=65534", "--clear-groups", curl.path, "-s", "--unix-socket",
                    hub.path("status.sock"), "http://hub" + path,
                ] + more
            return try await Programs.run(setpriv, call).output
        }
        #expect(try await ask("/status").contains("\"hub\""))
        let json = "Content-Type: application/json"
        for path in ["/drain", "/resume", "/reload"] {
            let answer = try await ask(path, "-X", "POST", "-H", json, "-d", #"{"reason":"x"}"#)
            #expect(answer.contains("role-denied"), "\(path): \(answer)")
        }
        #expect(try await submit(hub) == "taken")
    }

    @Test(.timeLimit(.minutes(1)))
    func `an operator sees where a message stands, and no receipt and no token`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let agency = try hub.agency("id-1709.imigrasi")
        let report = try Report(from: agency, to: "id-1709.gugus-tugas")
        _ = try await agency.hub.submit(report.envelope, seconds: 10)
        await agency.hub.close()
        guard let trace = try await curl(hub, "/messages/id-1709.imigrasi/\(report.id)/trace") else { return }
        for part in ["\"state\":\"waiting\"", "\"reason\":\"no-consumer\"", "\"attempts\":0", "\"signer\":\""] {
            #expect(trace.contains(part), "\(trace)")
        }
        #expect(!trace.contains("receipt") && !trace.contains("eyJ"))
        #expect(try await curl(hub, "/messages/id-1709.polres.ppa/\(report.id)/trace")?.hasSuffix("404") == true)
        #expect(try await curl(hub, "/queues/id-1709.gugus-tugas")?.contains("\"waiting\":1") == true)
        #expect(try await curl(hub, "/queues/id-1709.tidak-ada")?.hasSuffix("404") == true)
        #expect(try await curl(hub, "/agencies")?.contains("\"active\":true") == true)
        let certificates = try #require(try await curl(hub, "/certificates"))
        #expect(certificates.contains("\"use\":\"seal\"") && !certificates.contains("BEGIN"))
    }
}
