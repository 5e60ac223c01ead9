import NIOCore
import NIOPosix

/// What a run works with: a running hub, the load, and the event loops.
struct Bench {
    let hub: RunningHub
    let agencies: BenchAgencies
    let stock: LoadStock
    let group: MultiThreadedEventLoopGroup
    let settings: Settings
    /// Where something may be kept from one run to the next.
    var stockFolder = ""

    func connector(_ agency: String) throws -> Connector { try Connector(agencies.agency(agency), port: hub.port) }

    /// Runs one scenario on the hub.
    func run(_ scenario: Scenario) async throws -> [Metric: Double] {
        let need = settings.need(of: scenario)
        let messages = try need.map { try stock.messages($0.kind, $0.count) } ?? []
        let kind = need?.kind ?? Scenario.sealed
        return switch scenario {
        case .accept(let connections, let lines, _):
            try await AcceptRun(bench: self, kind: kind, connections: connections, lines: lines).run(messages)
        case .drain: try await DrainRun(bench: self, kind: kind).run(messages)
        case .wake(let consumer): try await WakeRun(bench: self, kind: kind, consumer: consumer).run(messages)
        case .flood(let consumer):
            try await WakeRun(
                bench: self, kind: kind, consumer: consumer,
                flood: (
                    BacklogRun.flood,
                    stock.messages(BacklogRun.flood, BacklogRun.alerts(settings) * BacklogRun.floodFactor)
                )
            ).run(messages)
        case .backlog(let queued): try await BacklogRun(bench: self, kind: kind, queued: queued).run(messages)
        case .memory: try await MemoryRun(bench: self).run()
        case .streams: try await StreamsRun(bench: self, kind: kind).run(messages)
        }
    }
}
