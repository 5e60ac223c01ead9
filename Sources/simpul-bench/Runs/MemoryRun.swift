import NIOCore

/// Resident memory of the broker: idle, with idle connections, and with a long poll waiting on each of them.
struct MemoryRun {
    let bench: Bench

    /// A long poll that ends before the measurement does is a problem.
    private final class Waiters: ExchangeUser {
        var problem: String?
        func answered(_ answer: Answer, on exchange: Exchange) { problem = "a long poll ended early: \(answer.text)" }
        func failed(_ error: BenchError) { problem = error.description }
    }

    func run() async throws -> [Metric: Double] {
        let count = bench.settings.polls
        try await Task.sleep(for: .seconds(1))
        let idle = try ProcessUsage.residentBytes(of: bench.hub.pid)
        let user = try await OnLoop(bench.group.next()) { Waiters() }
        let exchanges = try await user.open(count, by: bench.connector("id-1709.polres.ppa"))
        try await Task.sleep(for: .seconds(1))
        let connected = try ProcessUsage.residentBytes(of: bench.hub.pid)
        try await user.run { _ in
            let request = RequestBytes.inbox(wait: 60, max: 1, lease: 60)
            for exchange in exchanges.value { exchange.send(request) }
        }
        try await waitUntilAllWait(count)
        let waiting = try ProcessUsage.residentBytes(of: bench.hub.pid)
        let problem = try await user.run { waiters in
            let problem = waiters.problem
            for exchange in exchanges.value { exchange.close() }
            return problem
        }
        if let problem { throw BenchError(problem) }
        return [
            .idleMiB: Double(idle) / 1_048_576, .connectionKiB: Double(connected - idle) / 1024 / Double(count),
            .pollKiB: Double(waiting - idle) / 1024 / Double(count), .residentMiB: Double(waiting) / 1_048_576,
        ]
    }

    /// By the broker's own count, and a second more.
    private func waitUntilAllWait(_ count: Int) async throws {
        for _ in 0..<400 {
            if try bench.hub.status.metric("simpul_inbox_waiting") == count {
                return try await Task.sleep(for: .seconds(1))
            }
            try await Task.sleep(for: .milliseconds(50))
        }
        throw BenchError("the broker does not count \(count) waiting calls")
    }
}
