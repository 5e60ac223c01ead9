import SimpulBroker
import SimpulCore
import SimpulTesting
import Testing

@Suite struct PushDestinationTests {
    private static let settings = PushDestination.Settings(
        windowFirst: 2, windowMost: 5, failures: 3, breaker: 10_000...60_000, backoff: 2000...16_000, pauseMost: 100_000
    )
    private let start = Timestamp(milliseconds: 1_000_000)
    private let lost = PushDestination.End.failed(PushTrouble(.connectionLost))

    private func destination() -> PushDestination { PushDestination(Self.settings) }

    private func after(_ milliseconds: Int64) -> Timestamp {
        Timestamp(milliseconds: start.milliseconds + milliseconds)
    }

    /// A delivery that starts and ends alone, with the whole of each time.
    private func attempt(
        _ destination: inout PushDestination, _ end: PushDestination.End, failures: Int = 1, at moment: Timestamp
    ) -> Timestamp? {
        destination.started(1)
        return destination.ended(end, failures: failures, at: moment, jitter: 1)
    }

    @Test func `two start before anything is known`() {
        #expect(destination().next(at: start) == .start(2))
    }

    @Test func `failures in a row open the breaker, and one delivery alone finds out`() {
        var destination = destination()
        for _ in 0..<2 { _ = attempt(&destination, lost, at: start) }
        #expect(destination.openUntil == nil)
        let rest = attempt(&destination, lost, at: start)
        #expect(destination.openUntil == after(10_000) && rest == after(10_000))
        #expect(destination.next(at: after(9999)) == .rest(until: after(10_000)))
        #expect(destination.next(at: after(10_000)) == .start(1))
        destination.started(1)
        #expect(destination.next(at: after(10_000)) == .rest(until: nil))
    }

    @Test func `each further while is twice as long, up to the bound`() {
        var destination = destination()
        var moment = start
        for _ in 0..<3 { _ = attempt(&destination, lost, at: moment) }
        for length: Int64 in [20_000, 40_000, 60_000, 60_000] {
            moment = destination.openUntil ?? moment
            _ = attempt(&destination, lost, at: moment)
            #expect(destination.openUntil == Timestamp(milliseconds: moment.milliseconds + length))
        }
    }

    @Test func `a success closes the breaker, and all begins anew`() {
        var destination = destination()
        for _ in 0..<4 { _ = attempt(&destination, lost, at: start) }
        #expect(attempt(&destination, .settled, at: after(30_000)) == nil)
        #expect(destination.next(at: after(30_000)) == .start(2) && destination.consecutiveFailures == 0)
        for _ in 0..<3 { _ = attempt(&destination, lost, at: start) }
        #expect(destination.openUntil == after(10_000))
    }

    @Test func `a success between failures keeps it closed`() {
        var destination = destination()
        for _ in 0..<5 {
            for _ in 0..<2 { _ = attempt(&destination, lost, at: start) }
            _ = attempt(&destination, .settled, at: start)
        }
        #expect(destination.breaker == .closed)
    }

    @Test func `what fails while the breaker is open does not make it longer`() {
        var destination = destination()
        destination.started(2)
        for _ in 0..<2 { _ = attempt(&destination, lost, at: start) }
        _ = destination.ended(lost, failures: 1, at: start, jitter: 1)
        #expect(destination.openUntil == after(10_000))
        #expect(destination.next(at: after(10_000)) == .rest(until: nil), "one is still on its way")
        _ = destination.ended(lost, failures: 1, at: after(5000), jitter: 1)
        #expect(destination.openUntil == after(10_000))
    }

    @Test func `the window grows only where all of it was used, and shrinks to one`() {
        var destination = destination()
        _ = attempt(&destination, .settled, at: start)
        #expect(destination.window == 2)
        for expected in [3, 4, 5, 5] {
            destination.started(destination.window)
            for _ in 0..<destination.inFlight { _ = destination.ended(.settled, failures: 0, at: start, jitter: 0) }
            #expect(destination.window == expected)
        }
        for _ in 0..<2 { _ = attempt(&destination, lost, at: start) }
        #expect(destination.window == 3)
        _ = attempt(&destination, lost, at: start)
        _ = attempt(&destination, lost, at: start)
        _ = attempt(&destination, lost, at: start)
        #expect(destination.window == 1)
    }

    @Test func `a message that its receiver cannot take harms no other`() {
        var destination = destination()
        let refused = PushDestination.End.failed(PushTrouble(.deliveryRefused, detail: "422"))
        for failures in 1...20 {
            let rest = attempt(&destination, refused, failures: failures, at: start)
            #expect(rest == after(min(2000 << Int64(min(failures - 1, 10)), 16_000)))
        }
        #expect(destination == self.destination())
    }

    @Test func `a receiver that refuses one message while it is being tried is back`() {
        var destination = destination()
        for _ in 0..<3 { _ = attempt(&destination, lost, at: start) }
        _ = attempt(&destination, .failed(PushTrouble(.receiptRefused)), at: after(10_000))
        #expect(destination.breaker == .closed)
    }

    @Test func `Retry-After is honoured, up to a bound, by the whole destination`() {
        var destination = destination()
        let rest = attempt(&destination, .failed(PushTrouble(.status, detail: "503", retryAfter: 50)), at: start)
        #expect(rest == after(50_000))
        #expect(destination.next(at: after(49_999)) == .rest(until: after(50_000)))
        #expect(destination.next(at: after(50_000)) == .start(1))
        let most = attempt(&destination, .failed(PushTrouble(.status, retryAfter: Int.max)), at: start)
        #expect(most == after(100_000) && destination.pausedUntil == after(100_000))
    }

    @Test func `an end that says nothing of the receiver changes nothing`() {
        var destination = destination()
        #expect(attempt(&destination, .abandoned, at: start) == nil)
        #expect(destination == self.destination())
        for _ in 0..<3 { _ = attempt(&destination, lost, at: start) }
        _ = attempt(&destination, .abandoned, at: after(10_000))
        #expect(destination.next(at: after(10_000)) == .start(1))
    }

    @Test func `jitter shortens by up to half`() {
        var destination = destination()
        destination.started(2)
        #expect(destination.ended(lost, failures: 1, at: start, jitter: 0) == after(1000))
        #expect(destination.ended(lost, failures: 2, at: start, jitter: 0.5) == after(3000))
    }

    /// A seed replays what fails.
    @Test(arguments: 0..<300)
    func `whatever happens, the bounds hold and nothing stands still for ever`(_ seed: Int) {
        var random = SeededRandom(seed: UInt64(seed))
        var destination = destination()
        var moment = start
        for _ in 0..<400 {
            let next = destination.next(at: moment)
            if case .start(let count) = next {
                #expect(count >= 1 && destination.inFlight + count <= max(destination.window, 1))
                if destination.breaker != .closed { #expect(destination.inFlight == 0 && count == 1) }
                #expect(destination.openUntil ?? moment <= moment && destination.pausedUntil ?? moment <= moment)
                destination.started(Int.random(in: 0...count, using: &random))
            }
            if case .rest(let until) = next {
                #expect(until != nil || destination.inFlight > 0, "nothing would ever wake it")
                #expect(until ?? after(0) <= Timestamp(milliseconds: moment.milliseconds + 100_000))
            }
            moment.milliseconds += .random(in: 0...20_000, using: &random)
            guard destination.inFlight > 0, Bool.random(using: &random) else { continue }
            let rest = destination.ended(
                end(&random), failures: .random(in: 1...80, using: &random), at: moment,
                jitter: .random(in: 0...1, using: &random))
            #expect(rest.map { $0 >= moment && $0.milliseconds <= moment.milliseconds + 100_000 } ?? true)
            #expect((1...5).contains(destination.window) && destination.inFlight >= 0)
        }
    }

    private func end(_ random: inout SeededRandom) -> PushDestination.End {
        switch Int.random(in: 0..<10, using: &random) {
        case 0..<3: .settled
        case 3: .abandoned
        case 4: .failed(PushTrouble(.deliveryRefused))
        case 5: .failed(PushTrouble(.status, retryAfter: .random(in: 0...1_000_000, using: &random)))
        default: .failed(PushTrouble(PushFailure.allCases.randomElement(using: &random) ?? .timeout))
        }
    }
}
