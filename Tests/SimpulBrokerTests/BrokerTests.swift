import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import Testing

@Suite struct BrokerTests {
    private let network: TestNetwork
    private let store = MemoryStore()
    private let broker: Broker

    init() throws {
        network = try TestNetwork.shared.get()
        broker = try network.makeBroker(on: store)
    }

    /// - Returns: whether the rules were recorded, and for each failure whether it was the last.
    private func record(_ pauses: Int, mends: Bool = false) async -> (isRecorded: Bool, failures: [Bool]) {
        let (stream, failures) = AsyncStream<Bool>.makeStream()
        let isRecorded = await broker.recordRules(
            retryingAfter: Array(repeating: .zero, count: pauses)
        ) { [store] _, isLast in
            failures.yield(isLast)
            if mends { store.failWrites(with: nil) }
        }
        failures.finish()
        return (isRecorded, await stream.reduce(into: []) { $0.append($1) })
    }

    @Test func `rules that a full disk does not record are recorded when there is room, once`() async throws {
        store.failWrites(with: StoreError(.unavailable, "disk full"))
        #expect(await record(3, mends: true) == (true, [false]))
        #expect(await record(3) == (true, []))
        #expect(store.leaves.map(\.record.subject) == [.roster, .policy])
    }

    @Test func `the attempts end, the rules in force stay, and half a record is completed`() async throws {
        try await store.append(
            LogRecord(.roster, digest: broker.rulebook.rules.roster.digest, at: network.now))
        store.failWrites(with: StoreError(.unavailable, "disk full"))
        #expect(await record(2) == (false, [false, false, true]))
        store.failWrites(with: nil)
        #expect(await record(0) == (true, []))
        #expect(store.leaves.map(\.record.subject) == [.roster, .policy])
    }
}
