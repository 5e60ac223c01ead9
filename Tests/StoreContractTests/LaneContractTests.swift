import SimpulBroker
import SimpulCore
import SimpulStoreSQLite
import SimpulTesting
import Testing

@Suite struct LaneContractTests {
    /// What an agency is given one after the other, each acknowledged.
    private func drain(_ bench: Bench, _ count: Int = 100, limit: Int = 1) async throws -> [MessageKey] {
        var keys: [MessageKey] = []
        while keys.count < count {
            let leased = try await bench.claim(limit: limit)
            if leased.isEmpty { break }
            for delivery in leased {
                #expect(try await bench.settle(delivery.token) == .settled)
                keys.append(delivery.key)
            }
        }
        return keys
    }

    private func accept(_ bench: Bench, _ count: Int, from sender: TestAgency? = nil) async throws -> [MessageKey] {
        var keys: [MessageKey] = []
        for _ in 0..<count {
            let message = try await bench.message(from: sender)
            #expect(try await bench.accept(message).receipt != nil)
            keys.append(message.key)
        }
        return keys
    }

    @Test(arguments: Engine.allCases)
    func `what is more urgent goes first, whoever waits longer`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        var keys: [Header.Urgency: MessageKey] = [:]
        for urgency in [Header.Urgency.past, .future, .expected, .immediate] {
            let message = try await bench.message { $0.header["urgency"] = .string(urgency.rawValue) }
            _ = try await bench.accept(message)
            keys[urgency] = message.key
        }
        let order: [Header.Urgency] = [.immediate, .expected, .future, .past]
        #expect(try await drain(bench) == order.compactMap { keys[$0] })
    }

    @Test(arguments: Engine.allCases)
    func `a flood of one sender does not delay another's message`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await accept(bench, 30)
        _ = try await drain(bench, 5)
        let other = try await accept(bench, 1, from: bench.network.shelter)
        #expect(try await drain(bench, 2).contains(other[0]))
    }

    @Test(arguments: Engine.allCases)
    func `senders take turns, and each keeps its order`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let flood = try await accept(bench, 12)
        let other = try await accept(bench, 4, from: bench.network.shelter)
        let order = try await drain(bench, limit: 3)
        #expect(order.filter(flood.contains) == flood)
        #expect(order.filter(other.contains) == other)
        #expect(order.prefix(8).count(where: other.contains) == 4)
    }

    @Test(arguments: Engine.allCases)
    func `what was given back keeps its turn`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let keys = try await accept(bench, 5)
        let first = try #require(try await bench.claim(limit: 1).first)
        _ = try await bench.store.giveBack(
            first.token, of: bench.network.police.id, at: bench.now, until: nil, isFailure: false)
        #expect(try await drain(bench) == keys)
    }

    @Test(arguments: Engine.allCases)
    func `one claim lets no more wait again than its bound, and the rest is found at once`(
        _ engine: Engine
    ) async throws {
        var limits = Limits()
        limits.expiredAtOnce = 2
        let bench = try engine == .memory ? Bench(memory: limits) : Bench(limits: limits)
        let keys = try await accept(bench, 7)
        for delivery in try await bench.claim(limit: 7) {
            _ = try await bench.store.giveBack(
                delivery.token, of: bench.network.police.id, at: bench.now, until: bench.now.advanced(bySeconds: 10),
                isFailure: true)
        }
        let later = bench.now.advanced(bySeconds: 10)
        #expect(try await bench.claim(limit: 7, at: later).count == 2)
        // Of a type that nobody sent nothing comes, but the next look is not put off.
        #expect(try await bench.claimOutcome(at: later, type: .referral) == .empty(nextLeaseEnd: later))
        #expect(try await bench.claim(limit: 7, at: later).count == 4)
        #expect(try await bench.claim(limit: 7, at: later).count == 1)
        #expect(try await bench.claimOutcome(at: later) == .empty(nextLeaseEnd: later.advanced(bySeconds: 60)))
        #expect(keys.count == 7)
    }

    @Test(arguments: Engine.allCases)
    func `of what is over at once, what is more urgent waits again first`(_ engine: Engine) async throws {
        var limits = Limits()
        limits.expiredAtOnce = 1
        let bench = try engine == .memory ? Bench(memory: limits) : Bench(limits: limits)
        for urgency in [Header.Urgency.expected, .expected, .immediate] {
            _ = try await bench.accept(try await bench.message { $0.header["urgency"] = .string(urgency.rawValue) })
        }
        let leased = try await bench.claim(lease: 60)
        let again = try await bench.claim(at: bench.now.advanced(bySeconds: 60))
        #expect(again.map(\.key) == [leased[0].key])
    }

    @Test func `turns and counts survive a restart`() async throws {
        let bench = try Bench(.sqlite)
        _ = try await accept(bench, 20)
        _ = try await drain(bench, 3)
        let before = try await bench.store.statistics(at: bench.now)
        await (bench.store as? SQLiteStore)?.close()
        let again = try bench.reopened()
        #expect(try await again.store.statistics(at: bench.now) == before)
        let other = try await accept(again, 1, from: bench.network.shelter)
        #expect(try await drain(again, 2).contains(other[0]))
        // The sender's open deliveries are still known.
        let outcome = try await again.accept(try await again.message(), queued: 16)
        #expect(outcome.receipt == nil)
        await (again.store as? SQLiteStore)?.close()
        #expect(try bench.audit().findings == [])
    }

    @Test(arguments: [
        "UPDATE lanes SET open = open + 1", "UPDATE lanes SET settled = 9", "UPDATE lanes SET last = -1",
        "DELETE FROM lanes", "UPDATE parties SET sent = 0", "UPDATE parties SET open = 7", "DELETE FROM parties",
        "UPDATE deliveries SET turn = 99 WHERE message = 1",
    ])
    func `a count or a turn that was edited is found`(_ tampering: String) async throws {
        let bench = try Bench(.sqlite)
        _ = try await accept(bench, 3)
        let token = try #require(try await bench.claim(limit: 1).first).token
        #expect(try await bench.settle(token) == .settled)
        await (bench.store as? SQLiteStore)?.close()
        #expect(try bench.audit().findings == [])
        try bench.tamper(tampering)
        #expect(try !bench.audit().findings.isEmpty)
    }

    @Test func `no statement of a claim reads what it does not give out`() async throws {
        let bench = try Bench(.sqlite)
        _ = try await accept(bench, 1)
        let raw = try RawDatabase(bench.path)
        for sql in SQLiteStore.hotStatements {
            let plan = try raw.rows("EXPLAIN QUERY PLAN \(sql)").compactMap { row in
                row.last.map { String(decoding: $0, as: UTF8.self) }
            }
            let scans = plan.filter { $0.hasPrefix("SCAN") && !$0.contains("ranks") && !$0.contains("CONSTANT") }
            #expect(scans.allSatisfy { $0.contains("subquery") || $0.contains("(") }, "\(sql): \(plan)")
            #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(sql): \(plan)")
        }
    }
}
