import NIOCore

/// What a broker does with that many deferred messages behind it, one measurement after the other on one store: its
/// start, submissions, fetching and acknowledging, alerts to each kind of consumer, and alerts to each beside another
/// agency's flood to the same recipient. With none, the same on an empty store.
struct BacklogRun {
    static let templates = 500
    /// Alerts are measured for each kind of consumer, alone and beside a flood.
    static let alertRuns = 2 * Scenario.Consumer.allCases.count

    /// The alerts of each such measurement.
    static func alerts(_ settings: Settings) -> Int { settings.rate * (settings.seconds + WakeRun.warmUpSeconds) }
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
        var messages = messages
        let submitted = messages.dropFirst(Self.alertRuns * alerts)
        let accept = try await AcceptRun(bench: bench, kind: kind, connections: 64, lines: 1).run(submitted)
        values[.submitRate] = accept[.rate]
        values[.submitMicroseconds] = accept[.daemonMicroseconds]
        let waiting = try bench.hub.status.storedMessages() - (queued > 0 ? queued + Self.templates : 0)
        let drain = try await DrainRun(bench: bench, kind: kind).drain(waiting)
        values[.drainRate] = drain[.rate]
        values[.drainMicroseconds] = drain[.daemonMicroseconds]
        for consumer in Scenario.Consumer.allCases {
            let alone = try await WakeRun(bench: bench, kind: kind, consumer: consumer).run(messages.prefix(alerts))
            messages.removeFirst(alerts)
            (values[consumer.p50], values[consumer.p99]) = (alone[.p50], alone[.p99])
            if consumer == .poll {
                (values[.submitP50], values[.submitP99]) = (alone[.submitP50], alone[.submitP99])
            }
        }
        values.merge(try await besideFlood(messages)) { $1 }
        values[.statusMilliseconds] = try statusTime()
        return values
    }

    private var alerts: Int { Self.alerts(bench.settings) }

    private func besideFlood(_ messages: ArraySlice<SignedMessage>) async throws -> [Metric: Double] {
        var messages = messages
        let count = alerts * Self.floodFactor
        var flood = try bench.stock.messages(Self.flood, count * Scenario.Consumer.allCases.count)
        var values: [Metric: Double] = [:]
        for consumer in Scenario.Consumer.allCases {
            var run = WakeRun(bench: bench, kind: kind, consumer: consumer)
            run.flood = (Self.flood, flood.prefix(count))
            let beside = try await run.run(messages.prefix(alerts))
            messages.removeFirst(alerts)
            flood.removeFirst(count)
            (values[consumer.floodP50], values[consumer.floodP99]) = (beside[.p50], beside[.p99])
            guard consumer == .poll else { continue }
            values[.floodSubmitP50] = beside[.submitP50]
            values[.floodSubmitP99] = beside[.submitP99]
            values[.floodRate] = beside[.floodRate]
        }
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

extension Scenario.Consumer {
    fileprivate var p50: Metric {
        switch self {
        case .poll: .p50
        case .sse: .streamP50
        case .push: .pushP50
        }
    }

    fileprivate var p99: Metric {
        switch self {
        case .poll: .p99
        case .sse: .streamP99
        case .push: .pushP99
        }
    }

    fileprivate var floodP50: Metric {
        switch self {
        case .poll: .floodP50
        case .sse: .floodStreamP50
        case .push: .floodPushP50
        }
    }

    fileprivate var floodP99: Metric {
        switch self {
        case .poll: .floodP99
        case .sse: .floodStreamP99
        case .push: .floodPushP99
        }
    }
}
