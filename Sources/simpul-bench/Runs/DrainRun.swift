import NIOCore

/// How fast one consumer empties a backlog, reading 100 deliveries at a time and acknowledging each.
struct DrainRun {
    let bench: Bench
    let kind: LoadKind

    private static let fillers = 64
    private static let longestSeconds = 600

    func run(_ messages: ArraySlice<SignedMessage>) async throws -> [Metric: Double] {
        try await fill(messages)
        return try await drain(messages.count)
    }

    /// Fetches and acknowledges that many deliveries that wait already.
    func drain(_ backlog: Int) async throws -> [Metric: Double] {
        let before = try bench.hub.status.settled(of: kind.receivers[0])
        let user = try await OnLoop(bench.group.next()) { DrainLoop(backlog: backlog) }
        let count = bench.settings.acknowledgers + 1
        let exchanges = try await user.open(count, by: bench.connector(kind.receivers[0]))
        let meter = try Meter(bench.hub)
        try await user.run { loop in
            let all = exchanges.value
            loop.start(reader: all[0], acknowledgers: Array(all.dropFirst()))
        }
        let progress = try await finished(user)
        var values = try meter.stop(messages: progress.acknowledged)
        try await user.run { _ in for exchange in exchanges.value { exchange.close() } }
        try CrossCheck.settled(
            try bench.hub.status.settled(of: kind.receivers[0]) - before, acknowledged: progress.acknowledged,
            of: backlog
        )
        let nanoseconds = (progress.lastAt - (progress.startedAt ?? progress.lastAt)).nanoseconds
        values.addLatencies(progress.acknowledgements)
        values[.fetchP50] = progress.fetches.milliseconds(0.5)
        values[.fetchP99] = progress.fetches.milliseconds(0.99)
        values[.messages] = Double(progress.acknowledged)
        values[.seconds] = Double(nanoseconds) / 1e9
        values[.rate] = Double(progress.acknowledged) / (Double(nanoseconds) / 1e9)
        return values
    }

    /// Submits the backlog, and makes sure that all of it is there.
    private func fill(_ messages: ArraySlice<SignedMessage>) async throws {
        let loop = try await ClosedLoop(messages, connections: Self.fillers, lines: 1, kind: kind, bench: bench)
        try await loop.start()
        for _ in 0..<Self.longestSeconds * 10 {
            let progress = try await loop.progress()
            if progress.isOut && progress.outstanding == 0 { break }
            try await Task.sleep(for: .milliseconds(100))
        }
        let last = try await loop.stop().progress
        try CrossCheck.stored(
            try bench.hub.status.storedMessages(), accepted: last.accepted, repeated: last.repeated)
    }

    private func finished(_ user: OnLoop<DrainLoop>) async throws -> DrainLoop.Progress {
        for _ in 0..<Self.longestSeconds * 20 {
            if try await user.run({ $0.isDone }) { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        let progress = try await user.run { $0.progress }
        if let problem = progress.problem { throw BenchError(problem) }
        return progress
    }
}
