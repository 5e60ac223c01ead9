import SimpulBroker
import SimpulCore
import SimpulTesting
import Testing

/// What pushing asks of a store beyond what those who fetch ask of it.
@Suite struct PushContractTests {
    private func claim(_ bench: Bench, at moment: Timestamp, for agency: TestAgency) async throws -> ClaimOutcome {
        let network = bench.network
        return try await bench.store.claim(
            Claim(
                agency: agency.id, limit: 10, bytes: 1 << 20, leaseUntil: moment.advanced(bySeconds: 60),
                content: .envelopes, way: .push), at: moment
        ) { try network.step(.delivered, $0) }
    }

    @Test(arguments: Engine.allCases)
    func `a claim of envelopes has every type and no rungs`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let sender = bench.network.immigration
        _ = try await bench.accept(bench.message())
        try await bench.claim()
        #expect(try await claim(bench, at: bench.now, for: sender) == .empty(nextLeaseEnd: nil), "a rung waits")
        _ = try await bench.accept(bench.message(to: [sender]))
        guard case .leased(let deliveries, let rungs) = try await claim(bench, at: bench.now, for: sender) else {
            throw TestFault(what: "nothing was leased")
        }
        #expect(deliveries.count == 1 && rungs.isEmpty)
        #expect(try await bench.claimOutcome(sender) != .empty(nextLeaseEnd: nil), "the rung is there still")
    }

    @Test(arguments: Engine.allCases)
    func `a lease tells how often handing over has failed; what was given back otherwise is no failure`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.message())
        var moment = bench.now
        for (failures, isFailure) in [(0, true), (1, false), (1, true), (2, true)] {
            guard case .leased(let leased, _) = try await claim(bench, at: moment, for: bench.network.police) else {
                throw TestFault(what: "nothing was leased")
            }
            #expect(leased[0].failures == failures)
            let until = moment.advanced(bySeconds: 5)
            _ = try await bench.store.giveBack(
                leased[0].token, of: bench.network.police.id, at: moment, until: until, isFailure: isFailure)
            moment = until
        }
    }

    @Test(arguments: Engine.allCases)
    func `what is pushed is nobody else's, and says so`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let message = try await bench.message()
        _ = try await bench.accept(message)
        _ = try await claim(bench, at: bench.now, for: bench.network.police)
        #expect(try await bench.claim().isEmpty)
        #expect(try await bench.store.state(of: message.key)?.deliveries.first?.state == .pushing)
    }
}
