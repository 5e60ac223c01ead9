import NIOCore

/// How many messages a second the broker accepts durably, how long each takes, and what it costs.
struct AcceptRun {
    let bench: Bench
    let kind: LoadKind
    let connections: Int
    let lines: Int

    func run(_ messages: ArraySlice<SignedMessage>) async throws -> [Metric: Double] {
        let stored = try bench.hub.status.storedMessages()
        let loop = try await ClosedLoop(messages, connections: connections, lines: lines, kind: kind, bench: bench)
        try await loop.start()
        let slices = try await warmUp(loop, of: messages.count)
        let meter = try Meter(bench.hub)
        try await loop.record(true)
        let start = try await loop.progress()
        for _ in 0..<bench.settings.seconds { _ = try await slice(loop, of: messages.count) }
        let end = try await loop.progress()
        try await loop.record(false)
        let accepted = end.accepted - start.accepted
        var values = try meter.stop(messages: accepted)
        let (last, histogram) = try await loop.stop()
        try CrossCheck.stored(
            try bench.hub.status.storedMessages() - stored, accepted: last.accepted, repeated: last.repeated)
        let seconds = Double((end.at - start.at).nanoseconds) / 1e9
        values.addLatencies(histogram)
        values[.messages] = Double(accepted)
        values[.seconds] = seconds
        values[.warmUpSlices] = Double(slices)
        values[.rate] = Double(accepted) / seconds
        return values
    }

    /// - Returns: how many slices the warm-up took.
    private func warmUp(_ loop: ClosedLoop, of count: Int) async throws -> Int {
        var window = SteadyWindow()
        var last = try await loop.progress()
        while true {
            let now = try await slice(loop, of: count)
            let rate = Double(now.accepted - last.accepted) / (Double((now.at - last.at).nanoseconds) / 1e9)
            if window.ends(with: rate) { return window.slices }
            last = now
        }
    }

    private func slice(_ loop: ClosedLoop, of count: Int) async throws -> ClosedLoop.Progress {
        try await Task.sleep(for: .seconds(1))
        let progress = try await loop.progress()
        guard !progress.isOut else {
            throw BenchError(
                "the load of \(count) messages ran out before the window's end: more --messages, or fewer --seconds"
            )
        }
        return progress
    }
}
