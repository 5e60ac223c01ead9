import NIOConcurrencyHelpers
import SimpulCore
import SimpulTesting
import Testing

@testable import SimpulBroker

/// The watch, with a clock that a test moves: no test of it sleeps.
@Suite struct ClockWatchTests {
    @Test func `a clock fires with the first look after its time, and after a jump of the clock`() async throws {
        let network = try TestNetwork.shared.get()
        let (store, time) = (MemoryStore(), NIOLockedValueBox(network.now))
        let broker = try network.makeBroker(on: store, now: { time.withLockedValue { $0 } })
        var alert = TestMessage(from: network.immigration, to: [network.police], at: network.now)
        alert.becomeSealedAlert(for: [network.police])
        _ = try await broker.intake.accept(
            alert.envelope(), from: try network.caller(network.immigration, of: broker))
        // Each pause is a step of both clocks; in the third one the wall clock jumps by an hour.
        let steps = NIOLockedValueBox(0)
        let fired = NIOLockedValueBox([Int]())
        await broker.clocks.run(
            ClockWatch.Pulse {
                Int64(steps.withLockedValue { $0 } * 250)
            } sleep: { milliseconds in
                let step = steps.withLockedValue { count in
                    count += 1
                    return count
                }
                time.withLockedValue { $0 = Timestamp(milliseconds: $0.milliseconds + milliseconds) }
                if step == 3 { time.withLockedValue { $0 = $0.advanced(bySeconds: 3600) } }
                return step < 6
            } failed: { _ in
            } fired: { _ in
                fired.withLockedValue { $0.append(steps.withLockedValue { $0 }) }
            })
        #expect(fired.withLockedValue { $0 } == [3])
        #expect(broker.counters.snapshot.clockRungs[.overdue] == 2)
    }

    @Test func `a store that fails is asked again with growing pauses, and readiness shows it`() async throws {
        let network = try TestNetwork.shared.get()
        let store = MemoryStore()
        let broker = try network.makeBroker(on: store)
        store.failWrites(with: StoreError(.unavailable, "test"))
        let pauses = NIOLockedValueBox([Int64]())
        let seen = NIOLockedValueBox([Bool]())
        let counters = broker.counters
        await broker.clocks.run(
            ClockWatch.Pulse {
                0
            } sleep: { milliseconds in
                seen.withLockedValue { $0.append(counters.snapshot.clocksFail) }
                let count = pauses.withLockedValue { pauses in
                    pauses.append(milliseconds)
                    return pauses.count
                }
                if count == 7 { store.failWrites(with: nil) }
                return count < 8
            } failed: { _ in
            } fired: { _ in
            })
        #expect(pauses.withLockedValue { $0 } == [500, 1000, 2000, 4000, 8000, 8000, 8000, 250])
        #expect(seen.withLockedValue { $0 } == [true, true, true, true, true, true, true, false])
        #expect(counters.snapshot.failures == 7)
    }

    @Test func `what was planned is planned anew at the start, after new rules, and after the clock was set back`()
        throws
    {
        let digest = try #require(Digest("sha-256:" + String(repeating: "0", count: 64)))
        let other = try #require(Digest("sha-256:" + String(repeating: "1", count: 64)))
        var pace = ClockPace(tick: 250)
        func rearms(_ wall: Int64, _ monotonic: Int64, _ rules: Digest) -> Bool {
            pace.mustRearm(wall: Timestamp(milliseconds: wall), monotonic: monotonic, rules: [rules])
        }
        #expect(rearms(10_000, 0, digest))
        pace.rearmed(rules: [digest])
        #expect(!rearms(10_250, 250, digest))
        #expect(!rearms(99_000, 500, digest), "ahead is seen by the look itself")
        #expect(rearms(10_750, 750, digest))
        #expect(rearms(11_000, 1000, digest), "until it was done")
        pace.rearmed(rules: [digest])
        #expect(rearms(11_250, 1250, other))
    }
}
