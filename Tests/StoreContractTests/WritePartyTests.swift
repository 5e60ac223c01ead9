import JOSE
import SimpulBroker
import SimpulCore
import SimpulTesting
import Testing

@testable import SimpulStoreSQLite

/// Whose work each write is, and how much of it: what an agency does stands in its own queue, never in the broker's.
@Suite(.storesInTurn, .timeLimit(.minutes(10))) struct WritePartyTests {
    private typealias Work = @Sendable (Bench, SQLiteStore) async throws -> Void

    /// What waits, while the writer stands still, of a write that was asked for meanwhile.
    private func waiting(within limits: Limits = Limits(), _ work: @escaping Work) async throws -> [WriteParty: Int] {
        let bench = try Bench(limits: limits)
        let store = try #require(bench.store as? SQLiteStore)
        let message = try await bench.message()
        let gate = Gate()
        let blocking = Task {
            try await bench.store.accept(message, at: bench.now) { sequence in
                gate.block()
                return try bench.network.accepted(message, sequence: sequence, at: bench.now)
            }
        }
        await gate.blocked()
        let asked = Task { try await work(bench, store) }
        while store.queue.weights.isEmpty, !Task.isCancelled { try? await Task.sleep(for: .milliseconds(2)) }
        let weights = store.queue.weights
        gate.open()
        _ = try await blocking.value
        try? await asked.value
        return weights
    }

    private static let bounds = AttachmentBounds(bytes: 1000, unlisted: 3)

    private static func stored(_ agency: AgencyID) -> StoredAttachment {
        StoredAttachment(
            key: AttachmentKey(agency: agency, digest: Digest(SHA256.hash([1]))), bytes: 9, name: .random(),
            isWhole: false)
    }

    @Test func `an upload is its agency's work`() async throws {
        let police = try TestNetwork.shared.get().police.id
        let part = try #require(UploadPart(first: 0, count: 9, total: 9))
        let attachment = Self.stored(police)
        let works: [Work] = [
            { bench, store in
                _ = try await store.begin(
                    attachment.key, part, name: attachment.name, at: bench.now, within: Self.bounds)
            },
            { bench, store in _ = try await store.complete(attachment, at: bench.now) },
            { _, store in _ = try await store.drop(attachment) },
        ]
        for work in works { #expect(try await waiting(work) == [.sending(police): 1]) }
    }

    @Test func `what a bundle brings and takes away is its agency's work, and weighs what it is`() async throws {
        let police = try TestNetwork.shared.get().police.id
        let digest = Digest(SHA256.hash([1]))
        let kept = try await waiting { _, store in
            try await store.keep([.refused(leaf: 0), .refused(leaf: 1), .refused(leaf: 2)], for: police)
        }
        #expect(kept == [.sending(police): 3])
        let confirmed = try await waiting { _, store in
            _ = try await store.confirm(
                [CourierConfirmation(leaf: 1, digest: digest), CourierConfirmation(leaf: 2, digest: digest)],
                by: police)
        }
        #expect(confirmed == [.sending(police): 2])
        let carried = try await waiting { bench, store in
            let keys = [MessageID].init(
                repeating: MessageID(version7At: bench.now, random: SecureRandom.bytes(10)), count: 5)
            try await store.carry(
                keys.map { MessageKey(sender: police, id: $0) }, to: police, at: bench.now
            ) { _ in throw TestFault(what: "nothing to sign") }
        }
        #expect(carried == [.fetching(police): 5])
    }

    @Test func `a round of clocks has a turn of its own, and no flood shuts it out`() async throws {
        var limits = Limits()
        limits.commitQueue = 640
        let weights = try await waiting(within: limits) { bench, store in
            _ = try await store.fireClocks(at: bench.now, limit: 64, by: bench.rules(), sign: bench.sign)
        }
        #expect(weights == [.clocks: 10], "no more than what is kept for each party")
        var queue = FairQueue<WriteParty, Int>(capacity: .init(weight: 640, octets: .max))
        for agency in try TestNetwork.shared.get().agencies {
            while (try? queue.add(0, of: .sending(agency.id), size: .init(weight: 1, octets: 0))) != nil {}
        }
        while (try? queue.add(0, of: .broker, size: .init(weight: 1, octets: 0))) != nil {}
        try queue.add(1, of: .clocks, size: .init(weight: 10, octets: 0))
        #expect(queue.take(atMost: 64).contains(1))
    }
}

/// What a claim finds without the writer: of one moment.
@Suite(.storesInTurn, .timeLimit(.minutes(10))) struct EmptinessTests {
    @Test func `who looks while others claim never finds nothing where something can be had`() async throws {
        let bench = try Bench(.sqlite)
        let store = try #require(bench.store as? SQLiteStore)
        _ = try await bench.accept(try await bench.message())
        let claim = Claim(
            agency: bench.network.police.id, limit: 1, bytes: 1 << 20, leaseUntil: bench.now, content: .everything)
        // The one delivery waits, or its lease is over: a lease of no time, and a look for a type that nobody sent lets
        // it wait again.
        let changing = Task {
            for _ in 0..<150 {
                try await bench.claim(lease: 0)
                _ = try await bench.claimOutcome(type: .referral)
            }
        }
        let isOver = Flag()
        let ending = Task {
            _ = await changing.result
            isOver.raise()
        }
        var found = 0
        while !isOver.isRaised, !Task.isCancelled {
            for _ in 0..<20 {
                let end = try store.readers.read { reader throws(StoreError) in
                    try reader.emptiness(for: claim, at: bench.now)
                }
                if end != nil { found += 1 }
            }
            await Task.yield()
        }
        await ending.value
        try await changing.value
        #expect(found == 0)
    }
}
