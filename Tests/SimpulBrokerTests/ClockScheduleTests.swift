import SimpulBroker
import SimpulCore
import SimpulTesting
import Testing

/// What the clocks of one delivery do, and that no order of events makes them do it twice, or not at all.
@Suite struct ClockScheduleTests {
    private let start = Timestamp(milliseconds: 1_772_633_645_000)
    private let policy = ClockPolicy.standard

    private func after(_ seconds: Int64) -> Timestamp { start.advanced(bySeconds: seconds) }

    private func clocks(
        ack: Int64? = 900, decide: Int64? = 3600, serve: Int64? = 86_400, expires: Int64 = 7 * 86_400,
        level: ClockLevel? = .first
    ) -> DeliveryClocks {
        DeliveryClocks(
            machine: DeliveryMachine(),
            due: DueTimes(
                acknowledge: ack.map(after), decide: decide.map(after), serve: serve.map(after)),
            expires: after(expires), level: level)
    }

    private func fire(_ clocks: inout DeliveryClocks, at seconds: Int64) -> [ClockStep] {
        ClockSchedule(policy, level: clocks.level).fire(&clocks, at: after(seconds))
    }

    private func next(_ clocks: DeliveryClocks, at seconds: Int64) -> Timestamp? {
        ClockSchedule(policy, level: clocks.level).next(clocks, at: after(seconds))
    }

    @Test func `nothing is done before its time, and all of it at its time`() {
        var one = clocks()
        #expect(fire(&one, at: 899) == [])
        #expect(next(one, at: 899) == after(900))
        #expect(fire(&one, at: 900) == [.overdue(.acknowledge), .escalate(.acknowledge, step: 1)])
        #expect(fire(&one, at: 900) == [])
        #expect(fire(&one, at: 900 + 15 * 60) == [.escalate(.acknowledge, step: 2)])
        #expect(
            fire(&one, at: 3600) == [
                .escalate(.acknowledge, step: 3), .overdue(.decide), .escalate(.decide, step: 1),
            ])
        #expect(fire(&one, at: 900 + 2 * 3600 - 1) == [.escalate(.decide, step: 2)])
        #expect(fire(&one, at: 900 + 2 * 3600) == [.bounce(.acknowledge)])
        #expect(one.machine.state == .bounced && next(one, at: 10_000) == nil)
        #expect(fire(&one, at: 30 * 86_400) == [])
    }

    @Test func `what a clock asks for stops it, at any step of its chain`() throws {
        for steps in 0...3 {
            var one = clocks(decide: nil, serve: nil)
            for step in 0..<steps { _ = fire(&one, at: [900, 1800, 3600][step]) }
            _ = try one.machine.apply(.settle(.opened), at: after(3601))
            #expect(fire(&one, at: 8 * 86_400) == [] && next(one, at: 0) == nil)
        }
    }

    @Test func `a system's acknowledgement stops no clock`() throws {
        var one = clocks()
        _ = try one.machine.apply(.settle(.acknowledged), at: start)
        #expect(fire(&one, at: 900).first == .overdue(.acknowledge))
        _ = try one.machine.apply(.settle(.opened), at: after(901))
        #expect(next(one, at: 901) == after(3600))
    }

    @Test func `a rejection hands over, and never what was taken back before or after it`() throws {
        var one = clocks()
        _ = try one.machine.apply(.settle(.answered), at: start)
        one.progress.isRefused = true
        #expect(one.moment(keeping: nil) == .epoch)
        var stopped = one
        stopped.progress.isStopped = true
        #expect(stopped.moment(keeping: nil) == nil && next(stopped, at: 0) == nil)
        #expect(fire(&stopped, at: 8 * 86_400) == [])
        var ofBroker = one
        ofBroker.isOfBroker = true
        #expect(ofBroker.moment(keeping: nil) == nil && next(ofBroker, at: 0) == nil)
        #expect(fire(&ofBroker, at: 8 * 86_400) == [])
        #expect(fire(&one, at: 0) == [.handOver])
    }

    @Test func `a chain that was shortened meanwhile still ends`() throws {
        var one = clocks(decide: nil, serve: nil)
        for seconds: Int64 in [900, 1800, 3600] { _ = fire(&one, at: seconds) }
        var short = policy
        short.escalation.levels[.first]?.steps.removeLast(2)
        let schedule = ClockSchedule(short, level: .first)
        #expect(schedule.next(one, at: after(3600)) != nil)
        #expect(schedule.fire(&one, at: after(3 * 86_400)) == [.bounce(.acknowledge)])
        #expect(one.machine.state == .bounced)
    }

    @Test func `what is answered is late with its service and never bounced`() throws {
        var one = clocks()
        _ = try one.machine.apply(.settle(.answered), at: start)
        let steps =
            fire(&one, at: 86_400) + fire(&one, at: 2 * 86_400) + fire(&one, at: 3 * 86_400)
            + fire(&one, at: 4 * 86_400)
        #expect(
            steps == [
                .overdue(.serve), .escalate(.serve, step: 1), .escalate(.serve, step: 2), .escalate(.serve, step: 3),
            ])
        #expect(one.machine.state == .answered && next(one, at: 0) == nil)
        one = clocks()
        _ = try one.machine.apply(.settle(.answered), at: start)
        one.progress.isServed = true
        #expect(next(one, at: 0) == nil)
    }

    @Test func `what nobody has settled expires, and an urgent one is an incident`() throws {
        var one = clocks(ack: nil, decide: nil, serve: nil, expires: 600, level: nil)
        #expect(fire(&one, at: 600) == [.expire] && one.machine.state == .expired && next(one, at: 600) == nil)
        one = clocks(decide: nil, serve: nil, expires: 1000)
        _ = try one.machine.apply(.settle(.acknowledged), at: start)
        #expect(fire(&one, at: 1000).last == .incident)
        #expect(!fire(&one, at: 1001).contains(.incident))
    }

    @Test func `after a long stop whoever is called has the time that the policy gives`() {
        var one = clocks(decide: nil, serve: nil)
        let late: Int64 = 900 + 3 * 3600
        #expect(fire(&one, at: late) == [.overdue(.acknowledge), .escalate(.acknowledge, step: 1)])
        #expect(next(one, at: late) == after(late + 15 * 60))
        #expect(fire(&one, at: late + 15 * 60) == [.escalate(.acknowledge, step: 2)])
        #expect(fire(&one, at: late + 2 * 3600) == [.escalate(.acknowledge, step: 3)])
        #expect(next(one, at: late + 2 * 3600) == after(late + 2 * 3600 + 75 * 60))
    }

    @Test func `a clock that was ahead for a while delays nothing once it is right again`() {
        var one = clocks(decide: nil, serve: nil, expires: 365 * 86_400)
        #expect(fire(&one, at: 90 * 86_400).count == 2)
        #expect(next(one, at: 901) == after(901 + 15 * 60))
    }

    @Test func `a rejected message is handed over at once, and once`() throws {
        var one = clocks()
        _ = try one.machine.apply(.settle(.answered), at: start)
        one.progress.isServed = true
        one.progress.isRefused = true
        #expect(one.moment(keeping: nil) == .epoch)
        #expect(fire(&one, at: 1) == [.handOver] && fire(&one, at: 2) == [] && next(one, at: 2) == nil)
    }

    @Test func `nothing is owed for what was taken back, and it still expires`() {
        var one = clocks(expires: 5000)
        one.progress.isStopped = true
        #expect(fire(&one, at: 4999) == [] && fire(&one, at: 5000) == [.expire])
        one = clocks()
        one.isOfBroker = true
        #expect(next(one, at: 0) == nil)
    }

    @Test func `progress survives its text, and what is none is refused`() throws {
        var one = clocks()
        _ = fire(&one, at: 4000)
        one.progress.isServed = true
        one.progress.isHandedOver = true
        #expect(ClockProgress(one.progress.text) == one.progress && ClockProgress("") == ClockProgress())
        for text in ["acknowledge", "acknowledge:0:1", "acknowledge:1:x", "sometime:1:1", "acknowledge:99:1", "later"] {
            #expect(ClockProgress(text) == nil, "\(text)")
        }
    }

    /// Random orders of everything that may happen, restarts (the text form) and jumps of the clock included. A failure
    /// names its seed.
    @Test(arguments: 0..<200)
    func `in whatever order, each step is taken once, in its order, and never after what stops it`(
        seed: UInt64
    ) throws {
        var random = SeededRandom(seed: seed)
        let level = ClockLevel.allCases.randomElement(using: &random)
        var one = clocks(
            ack: .random(in: 0...5000, using: &random), decide: .random(in: 0...9000, using: &random),
            serve: Bool.random(using: &random) ? .random(in: 0...90_000, using: &random) : nil,
            expires: .random(in: 1...200_000, using: &random), level: level)
        var (now, taken) = (Int64(0), [ClockStep]())
        for _ in 0..<60 {
            now += Int64.random(in: -3000...9000, using: &random)
            let before = one
            switch Int.random(in: 0..<8, using: &random) {
            case 0: _ = try? one.machine.apply(.lease(until: after(now + 60), way: .fetch), at: after(now))
            case 1:
                let rung: [Rung] = [.acknowledged, .opened, .answered, .closed]
                _ = try? one.machine.apply(.settle(rung.randomElement(using: &random) ?? .opened), at: after(now))
            case 2 where Int.random(in: 0..<6, using: &random) == 0:
                _ = try? one.machine.apply(.recall, at: after(now))
            case 3: one.progress = try #require(ClockProgress(one.progress.text))
            default:
                let promised = next(one, at: now)
                let steps = fire(&one, at: now)
                #expect(steps.isEmpty == (promised.map { $0 > after(now) } ?? true), "seed \(seed)")
                for step in steps { #expect(!isStopped(step, in: before), "seed \(seed): \(step)") }
                taken += steps
            }
            #expect(one.machine.rung.height >= before.machine.rung.height, "seed \(seed)")
            if before.machine.state.isEnd { #expect(one.machine.state == before.machine.state, "seed \(seed)") }
        }
        #expect(Set(taken).count == taken.count, "seed \(seed): \(taken)")
        for clock in Clock.allCases {
            let numbers = taken.compactMap { step -> Int? in
                switch step {
                case .overdue(clock): 0
                case .escalate(clock, let number): number
                case .bounce(clock): EscalationPolicy.mostSteps
                default: nil
                }
            }
            #expect(numbers == numbers.sorted() && (numbers.isEmpty || numbers[0] == 0), "seed \(seed)")
        }
    }

    private func isStopped(_ step: ClockStep, in clocks: DeliveryClocks) -> Bool {
        switch step {
        case .overdue(let clock), .escalate(let clock, _), .bounce(let clock):
            clocks.isMet(clock) || clocks.machine.state.isEnd
        case .expire: clocks.machine.state.isSettled
        case .incident, .handOver: clocks.machine.state.isEnd
        }
    }
}

/// What a sender owes.
@Suite struct OwedClocksTests {
    @Test func `each clock of a sender tells once that it is late`() {
        let start = Timestamp(milliseconds: 1_000_000)
        var owed = OwedClocks(due: DueTimes(review: start.advanced(bySeconds: 20), next: start.advanced(bySeconds: 10)))
        #expect(owed.fire(at: start) == [] && owed.next == start.advanced(bySeconds: 10))
        #expect(owed.fire(at: start.advanced(bySeconds: 10)) == [.next])
        #expect(owed.next == start.advanced(bySeconds: 20))
        #expect(owed.fire(at: start.advanced(bySeconds: 99)) == [.review] && owed.next == nil)
        #expect(owed.fire(at: start.advanced(bySeconds: 999)) == [])
    }
}
