import SimpulBroker
import SimpulCore
import SimpulTesting
import Testing

@Suite(.storesInTurn) struct AcceptContractTests {
    private struct BrokenSigner: Error {}

    @Test(arguments: Engine.allCases)
    func `another digest under a taken id conflicts and stores nothing`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        var draft = TestMessage(from: bench.network.immigration, to: [bench.network.police], at: bench.now)
        let first = try await bench.network.approved(draft)
        draft.header["retainDays"] = 29
        let other = try await bench.network.approved(draft)
        _ = try await bench.accept(first)
        let before = try await bench.store.statistics(at: bench.now)
        let outcome = try await bench.accept(other)
        #expect(outcome == .conflict(stored: first.digest))
        #expect(try await bench.store.statistics(at: bench.now) == before)
        #expect(try await bench.store.acceptance(of: other.key)?.digest != other.digest)
    }

    @Test(arguments: Engine.allCases)
    func `a repeated digest gets the same bytes and leaves no trace`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let message = try await bench.message()
        let first = try await bench.accept(message)
        let before = try await bench.store.statistics(at: bench.now)
        let second = try await bench.accept(message, at: bench.now.advanced(bySeconds: 3600))
        let receipt = try #require(first.receipt)
        #expect(second == .repeated(receipt))
        #expect(try await bench.store.statistics(at: bench.now) == before)
        let stored = try await bench.store.acceptance(of: message.key)
        #expect(stored == StoredAcceptance(digest: message.digest, receipt: receipt))
    }

    @Test(arguments: Engine.allCases)
    func `another agency finds nothing under somebody's digest`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let message = try await bench.message()
        _ = try await bench.accept(message)
        #expect(
            try await bench.store.acceptance(of: MessageKey(sender: bench.network.police.id, id: message.key.id)) == nil
        )
    }

    @Test(arguments: Engine.allCases)
    func `a signer that fails leaves nothing behind, and the number is given to the next`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let message = try await bench.message()
        let error = await #expect(throws: StoreError.self) {
            try await bench.store.accept(message, at: bench.now) { _ in throw BrokenSigner() }
        }
        #expect(error?.code == .unavailable)
        #expect(try await bench.store.state(of: message.key) == nil)
        #expect(try await bench.logSize() == 0)
        _ = try await bench.accept(message)
        #expect(try await bench.logSize() == 1)
    }

    @Test(arguments: Engine.allCases)
    func `a message waits for each recipient, and for nobody in fallback`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let message = try await bench.message(to: [network.shelter, network.police]) {
            $0.header["fallback"] = .array([.string(network.protection.id.description)])
        }
        let receipt = try await bench.accept(message).receipt
        let state = try #require(try await bench.store.state(of: message.key))
        #expect(state.deliveries.map(\.agency) == [network.shelter.id, network.police.id])
        #expect(state.deliveries.allSatisfy { $0.state == .waiting && $0.rungs.isEmpty })
        #expect(state.accepted == RecordedRung(rung: .accepted, at: bench.now, receipt: try #require(receipt)))
        #expect(state.type == .activityReport && state.digest == message.digest)
        #expect(try await bench.claim(network.protection).isEmpty)
    }

    @Test(arguments: Engine.allCases)
    func `many at once get the numbers from 0 without a gap`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let messages = try await bench.messages(50)
        try await withThrowingTaskGroup(of: AcceptOutcome.self) { group in
            // Each one twice: of a pair that races, one is new and the other repeated.
            for message in messages + messages { group.addTask { try await bench.accept(message) } }
            var new = 0
            for try await outcome in group {
                if case .accepted = outcome { new += 1 }
            }
            #expect(new == 50)
        }
        #expect(try await bench.logSize() == 50)
        #expect(try await bench.claim(limit: 100).count == 50)
    }

    @Test(arguments: Engine.allCases)
    func `an unknown message has no state`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let message = try await bench.message()
        #expect(try await bench.store.state(of: message.key) == nil)
    }
}
