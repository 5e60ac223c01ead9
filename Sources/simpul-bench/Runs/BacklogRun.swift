import NIOCore

/// What a broker does with that many deferred messages behind it, one measurement after the other on one store: its
/// start, submissions, fetching and acknowledging, alerts to a waiting long poll, and alerts beside another agency's
/// flood to the same recipient. With none, the same on an empty store.
struct BacklogRun {
    static let templates = 500
    /// Another agency's submissions for each alert.
    static let floodFactor = 10
    static let flood = LoadKind(body: .sealed, octets: 2700, from: .shelter)
    static let deferred = LoadKind(body: .sealed, octets: 2700, from: .protection)

    let bench: Bench
    let kind: LoadKind
    let queued: Int

    func run(_ messages: ArraySlice<SignedMessage>) async throws -> [Metric: Double] {
        if queued > 0 { try await fill() }
        var values: [Metric: Double] = [.startMilliseconds: try await bench.hub.restart()]
        let alerts = bench.settings.rate * (bench.settings.seconds + WakeRun.warmUpSeconds)
        let submitted = messages.dropFirst(2 * alerts)
        let accept = try await AcceptRun(bench: bench, kind: kind, connections: 64, lines: 1).run(submitted)
        values[.submitRate] = accept[.rate]
        values[.submitMicroseconds] = accept[.daemonMicroseconds]
        let waiting = try bench.hub.status.storedMessages() - (queued > 0 ? queued + Self.templates : 0)
        let drain = try await DrainRun(bench: bench, kind: kind).drain(waiting)
        values[.drainRate] = drain[.rate]
        values[.drainMicroseconds] = drain[.daemonMicroseconds]
        values.merge(try await WakeRun(bench: bench, kind: kind).run(messages.prefix(alerts))) { $1 }
        let beside = try await WakeRun(bench: bench, kind: kind, flood: Self.flood).run(
            messages.dropFirst(alerts).prefix(alerts))
        values[.floodP50] = beside[.p50]
        values[.floodP99] = beside[.p99]
        values[.floodSubmitP50] = beside[.submitP50]
        values[.floodSubmitP99] = beside[.submitP99]
        values[.floodRate] = beside[.floodRate]
        values[.statusMilliseconds] = try statusTime()
        return values
    }

    private func statusTime() throws(BenchError) -> Double {
        let start = NIODeadline.now()
        _ = try bench.hub.status.storedMessages()
        return Double((NIODeadline.now() - start).nanoseconds) / 1e6
    }

    /// A few real messages, copied while the hub stands still. The first such store of a campaign is kept for the others.
    private func fill() async throws {
        let kept = "\(bench.stockFolder)/backlog-\(queued).sqlite"
        if !SmallFile.exists(kept) {
            let templates = try bench.stock.messages(Self.deferred, Self.templates)
            let loop = try await ClosedLoop(templates, connections: 8, lines: 1, kind: Self.deferred, bench: bench)
            try await loop.start()
            while true {
                let progress = try await loop.progress()
                if progress.isOut && progress.outstanding == 0 { break }
                try await Task.sleep(for: .milliseconds(20))
            }
            _ = try await loop.stop()
            let start = NIODeadline.now()
            try await bench.hub.whileStopped { store in
                try BacklogFile.fill(store, with: queued, at: Clock.now().milliseconds)
                try SmallFile.copy(store, to: kept)
            }
            Terminal.note(
                "filled a store with \(queued) messages in \((NIODeadline.now() - start).nanoseconds / 1_000_000_000) s"
            )
        } else {
            try await bench.hub.whileStopped { store in try SmallFile.copy(kept, to: store) }
        }
    }
}
