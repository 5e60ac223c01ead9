import NIOCore

/// How long after its 201 a message reaches a consumer that waits for it or is pushed to, at a fixed rate of submissions.
struct WakeRun {
    static let warmUpSeconds = 2
    private static let (senders, acknowledgers) = (8, 4)

    let bench: Bench
    let kind: LoadKind
    var consumer = Scenario.Consumer.poll
    /// What another agency sends meanwhile, at ``BacklogRun/floodFactor`` times the rate; nil where nothing.
    var flood: (kind: LoadKind, messages: ArraySlice<SignedMessage>)?

    func run(_ messages: ArraySlice<SignedMessage>) async throws -> [Metric: Double] {
        let (loop, rate, consumer) = (bench.group.next(), bench.settings.rate, consumer)
        let (isAlone, recipient) = (flood == nil, kind.receivers[0])
        let user = try await OnLoop(loop) {
            WakeLoop(messages, rate: rate, consumer: consumer, isAlone: isAlone)
        }
        let sending = try await user.open(Self.senders, by: bench.connector(kind.sender))
        let receiving = try await user.open(connections, by: bench.connector(recipient))
        let (stored, settled) = try (bench.hub.status.storedMessages(), bench.hub.status.settled(of: recipient))
        let endpoint = consumer == .push ? try await user.listen(as: .init(hub: bench.hub.folder)) : nil
        if let endpoint { try await bench.hub.push(recipient, to: endpoint.port) }
        let flooding = try await startFlood(on: loop)
        let meter = try Meter(bench.hub)
        try await user.run { wake in
            let all = receiving.value
            wake.start(reader: all.first, senders: sending.value, acknowledgers: Array(all.dropFirst()), on: loop)
        }
        let moments = try await finished(user, seconds: messages.count / rate + 30)
        var values = try meter.stop(messages: messages.count)
        if let flooding { values[.floodRate] = try await stop(flooding) }
        try await user.run { wake in
            wake.stop()
            for exchange in sending.value + receiving.value { exchange.close() }
        }
        try await untilNobodyWaits()
        if let endpoint {
            try await bench.hub.endPush(recipient)
            try await endpoint.stop()
        }
        if isAlone {
            let accepted = moments.count { $0.acceptedAt != nil }
            try CrossCheck.stored(try bench.hub.status.storedMessages() - stored, accepted: accepted, repeated: 0)
            try CrossCheck.settled(
                try bench.hub.status.settled(of: recipient) - settled, acknowledged: messages.count, of: messages.count)
        }
        values.merge(Self.latencies(moments.dropFirst(rate * Self.warmUpSeconds))) { $1 }
        values[.rate] = Double(rate)
        return values
    }

    /// What the consumer opens: one to read with, and others to acknowledge with. Who is pushed to opens none.
    private var connections: Int {
        guard consumer != .push else { return 0 }
        return 1 + (flood == nil ? Self.acknowledgers : Self.acknowledgers * BacklogRun.floodFactor)
    }

    /// Until the broker has seen that the consumer is gone: a call of before would take what comes next with it, as any
    /// consumer that dies with an answer on its way does.
    private func untilNobodyWaits() async throws {
        for _ in 0..<100 {
            guard let waiting = try bench.hub.status.metric("simpul_inbox_waiting"), waiting > 0 else { return }
            try await Task.sleep(for: .milliseconds(50))
        }
    }

    private typealias Flooding = (user: OnLoop<FloodLoop>, exchanges: NIOLoopBound<[Exchange]>, since: NIODeadline)

    private func startFlood(on loop: any EventLoop) async throws -> Flooding? {
        guard let flood else { return nil }
        let (messages, rate) = (flood.messages, bench.settings.rate * BacklogRun.floodFactor)
        let user = try await OnLoop(loop) { FloodLoop(messages, rate: rate) }
        let exchanges = try await user.open(64, by: bench.connector(flood.kind.sender))
        try await user.run { $0.start(exchanges.value, on: loop) }
        return (user, exchanges, .now())
    }

    /// - Returns: how many of the flood's messages were accepted in a second.
    private func stop(_ flooding: Flooding) async throws -> Double {
        let (accepted, problem) = try await flooding.user.run { flood in
            flood.stop()
            for exchange in flooding.exchanges.value { exchange.close() }
            return (flood.accepted, flood.problem)
        }
        if let problem { throw BenchError(problem) }
        return Double(accepted) / (Double((NIODeadline.now() - flooding.since).nanoseconds) / 1e9)
    }

    private func finished(_ user: OnLoop<WakeLoop>, seconds: Int) async throws -> [WakeLoop.Moments] {
        for _ in 0..<seconds * 20 {
            if try await user.run({ $0.isDone }) { break }
            try await Task.sleep(for: .milliseconds(50))
        }
        let (moments, isDone, problem) = try await user.run { ($0.moments, $0.isDone, $0.problem) }
        if let problem { throw BenchError(problem) }
        guard isDone else { throw BenchError("not every message was delivered and acknowledged in time") }
        return moments
    }

    /// A delivery that was seen before the sender saw its 201 counts as zero.
    private static func latencies(_ moments: ArraySlice<WakeLoop.Moments>) -> [Metric: Double] {
        var (wake, submission, whole) = (Histogram(), Histogram(), Histogram())
        for moment in moments {
            guard let accepted = moment.acceptedAt, let delivered = moment.deliveredAt else { continue }
            wake.record(UInt64(max(0, (delivered - accepted).nanoseconds)))
            submission.record(UInt64(max(0, moment.submission.nanoseconds)))
            whole.record(UInt64(max(0, (delivered - moment.dueAt).nanoseconds)))
        }
        var values: [Metric: Double] = [
            .messages: Double(wake.count), .submitP50: submission.milliseconds(0.5) ?? 0,
            .submitP99: submission.milliseconds(0.99) ?? 0, .endToEndP50: whole.milliseconds(0.5) ?? 0,
            .endToEndP99: whole.milliseconds(0.99) ?? 0,
        ]
        values.addLatencies(wake)
        return values
    }
}
