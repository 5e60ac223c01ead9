import NIOCore

/// How long after its 201 a message reaches a consumer that waits for it, at a fixed rate of submissions.
struct WakeRun {
    static let warmUpSeconds = 2
    private static let (senders, acknowledgers) = (8, 4)

    let bench: Bench
    let kind: LoadKind
    let consumer: Scenario.Consumer

    func run(_ messages: ArraySlice<SignedMessage>) async throws -> [Metric: Double] {
        let (loop, rate, consumer) = (bench.group.next(), bench.settings.rate, consumer)
        let user = try await OnLoop(loop) { WakeLoop(messages, rate: rate, consumer: consumer) }
        let sending = try await user.open(Self.senders, by: bench.connector(kind.sender))
        let receiving = try await user.open(Self.acknowledgers + 1, by: bench.connector(kind.receivers[0]))
        let meter = try Meter(bench.hub)
        try await user.run { wake in
            let all = receiving.value
            wake.start(reader: all[0], senders: sending.value, acknowledgers: Array(all.dropFirst()), on: loop)
        }
        let moments = try await finished(user, seconds: messages.count / rate + 30)
        var values = try meter.stop(messages: messages.count)
        try await user.run { wake in
            wake.stop()
            for exchange in sending.value + receiving.value { exchange.close() }
        }
        let stored = try bench.hub.status.storedMessages()
        try CrossCheck.stored(stored, accepted: moments.count { $0.acceptedAt != nil }, repeated: 0)
        let settled = try bench.hub.status.settled(of: kind.receivers[0])
        try CrossCheck.settled(settled, acknowledged: messages.count, of: messages.count)
        values.merge(Self.latencies(moments.dropFirst(rate * Self.warmUpSeconds))) { $1 }
        values[.rate] = Double(rate)
        return values
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
