import SimpulBroker
import SimpulCore
import SimpulTesting
import Testing

@Suite(.timeLimit(.minutes(1))) struct InboxStreamTests {
    let network: TestNetwork
    let store = MemoryStore()
    let broker: Broker

    init() throws {
        network = try TestNetwork.shared.get()
        broker = try network.makeBroker(on: store)
    }

    @discardableResult
    private func send(_ count: Int = 1) async throws -> [MessageID] {
        var ids: [MessageID] = []
        for _ in 0..<count {
            let message = TestMessage(from: network.immigration, to: [network.police], at: network.now)
            let caller = try network.caller(network.immigration, of: broker)
            _ = try await broker.intake.accept(message.envelope(), from: caller)
            ids.append(try require(message.id))
        }
        return ids
    }

    private func open(window: Int = 10, content: InboxContent = .everything) throws -> InboxStream {
        try broker.inbox.open(
            InboxStream.Request(window: window, lease: 60, content: content),
            for: network.caller(network.police, of: broker))
    }

    private func deliveries(_ stream: InboxStream) async throws -> [LeasedDelivery] {
        guard case .deliveries(let answer) = await stream.next() else { throw HarnessError.missing }
        return answer.deliveries
    }

    private func acknowledge(_ delivery: LeasedDelivery) async throws {
        try await broker.inbox.acknowledge(
            delivery.token, receipt: nil, from: network.caller(network.police, of: broker))
    }

    private func waiting() async throws -> [Int] {
        let look = Inbox.Request(wait: 0, max: 100, lease: 60)
        return try await broker.inbox.receive(look, for: network.caller(network.police, of: broker))
            .deliveries.map(\.attempt)
    }

    @Test func `what waits comes at once, and what is sent later comes when it is sent`() async throws {
        let early = try await send(2)
        let stream = try open()
        #expect(try await deliveries(stream).map(\.key.id) == early)
        async let later = deliveries(stream)
        let sent = try await send()
        #expect(try await later.map(\.key.id) == sent)
        try await stream.leave()
    }

    @Test func `no more are in flight than the window, and one that is settled makes room for one`() async throws {
        try await send(3)
        let stream = try open(window: 2)
        let first = try await deliveries(stream)
        #expect(first.count == 2)
        #expect(try await waiting() == [1])  // the third one is left for others
        try await send()
        stream.pulse()
        guard case .pulse = await stream.next() else { throw HarnessError.missing }
        async let next = deliveries(stream)
        try await acknowledge(first[0])
        #expect(try await next.count == 1)
        try await stream.leave()
    }

    @Test func `what was given back makes room`() async throws {
        try await send(2)
        let stream = try open(window: 1)
        let first = try await deliveries(stream)
        async let next = deliveries(stream)
        try await broker.inbox.giveBack(
            first[0].token, forSeconds: 60, from: network.caller(network.police, of: broker))
        #expect(try await next.map(\.attempt) == [1])
        try await stream.leave()
    }

    @Test func `a stream that leaves gives back what was not settled, and nothing else`() async throws {
        try await send(2)
        let stream = try open()
        let first = try await deliveries(stream)
        try await acknowledge(first[0])
        try await stream.leave()
        #expect(try await waiting() == [2])
        guard case .end(nil) = await stream.next() else { throw HarnessError.missing }
    }

    @Test func `one stream's deliveries come to the other when it leaves`() async throws {
        try await send(1)
        let (one, other) = (try open(), try open())
        _ = try await deliveries(one)
        async let again = deliveries(other)
        try await one.leave()
        #expect(try await again.map(\.attempt) == [2])
        try await other.leave()
    }

    @Test func `a stream for one type gets no other`() async throws {
        let stream = try open(content: .messages(.alert))
        try await send()
        let all = try open()
        #expect(try await deliveries(all).count == 1)
        stream.pulse()
        guard case .pulse = await stream.next() else { throw HarnessError.missing }
        try await stream.leave()
        try await all.leave()
    }

    @Test func `streams that ask for different things take turns, however much waits of one`() async throws {
        func pause(_ isPaused: Bool) async throws {
            let by = OperationBy(uid: 1000, user: nil, role: .operator)
            let record = OperationRecord(
                isPaused ? .pauseQueue : .resumeQueue, by: by, reason: "CONTOH FIKTIF", at: network.now,
                agency: network.police.id)
            try await store.pause(network.police.id, isPaused, record: record.logged)
        }
        try await pause(true)
        let kinds: [MessageType] = [.alert, .activityReport]
        var streams: [InboxStream] = []
        for _ in 0..<6 {
            for kind in kinds {
                let stream = try open(window: 1, content: .messages(kind))
                // It asks from here on.
                stream.pulse()
                guard case .pulse = await stream.next() else { throw HarnessError.missing }
                streams.append(stream)
            }
        }
        var types: [Receipt: MessageType] = [:]
        var keys: [MessageKey: MessageType] = [:]
        for _ in 0..<6 {
            for kind in kinds {
                var message = TestMessage(from: network.immigration, to: [network.police], at: network.now)
                if kind == .alert { message.becomeSealedAlert(for: [network.police]) }
                let caller = try network.caller(network.immigration, of: broker)
                _ = try await broker.intake.accept(message.envelope(), from: caller)
                keys[MessageKey(sender: network.immigration.id, id: try require(message.id))] = kind
            }
        }
        try await pause(false)
        for stream in streams { #expect(try await deliveries(stream).count == 1) }
        for (key, kind) in keys {
            let rungs = try require(try await store.state(of: key)?.deliveries.first).rungs
            types[try require(rungs.first).receipt] = kind
        }
        let order = store.leaves.compactMap { types[Receipt(token: $0.record.octets)] }
        #expect(order.count == 12)
        for start in stride(from: 0, to: 12, by: 2) { #expect(Set(order[start...(start + 1)]) == Set(kinds)) }
        for stream in streams { try await stream.leave() }
    }

    @Test func `an agency that is suspended loses its stream, and nothing is leased for it`() async throws {
        let stream = try open()
        let old = broker.rulebook.rules
        let police = network.police.id
        try await send()
        let roster = try network.roster { if $0.id == police { $0.isActive = false } }
        broker.rulebook.replace(with: Rulebook.Rules(roster: roster, policy: old.policy))
        guard case .end(let error) = await stream.next() else { throw HarnessError.missing }
        #expect((error as? Refusal)?.code == .agencyInactive)
        #expect(throws: Refusal.self) { try stream.judge() }
        try await stream.leave()
        broker.rulebook.replace(with: old)
        #expect(try await waiting() == [1])
    }

    @Test func `an agency has so many streams and no more, until one leaves`() async throws {
        var limits = Limits()
        limits.streamsPerAgency = 1
        let broker = try network.makeBroker(on: store, limits: limits)
        let request = InboxStream.Request(window: 1, lease: 60)
        let caller = try network.caller(network.police, of: broker)
        var stream: InboxStream? = try broker.inbox.open(request, for: caller)
        let refusal = #expect(throws: Refusal.self) { _ = try broker.inbox.open(request, for: caller) }
        #expect(refusal?.code == .quota)
        #expect(broker.counters.snapshot.streams == 1)
        _ = try broker.inbox.open(request, for: network.caller(network.shelter, of: broker))
        // One that nobody has any more has left.
        withExtendedLifetime(stream) {}
        stream = nil
        let next = try broker.inbox.open(request, for: caller)
        try await next.leave()
        #expect(broker.counters.snapshot.streams == 0)
    }
}

private enum HarnessError: Error {
    /// Another event came than the one expected.
    case missing
}
