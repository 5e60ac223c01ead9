import SimpulCore
import SimpulTesting
import Testing

@testable import SimpulBroker

@Suite struct TokenBucketTests {
    private let start = Timestamp(milliseconds: 1_000_000)

    private func after(_ milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: start.milliseconds + milliseconds)
    }

    @Test func `another rate gives nothing away and takes nothing`() {
        var bucket = TokenBucket(perSecond: 10, seconds: 1, at: start)
        bucket.take(10)
        bucket.flow(perSecond: 1000, at: start)
        #expect(bucket.wait(for: 1, at: start) == 1)
        var full = TokenBucket(perSecond: 10, seconds: 1, at: start)
        full.flow(perSecond: 2, at: start)
        for _ in 0..<2 {
            #expect(full.wait(for: 1, at: start) == 0)
            full.take(1)
        }
        #expect(full.wait(for: 1, at: start) == 500)
    }

    @Test func `an empty bucket says how long the next token takes`() {
        var bucket = TokenBucket(perSecond: 10, seconds: 2, at: start)
        for _ in 0..<20 {
            #expect(bucket.wait(for: 1, at: start) == 0)
            bucket.take(1)
        }
        #expect(bucket.wait(for: 1, at: start) == 100)
        #expect(bucket.wait(for: 1, at: after(60)) == 40)
        #expect(bucket.wait(for: 1, at: after(100)) == 0)
    }

    @Test func `silence fills it, but never beyond its rim`() {
        var bucket = TokenBucket(perSecond: 10, seconds: 2, at: start)
        bucket.take(20)
        #expect(bucket.wait(for: 20, at: after(3_600_000)) == 0)
        bucket.take(20)
        #expect(bucket.wait(for: 1, at: after(3_600_000)) == 100)
    }

    @Test func `what is larger than the bucket passes when it is full`() {
        var bucket = TokenBucket(perSecond: 10, seconds: 1, at: start)
        #expect(bucket.wait(for: 1000, at: start) == 0)
        bucket.take(1000)
        #expect(bucket.wait(for: 1, at: start) == 100)
    }

    @Test func `a clock that is set back fills nothing, and goes on from there`() {
        var bucket = TokenBucket(perSecond: 10, seconds: 1, at: start)
        bucket.take(10)
        #expect(bucket.wait(for: 1, at: after(-3_600_000)) == 100)
        #expect(bucket.wait(for: 1, at: after(-3_600_000 + 100)) == 0)
    }

    @Test func `rates beyond all numbers do not overflow`() {
        var bucket = TokenBucket(perSecond: .max / 2, seconds: 1000, at: start)
        bucket.take(1)
        #expect(bucket.wait(for: 1, at: start) == 0)
    }
}

@Suite struct SlidingMinuteTests {
    private func at(_ seconds: Int64) -> Timestamp { Timestamp(milliseconds: seconds * 1000) }

    @Test func `no stretch of a minute holds more than the count`() {
        var minute = SlidingMinute()
        for second in 0..<3 { #expect(minute.take(at: at(Int64(second) * 25), atMost: 3) == 0) }
        #expect(minute.take(at: at(59), atMost: 3) == 1000)
        #expect(minute.take(at: at(60), atMost: 3) == 0)
        #expect(minute.take(at: at(61), atMost: 3) == 24_000)
    }

    @Test func `a clock that is set back forgets what lies ahead of it`() {
        var minute = SlidingMinute()
        #expect(minute.take(at: at(7200), atMost: 1) == 0)
        #expect(minute.take(at: at(0), atMost: 1) == 0)
        #expect(minute.take(at: at(1), atMost: 1) > 0)
    }
}

@Suite struct QuotasTests {
    private let network: TestNetwork
    private let store = MemoryStore()

    init() throws { network = try TestNetwork.shared.get() }

    private func broker(_ change: (inout Limits) -> Void) throws -> Broker {
        var limits = Limits()
        change(&limits)
        return try network.makeBroker(on: store, limits: limits)
    }

    private func submit(_ octets: [UInt8], to broker: Broker, as agency: TestAgency? = nil) async -> (any Error)? {
        do {
            _ = try await broker.intake.accept(
                octets, from: network.caller(agency ?? network.immigration, of: broker))
            return nil
        } catch {
            return error
        }
    }

    private func draft() -> TestMessage {
        TestMessage(from: network.immigration, to: [network.police], at: network.now)
    }

    @Test func `refusals beyond the minute's count are answered quota, and leave no leaf`() async throws {
        let broker = try broker { $0.refusalsPerMinute = 3 }
        for _ in 0..<3 {
            #expect(await submit(Array("x".utf8), to: broker) is RecordedRefusal)
        }
        let refusal = try #require(await submit(Array("x".utf8), to: broker) as? Refusal)
        #expect(refusal.code == .quota && refusal.retryAfter == 60)
        #expect(store.leaves.count == 3)
        // What is right still passes, and another agency has a count of its own.
        #expect(try await submit(draft().envelope(), to: broker) == nil)
        #expect(await submit(Array("x".utf8), to: broker, as: network.police) is RecordedRefusal)
    }

    @Test func `submissions faster than the rate are answered quota, and nothing of them is looked at`() async throws {
        let broker = try broker { ($0.submissionsPerSecond, $0.burstSeconds) = (2, 1) }
        let envelopes = try (0..<3).map { _ in try draft().envelope() }
        #expect(await submit(envelopes[0], to: broker) == nil)
        #expect(await submit(envelopes[1], to: broker) == nil)
        let refusal = try #require(await submit(envelopes[2], to: broker) as? Refusal)
        #expect(refusal.code == .quota && refusal.retryAfter == 1)
        #expect(store.leaves.count == 2)
    }

    @Test func `an agency's own quota in the roster holds for it alone, from the next submission on`() async throws {
        let immigration = network.immigration.id
        func roster(_ quota: AgencyQuota) throws -> Roster {
            try network.roster { if $0.id == immigration { $0.quota = quota } }
        }
        let slow = AgencyQuota(messagesPerSecond: 1)
        let broker = try network.makeBroker(
            on: store, roster: roster(slow),
            limits: {
                var limits = Limits(); limits.burstSeconds = 1; return limits
            }())
        #expect(try await submit(draft().envelope(), to: broker) == nil)
        let refusal = try #require(try await submit(draft().envelope(), to: broker) as? Refusal)
        #expect(refusal.code == .quota && refusal.retryAfter == 1)
        let other = TestMessage(from: network.shelter, to: [network.police], at: network.now)
        for _ in 0..<3 { #expect(try await submit(other.envelope(), to: broker, as: network.shelter) == nil) }
    }

    @Test func `an agency's own bound of what waits is answered quota, with when to come again`() async throws {
        let immigration = network.immigration.id
        let roster = try network.roster { if $0.id == immigration { $0.quota = AgencyQuota(queued: 1) } }
        let broker = try network.makeBroker(on: store, roster: roster)
        #expect(try await submit(draft().envelope(), to: broker) == nil)
        let answer = try #require(try await submit(draft().envelope(), to: broker) as? Refusal)
        #expect(answer.code == .quota && answer.retryAfter == 60)
        let other = TestMessage(from: network.shelter, to: [network.police], at: network.now)
        for _ in 0..<2 { #expect(try await submit(other.envelope(), to: broker, as: network.shelter) == nil) }
    }

    @Test func `octets faster than the rate are answered quota`() async throws {
        let broker = try broker { ($0.submittedBytesPerSecond, $0.burstSeconds) = (2000, 1) }
        #expect(try await submit(draft().envelope(), to: broker) == nil)
        #expect(try await submit(draft().envelope(), to: broker) == nil)
        #expect((try await submit(draft().envelope(), to: broker) as? Refusal)?.code == .quota)
    }

    @Test func `a sender with too many unsettled deliveries gets quota, and its message leaves no trace`() async throws
    {
        let broker = try broker { $0.queuedDeliveries = 1 }
        #expect(try await submit(draft().envelope(), to: broker) == nil)
        let refusal = try #require(try await submit(draft().envelope(), to: broker) as? Refusal)
        #expect(refusal.code == .quota && refusal.stage == .store)
        #expect(store.leaves.count == 1)
    }
}

@Suite struct ExaminationTests {
    private let network: TestNetwork
    private let store = MemoryStore()
    private let broker: Broker

    init() throws {
        network = try TestNetwork.shared.get()
        broker = try network.makeBroker(on: store)
    }

    private func examine(_ octets: [UInt8]) async throws -> Examination {
        try await broker.intake.examine(octets, from: network.caller(network.immigration, of: broker))
    }

    @Test func `what would be refused is refused alike, without a leaf`() async throws {
        var bad = TestMessage(from: network.immigration, to: [network.police], at: network.now)
        bad.header["hub"] = "id-1710.simpul"
        let refusal = await #expect(throws: Refusal.self) { try await examine(bad.envelope()) }
        #expect(refusal?.code == .wrongHub)
        #expect(store.leaves.isEmpty)
    }

    @Test func `what would be accepted is told with the rule for each party, and is not stored`() async throws {
        let draft = TestMessage(from: network.immigration, to: [network.police], at: network.now)
        let told = try await examine(draft.envelope())
        #expect(!told.isRepeated && told.decisions.map(\.rule) == ["open-activity-report"])
        #expect(store.leaves.isEmpty)
    }

    @Test func `a repetition is told as one, and another content under its id is a conflict`() async throws {
        var draft = TestMessage(from: network.immigration, to: [network.police], at: network.now)
        let envelope = try draft.envelope()
        _ = try await broker.intake.accept(envelope, from: network.caller(network.immigration, of: broker))
        #expect(try await examine(envelope).isRepeated)
        draft.header["retainDays"] = 31
        let refusal = await #expect(throws: Refusal.self) { try await examine(draft.envelope()) }
        #expect(refusal?.code == .idConflict)
    }
}
