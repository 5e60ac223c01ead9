import Foundation
import SimpulClient
import SimpulCore
import Testing

/// The real daemon lets go of a message that was opened; two seconds stand for the day.
@Suite struct PurgeTests {
    private let desk = "id-1709.imigrasi"
    private let reader = "id-1709.gugus-tugas"

    private func simpul(_ hub: RunningHub, _ agency: String, _ arguments: String...) async throws -> Programs.Ended {
        try await Programs.run("simpul", ["--profile", hub.profile(agency)] + arguments)
    }

    private func submit(_ report: Report, _ agency: HubAgency) async throws -> Receipt {
        guard case .receipt(let receipt, _) = try await agency.hub.submit(report.envelope, seconds: 20) else {
            throw HubTrouble(what: "a report was not accepted")
        }
        return receipt
    }

    /// Whether octets of an envelope stand in the store's file or in its log.
    private func isOnDisk(_ report: Report, _ hub: RunningHub) -> Bool {
        let marks = stride(from: 300, to: report.envelope.count - 40, by: 100).map {
            Data(report.envelope[$0..<$0 + 40])
        }
        return ["", "-wal"].contains { suffix in
            let data = FileManager.default.contents(atPath: hub.path("data/simpul.sqlite") + suffix) ?? Data()
            return marks.contains { data.range(of: $0) != nil }
        }
    }

    private func wait(_ seconds: Int, until isDone: () async throws -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(seconds)
        while ContinuousClock.now < deadline { if try await isDone() { return true } }
        return false
    }

    @Test(.timeLimit(.minutes(3)))
    func `what was opened is purged, its receipts stay, and the audit is clean, also after kill -9`() async throws {
        let hub = try await RunningHub()
        try hub.configure("limits: { openedBodySeconds: 2, purgedLogSeconds: 1 }")
        try await hub.start()
        let agency = try hub.agency(desk)
        let (report, unopened) = (try Report(from: agency, to: reader), try Report(from: agency, to: reader))
        let receipts = (try await submit(report, agency), try await submit(unopened, agency))
        #expect(isOnDisk(report, hub))
        let received = try await simpul(hub, reader, "receive", "--json", "--max", "2")
        #expect(received.output.contains(report.id.description), "\(received.output)\(received.error)")
        let opened = try await simpul(hub, reader, "ack", "--opened", "--by", "DUTY", "\(desk)/\(report.id)")
        #expect(opened.code == 0, "\(opened.error)")

        var trace = ""
        let isPurged = try await wait(60) {
            trace = try await simpul(hub, desk, "trace", "--language", "en", "\(report.id)").output
            return trace.contains("has purged the message")
        }
        #expect(isPurged && trace.contains("opened (DUTY)"), "\(trace)")
        #expect(try await wait(60) { !isOnDisk(report, hub) })
        #expect(isOnDisk(unopened, hub))
        #expect(try await submit(report, agency) == receipts.0)
        #expect(try await submit(unopened, agency) == receipts.1)
        let json = try await simpul(hub, desk, "trace", "--json", "\(report.id)")
        #expect(json.code == 0 && json.output.contains("\"purged\":\"") && json.output.contains("\"verified\":true"))

        await hub.killHard()
        try await hub.start()
        #expect(try await submit(report, agency) == receipts.0)
        #expect(try await simpul(hub, desk, "trace", "--json", "\(report.id)").output == json.output)
        await agency.hub.close()
        #expect(await hub.terminate(within: .seconds(20)) == 0)
        #expect(!isOnDisk(report, hub))
        let audit = try await Programs.run("simpul", ["audit", "verify", "--config", hub.path("simpuld.yaml")])
        #expect(audit.code == 0, "\(audit.output)\(audit.error)")
    }
}
