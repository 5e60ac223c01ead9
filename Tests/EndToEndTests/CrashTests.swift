import Foundation
import SimpulClient
import SimpulCore
import StrictJSON
import Testing

/// What was acknowledged is on disk: the daemon is killed again and again, and nothing that it said is gone.
@Suite(.serialized) struct CrashTests {
    @Test(.timeLimit(.minutes(5)))
    func `every 201 is there exactly once after kill -9 again and again under 16 connections`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let load = try CrashLoad(hub)
        for _ in 0..<5 {
            let sending = Task { await load.sendFromAllConnections() }
            let target = await load.ledger.count + 60
            while await load.ledger.count < target { await Task.yield() }
            await hub.killHard()
            await sending.value
            try await hub.start()
        }
        let receipts = await load.ledger.receipts
        #expect(receipts.count >= 300)
        for (report, receipt) in receipts.values {
            #expect(try await load.sender.hub.submit(report.envelope, seconds: 10) == .receipt(receipt, repeated: true))
        }
        let delivered = try await load.drain()
        #expect(Set(delivered).count == delivered.count, "nothing is delivered twice")
        #expect(Set(receipts.keys.map(\.description)).isSubset(of: delivered), "nothing acknowledged is lost")
        let audit = try await Programs.run("simpul", ["audit", "verify", "--config", hub.path("simpuld.yaml")])
        #expect(audit.code == 0, "\(audit.output)\(audit.error)")
        try await load.close()
    }

    @Test func `a daemon that was killed starts straight away, with its lock and socket left behind`() async throws {
        let hub = try await RunningHub()
        for _ in 0..<3 {
            try await hub.start()
            await hub.killHard()
        }
        try await hub.start()
        #expect(try await Programs.run("simpul", ["status", "--config", hub.path("simpuld.yaml")]).code == 0)
    }
}

/// Sixteen connections that send reports until the broker is gone.
struct CrashLoad {
    let ledger = Ledger()
    let sender: HubAgency
    private let receiver: HubAgency
    private let connections: [HubAgency]

    /// What was acknowledged.
    actor Ledger {
        private(set) var receipts: [MessageID: (report: Report, receipt: Receipt)] = [:]
        var count: Int { receipts.count }
        func note(_ report: Report, _ receipt: Receipt) { receipts[report.id] = (report, receipt) }
    }

    init(_ hub: RunningHub) throws {
        sender = try hub.agency("id-1709.imigrasi")
        receiver = try hub.agency("id-1709.gugus-tugas")
        connections = try (0..<16).map { _ in try hub.agency("id-1709.imigrasi") }
    }

    func sendFromAllConnections() async {
        await withTaskGroup(of: Void.self) { group in
            for connection in connections {
                group.addTask {
                    while let report = try? Report(from: connection, to: "id-1709.gugus-tugas"),
                        case .receipt(let receipt, _)? = try? await connection.hub.submit(report.envelope, seconds: 10)
                    {
                        await ledger.note(report, receipt)
                    }
                }
            }
        }
    }

    /// The ids of all that waits for the task force, acknowledged as they come.
    func drain() async throws -> [String] {
        var ids: [String] = []
        while true {
            let deliveries = try await receiver.hub.inbox(InboxRequest(wait: 0, max: 100, lease: 60))
            if deliveries.isEmpty { return ids }
            for delivery in deliveries {
                ids.append(delivery.id.description)
                try await receiver.hub.acknowledge(delivery.token, receipt: nil)
            }
        }
    }

    func close() async throws {
        for agency in [sender, receiver] + connections { await agency.hub.close() }
    }
}
