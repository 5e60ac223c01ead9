import Foundation
import SimpulClient
import SimpulCore
import StrictJSON
import Testing

/// What an operator does to queues and deliveries of the real daemon, with the command line.
@Suite struct OrderTests {
    private static let reason = "CONTOH FIKTIF sebab"

    private func simpul(_ hub: RunningHub, _ arguments: String...) async throws -> Programs.Ended {
        try await Programs.run(
            "simpul", arguments + ["--reason", Self.reason, "--config", hub.path("simpuld.yaml"), "--json"])
    }

    private func receive(_ hub: RunningHub, as agency: String) async throws -> String {
        let profile = hub.path("agencies/\(agency)/simpul.yaml")
        return try await Programs.run("simpul", ["receive", "--ack", "--json", "--profile", profile]).output
    }

    @Test(.timeLimit(.minutes(2)))
    func `a paused queue keeps what comes until it is resumed, and says why`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let sender = try hub.agency("id-1709.imigrasi")
        let report = try Report(from: sender, to: "id-1709.gugus-tugas")
        #expect(try await simpul(hub, "queue", "pause", "id-1709.tidak-ada").code == 1)
        #expect(try await simpul(hub, "queue", "pause", "id-1709.gugus-tugas").code == 0)
        _ = try await sender.hub.submit(report.envelope, seconds: 10)
        #expect(try await !receive(hub, as: "id-1709.gugus-tugas").contains("\(report.id)"))
        let seen = JSON(try await sender.hub.message(report.id)).text
        #expect(seen.contains("\"reason\":\"paused\""), "\(seen)")
        #expect(try await simpul(hub, "queue", "resume", "id-1709.gugus-tugas").code == 0)
        #expect(try await receive(hub, as: "id-1709.gugus-tugas").contains("\(report.id)"))
        let audit = try await Programs.run(
            "simpul", ["audit", "verify", "--config", hub.path("simpuld.yaml"), "--json"])
        #expect(audit.code == 0, "\(audit.output)\(audit.error)")
        let log = try String(contentsOfFile: hub.path("daemon.log"), encoding: .utf8)
        #expect(!log.contains(Self.reason))
        await sender.hub.close()
    }

    @Test(.timeLimit(.minutes(2)))
    func `a message is parked, tried again, cancelled; and its sender is told`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let sender = try hub.agency("id-1709.imigrasi")
        let report = try Report(from: sender, to: "id-1709.gugus-tugas")
        _ = try await sender.hub.submit(report.envelope, seconds: 10)
        let message = ["id-1709.imigrasi", "\(report.id)"]
        #expect(try await simpul(hub, "message", "retry", message[0], message[1]).error.contains("delivery-state"))
        #expect(try await simpul(hub, "message", "park", message[0], message[1]).code == 0)
        #expect(try await !receive(hub, as: "id-1709.gugus-tugas").contains("\(report.id)"))
        #expect(try await simpul(hub, "message", "retry", message[0], message[1]).code == 0)
        let done = try await simpul(
            hub, "message", "bounce", message[0], message[1], "--agency", "id-1709.gugus-tugas")
        #expect(done.code == 0 && done.output.contains("id-1709.gugus-tugas"), "\(done.output)\(done.error)")
        #expect(try await !receive(hub, as: "id-1709.gugus-tugas").contains("\(report.id)"))
        let seen = JSON(try await sender.hub.message(report.id)).text
        #expect(seen.contains("\"state\":\"bounced\"") && seen.contains("\"cause\":\"by-operator\""), "\(seen)")
        #expect(try await receive(hub, as: "id-1709.imigrasi").contains("bounced"))
        #expect(try await simpul(hub, "message", "cancel", message[0], message[1]).code == 1)
        await sender.hub.close()
    }
}
