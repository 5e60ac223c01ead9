import SimpulBroker
import SimpulCore
import SimpulTesting
import Testing

@Suite(.storesInTurn) struct LeaseContractTests {
    private struct BrokenSigner: Error {}

    @Test(arguments: Engine.allCases)
    func `an unknown token and another agency's token look the same`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.message())
        let token = try #require(try await bench.claim().first).token
        #expect(try await bench.settle(DeliveryToken()) == .unknown)
        #expect(try await bench.settle(token, of: bench.network.shelter) == .unknown)
        try await bench.store.release([token], of: bench.network.shelter.id)
        #expect(try await bench.settle(token) == .settled)
    }

    @Test(arguments: Engine.allCases)
    func `a lease that ran out settles nothing`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.message())
        let token = try #require(try await bench.claim(lease: 60).first).token
        #expect(try await bench.settle(token, at: bench.now.advanced(bySeconds: 60)) == .leaseExpired)
        #expect(try await bench.logSize() == 2)
    }

    @Test(arguments: Engine.allCases)
    func `a lease that was given out again makes the old token good for nothing`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.message())
        let first = try #require(try await bench.claim(lease: 60).first)
        let later = bench.now.advanced(bySeconds: 61)
        let second = try #require(try await bench.claim(at: later).first)
        #expect(first.token != second.token && second.attempt == 2)
        #expect(try await bench.settle(first.token, at: bench.now) == .leaseExpired)
        #expect(try await bench.settle(second.token, at: later) == .settled)
        #expect(try await bench.settle(first.token, at: later) == .leaseExpired)
    }

    @Test(arguments: Engine.allCases)
    func `a lease that ended more than a day ago is forgotten when its delivery is leased again`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        for _ in 0..<2 { _ = try await bench.accept(bench.message()) }
        let first = try await bench.claim(lease: 60)
        let dayAfterTheEnd = bench.now.advanced(bySeconds: 60 + 86400)
        let second = try await bench.claim(at: dayAfterTheEnd, lease: 60)
        #expect(try await bench.settle(first[0].token, at: dayAfterTheEnd) == .leaseExpired)
        let later = dayAfterTheEnd.advanced(bySeconds: 61)
        #expect(try await bench.claim(limit: 1, at: later).map(\.attempt) == [3])
        #expect(try await bench.settle(first[0].token, at: later) == .unknown)
        // Less than a day after its end, and another delivery's.
        #expect(try await bench.settle(second[0].token, at: later) == .leaseExpired)
        #expect(try await bench.settle(first[1].token, at: later) == .leaseExpired)
    }

    @Test func `leases that nobody settles do not add up, and a claim forgets few of them at once`() async throws {
        let bench = try Bench(limits: Limits())
        _ = try await bench.accept(bench.message())
        for second in 0..<20 { try await bench.claim(at: bench.now.advanced(bySeconds: Int64(second)), lease: 1) }
        let raw = try RawDatabase(bench.path)
        var left: [Int] = []
        for second in 0..<4 {
            try await bench.claim(at: bench.now.advanced(bySeconds: Int64(2 * 86400 + second)), lease: 1)
            left.append(try raw.rows("SELECT 1 FROM leases").count)
        }
        #expect(left == [9, 2, 3, 4])
        let plan = try raw.rows(
            "EXPLAIN QUERY PLAN SELECT token FROM leases WHERE message = 1 AND position = 0 AND settled = 0 "
                + "AND until < 1 ORDER BY until LIMIT 8")
        #expect(
            plan.count == 1
                && plan.first?.last.map { String(decoding: $0, as: UTF8.self) }?
                    .contains("leases_unsettled") == true
        )
    }

    @Test(arguments: Engine.allCases)
    func `a token that settled answers settled for ever, with one leaf`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.message())
        let token = try #require(try await bench.claim().first).token
        #expect(try await bench.settle(token) == .settled)
        let size = try await bench.logSize()
        #expect(try await bench.settle(token, at: bench.now.advanced(bySeconds: 90 * 86400)) == .settled)
        #expect(try await bench.logSize() == size)
        #expect(try await bench.claim(at: bench.now.advanced(bySeconds: 3600)).isEmpty)
    }

    @Test(arguments: Engine.allCases)
    func `rungs only rise`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let message = try await bench.message()
        _ = try await bench.accept(message)
        let token = try #require(try await bench.claim().first).token
        #expect(try await bench.settle(token, as: .acknowledged) == .settled)
        #expect(try await bench.settle(token, as: .opened) == .settled)
        #expect(try await bench.settle(token, as: .acknowledged) == .settled)
        let delivery = try #require(try await bench.store.state(of: message.key)?.deliveries.first)
        #expect(delivery.state == .opened)
        #expect(delivery.rungs.map(\.rung) == [.delivered, .acknowledged, .opened])
        #expect(try await bench.logSize() == 4)
    }

    @Test(arguments: Engine.allCases)
    func `a refused receipt leaves the delivery leased`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.message())
        let token = try #require(try await bench.claim().first).token
        let refusal = Refusal(.signatureInvalid, at: .deliver, LocalizedText("no", "tidak"))
        let outcome = try await bench.store.settle(token, of: bench.network.police.id, at: bench.now, isBare: false) {
            _ throws(Refusal) in throw refusal
        }
        #expect(outcome == .refused(refusal))
        #expect(try await bench.settle(token) == .settled)
    }

    @Test(arguments: Engine.allCases)
    func `a live lease hides a delivery, and says when to look again`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        #expect(try await bench.claimOutcome() == .empty(nextLeaseEnd: nil))
        _ = try await bench.accept(bench.message())
        _ = try await bench.claim(lease: 60)
        let end = bench.now.advanced(bySeconds: 60)
        #expect(try await bench.claimOutcome() == .empty(nextLeaseEnd: end))
        #expect(try await bench.claimOutcome(type: .alert) == .empty(nextLeaseEnd: nil))
        #expect(try await bench.claim(at: end).map(\.attempt) == [2])
    }

    @Test(arguments: Engine.allCases)
    func `a released lease is given out at once, with its own leaf only the first time`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.message())
        let first = try #require(try await bench.claim().first)
        try await bench.store.release([first.token, DeliveryToken()], of: bench.network.police.id)
        #expect(try await bench.settle(first.token) == .leaseExpired)
        let second = try #require(try await bench.claim().first)
        #expect(second.attempt == 2)
        #expect(try await bench.logSize() == 2)
        #expect(try await bench.settle(second.token) == .settled)
        try await bench.store.release([second.token], of: bench.network.police.id)
        #expect(try await bench.claim().isEmpty)
    }

    @Test(arguments: Engine.allCases)
    func `the urgent comes first, then the old`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let urgencies: [Header.Urgency?] = [.past, .future, nil, .unknown, .expected, .immediate, .immediate]
        var ids: [MessageID] = []
        for urgency in urgencies {
            let message = try await bench.message {
                if let urgency { $0.header["urgency"] = .string(urgency.rawValue) }
            }
            ids.append(message.key.id)
            _ = try await bench.accept(message)
        }
        let claimed = try await bench.claim().map(\.key.id)
        #expect(claimed == [5, 6, 4, 2, 3, 1, 0].map { ids[$0] })
    }

    @Test(arguments: Engine.allCases)
    func `count, octets and type bound a claim, but one is always given`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        for _ in 0..<4 { _ = try await bench.accept(bench.message()) }
        #expect(try await bench.claim(type: .alert).isEmpty)
        #expect(try await bench.claim(bytes: 1).count == 1)
        let envelope = try await bench.message().envelope.count
        #expect(try await bench.claim(bytes: envelope * 5 / 2).count == 2)
        #expect(try await bench.claim(limit: 1, type: .activityReport).count == 1)
        #expect(try await bench.claim().isEmpty)
    }

    @Test(arguments: Engine.allCases)
    func `a delivery carries the envelope, the first receipt and the clocks`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let due = bench.now.advanced(bySeconds: 600)
        let message = try await bench.message {
            $0.becomeSealedAlert(for: [bench.network.police])
            $0.header["ackBy"] = .string(due.description)
        }
        let receipt = try await bench.accept(message).receipt
        let delivery = try #require(try await bench.claim().first)
        #expect(delivery.envelope == message.envelope)
        #expect(delivery.receipt == receipt)
        #expect(delivery.key == message.key && delivery.attempt == 1)
        #expect(delivery.due == message.due.first && delivery.due.acknowledge == due)
        #expect(delivery.leaseUntil == bench.now.advanced(bySeconds: 60))
    }

    @Test(arguments: Engine.allCases)
    func `a signer that fails leases nothing`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.message())
        let claim = Claim(
            agency: bench.network.police.id, limit: 10, bytes: 1000, leaseUntil: bench.now.advanced(bySeconds: 60))
        await #expect(throws: StoreError.self) {
            try await bench.store.claim(claim, at: bench.now) { _ in throw BrokenSigner() }
        }
        #expect(try await bench.logSize() == 1)
        #expect(try await bench.claim().map(\.attempt) == [1])
    }

    @Test(arguments: Engine.allCases)
    func `claims at the same time never share a delivery`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        for _ in 0..<20 { _ = try await bench.accept(bench.message()) }
        let claimed = try await withThrowingTaskGroup(of: [MessageID].self) { group in
            for _ in 0..<10 { group.addTask { try await bench.claim(limit: 3).map(\.key.id) } }
            return try await group.reduce(into: []) { $0 += $1 }
        }
        #expect(claimed.count == 20 && Set(claimed).count == 20)
    }

    @Test(arguments: Engine.allCases)
    func `an acceptance and a release ring for the recipient`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let accepted = bench.store.changes(for: bench.network.police.id)
        _ = try await bench.accept(bench.message())
        #expect(await accepted.first { true } != nil)
        let token = try #require(try await bench.claim().first).token
        let released = bench.store.changes(for: bench.network.police.id)
        try await bench.store.release([token], of: bench.network.police.id)
        #expect(await released.first { true } != nil)
    }

    @Test(arguments: Engine.allCases)
    func `the numbers of a queue add up`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        for second in 0..<4 {
            _ = try await bench.accept(bench.message(), at: bench.now.advanced(bySeconds: Int64(second)))
        }
        let leased = try await bench.claim(limit: 2, lease: 60)
        #expect(try await bench.settle(leased[0].token) == .settled)
        let live = try await bench.store.statistics(at: bench.now).queues[bench.network.police.id]
        let oldest = bench.now.advanced(bySeconds: 1)
        #expect(live == .init(waiting: 2, leased: 1, settled: 1, oldest: oldest))
        let later = try await bench.store.statistics(at: bench.now.advanced(bySeconds: 61))
        #expect(later.queues[bench.network.police.id] == .init(waiting: 3, leased: 0, settled: 1, oldest: oldest))
        #expect(later.messages == 4)
    }
}
