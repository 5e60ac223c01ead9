import SimpulBroker
import SimpulCore
import SimpulTesting
import Testing

@Suite struct DeliveryMachineTests {
    private let now = Timestamp(milliseconds: 1_800_000_000_000)
    private var later: Timestamp { now.advanced(bySeconds: 60) }

    private func machine(_ events: DeliveryMachine.Event...) throws -> DeliveryMachine {
        var machine = DeliveryMachine()
        for event in events { _ = try machine.apply(event, at: now) }
        return machine
    }

    private var lease: DeliveryMachine.Event { .lease(until: later, way: .fetch) }

    /// A delivery in each of its states.
    private func everyState() throws -> [DeliveryMachine] {
        [
            DeliveryMachine(), try machine(lease), try machine(.lease(until: later, way: .push)),
            try machine(lease, .giveBack(attempt: 1, until: later, isFailure: true)),
            try machine(.park(.unreadable)), try machine(.settle(.acknowledged)), try machine(.settle(.opened)),
            try machine(.settle(.answered)), try machine(.settle(.closed)), try machine(.recall),
            try machine(.cancel(.byOperator)), try machine(.expire), try machine(.bounce(.overdue)),
        ]
    }

    @Test func `every state is reached, and has a reason exactly while nobody has settled it`() throws {
        let all = try everyState()
        #expect(Set(all.map(\.state)) == Set(DeliveryState.allCases))
        for machine in all {
            let reason = machine.reason(at: now, queue: QueueFacts())
            #expect((reason == nil) == machine.state.isSettled, "\(machine.state)")
        }
    }

    @Test func `what leaves in a bundle is delivered once and stays where it is; what is settled leaves in none`()
        throws
    {
        for machine in try everyState() {
            var carried = machine
            guard !machine.state.isSettled else {
                #expect(throws: DeliveryMachine.Objection.self) { try carried.apply(.carry, at: now) }
                #expect(carried == machine)
                continue
            }
            let actions: [DeliveryMachine.Action] =
                machine.wasDelivered ? [] : [.record(.delivered, tellsRecipient: false)]
            #expect(try carried.apply(.carry, at: now) == actions)
            #expect(carried.state == machine.state && carried.attempt == machine.attempt && carried.wasDelivered)
            #expect(try carried.apply(.carry, at: now) == [])
        }
    }

    @Test func `what does not wait is leased to nobody`() throws {
        for var machine in try everyState() where machine.state != .waiting {
            let before = machine
            #expect(throws: DeliveryMachine.Objection.self) { try machine.apply(lease, at: now) }
            #expect(machine == before)
        }
    }

    @Test func `an end stays, whatever comes later; a late rung is recorded`() throws {
        for machine in try everyState() where machine.state.isEnd {
            for event in [.recall, .cancel(.byOperator), .expire, .bounce(.overdue), .park(.unreadable), .retry, lease]
                as [DeliveryMachine.Event]
            {
                var ended = machine
                #expect(throws: DeliveryMachine.Objection.self) { try ended.apply(event, at: later) }
            }
            var ended = machine
            #expect(try ended.apply(.settle(.opened), at: later) == [.record(.opened, tellsRecipient: false)])
            #expect(ended.state == machine.state && ended.rung == .opened)
        }
    }

    @Test func `a lease that ran out does nothing any more`() throws {
        let leased = try machine(lease)
        let events: [DeliveryMachine.Event] = [
            .giveBack(attempt: 1, until: nil, isFailure: false),
            .extend(attempt: 1, until: later.advanced(bySeconds: 60)),
        ]
        for event in events {
            var over = leased
            #expect(throws: DeliveryMachine.Objection.leaseOver) { try over.apply(event, at: later) }
            #expect(over == leased)
        }
        var again = leased
        #expect(try again.apply(lease, at: later) == [])
        #expect(again.attempt == 2 && !again.isLeased(by: 1, at: now))
        #expect(try again.apply(.release(attempt: 1), at: now) == [])
        #expect(again.state == .leased)
    }

    @Test func `the first lease records delivered, once`() throws {
        var machine = DeliveryMachine()
        #expect(try machine.apply(lease, at: now) == [.record(.delivered, tellsRecipient: false)])
        #expect(try machine.apply(.release(attempt: 1), at: now) == [.ring])
        #expect(try machine.apply(lease, at: now) == [])
    }

    @Test func `settling ends the newest lease, closes the delivery once, and rungs only rise`() throws {
        var machine = try machine(lease)
        #expect(
            try machine.apply(.settle(.opened), at: now)
                == [.settleLease(attempt: 1), .close, .record(.opened, tellsRecipient: false)])
        #expect(try machine.apply(.settle(.acknowledged), at: now) == [])
        #expect(try machine.apply(.settle(.opened), at: now) == [])
        #expect(try machine.apply(.settle(.closed), at: now) == [.record(.closed, tellsRecipient: false)])
        #expect(machine.state == .closed)
    }

    @Test func `a recipient that has had it is told of its end, and one that has not is not`() throws {
        for (event, rung) in [(.recall, .recalled), (.expire, .expired), (.bounce(.overdue), .bounced)]
            as [(DeliveryMachine.Event, Rung)]
        {
            var (fresh, had) = (DeliveryMachine(), try machine(lease))
            #expect(try fresh.apply(event, at: now) == [.record(rung, tellsRecipient: false), .close])
            #expect(
                try had.apply(event, at: now)
                    == [.record(rung, tellsRecipient: true), .settleLease(attempt: 1), .close])
        }
    }

    @Test func `what was opened goes back to its sender, what was answered does not`() throws {
        var opened = try machine(.settle(.opened))
        #expect(try opened.apply(.bounce(.overdue), at: now) == [.record(.bounced, tellsRecipient: true)])
        var answered = try machine(.settle(.answered))
        #expect(throws: DeliveryMachine.Objection.settled) { try answered.apply(.bounce(.overdue), at: now) }
    }

    @Test func `a parked delivery waits for a person, and is tried again when one says so`() throws {
        var machine = try machine(.park(.tooManyAttempts))
        #expect(machine.cause == .tooManyAttempts && !machine.waits(at: later))
        #expect(throws: DeliveryMachine.Objection.notWaiting) { try machine.apply(lease, at: later) }
        #expect(try machine.apply(.retry, at: now) == [.ring])
        #expect(machine.cause == nil && machine.waits(at: now))
    }

    @Test func `failures are counted until something succeeds`() throws {
        var machine = DeliveryMachine()
        for attempt in 1...3 {
            _ = try machine.apply(lease, at: now)
            _ = try machine.apply(.giveBack(attempt: attempt, until: nil, isFailure: true), at: now)
        }
        #expect(machine.failures == 3)
        _ = try machine.apply(.settle(.acknowledged), at: now)
        #expect(machine.failures == 0)
    }

    @Test func `the reason names what stands in the way first`() throws {
        let backingOff = try machine(lease, .giveBack(attempt: 1, until: later, isFailure: true))
        func code(_ machine: DeliveryMachine, _ queue: QueueFacts) -> WaitingReason.Code? {
            machine.reason(at: now, queue: queue)?.code
        }
        let all = QueueFacts(isActive: false, isPaused: true, breakerOpenUntil: later)
        #expect(code(try machine(.park(.unreadable)), all) == .parked)
        #expect(code(try machine(lease), all) == .leased)
        #expect(code(try machine(.lease(until: later, way: .push)), all) == .pushing)
        #expect(code(backingOff, all) == .policy)
        #expect(code(backingOff, QueueFacts(isPaused: true, breakerOpenUntil: later)) == .paused)
        #expect(code(backingOff, QueueFacts(breakerOpenUntil: later)) == .breakerOpen)
        #expect(code(backingOff, QueueFacts(breakerOpenUntil: now)) == .backingOff)
        #expect(code(DeliveryMachine(), QueueFacts()) == .noConsumer)
        #expect(try machine(lease).reason(at: later, queue: QueueFacts())?.code == .noConsumer)
    }

    /// Random steps at random moments, each checked against what must always hold. A seed replays its run.
    @Test(arguments: 0..<100)
    func `whatever comes in whatever order, what must hold holds`(_ seed: Int) throws {
        var random = SeededRandom(seed: UInt64(seed))
        var machine = DeliveryMachine()
        var (now, open, recorded) = (now, 1, [Rung]())
        for step in 0..<1000 {
            now = now.advanced(bySeconds: Int64.random(in: -30...90, using: &random))
            let (before, event) = (machine, DeliveryMachine.Event.random(of: machine, at: now, using: &random))
            let place = Comment(rawValue: "seed \(seed), step \(step): \(event) at \(before)")
            guard let actions = try? machine.apply(event, at: now) else {
                #expect(machine == before, place)
                continue
            }
            for action in actions {
                switch action {
                case .record(let rung, _): recorded.append(rung)
                case .close: open -= 1
                case .settleLease(let attempt): #expect(attempt == before.attempt && attempt > 0, place)
                case .ring: break
                }
            }
            #expect(machine.attempt - before.attempt == (event.isLease ? 1 : 0), place)
            #expect(!event.isLease || before.waits(at: now), place)
            #expect(machine.rung.height >= before.rung.height, place)
            #expect(open == (machine.state.isSettled ? 0 : 1), place)
            #expect(!before.state.isEnd || machine.state == before.state, place)
            #expect(!before.state.isSettled || machine.state.isSettled, place)
            #expect((machine.reason(at: now, queue: QueueFacts()) == nil) == machine.state.isSettled, place)
        }
        let heights = recorded.map(\.height).filter { $0 > 0 }
        #expect(heights == heights.sorted() && Set(heights).count == heights.count)
        #expect(recorded.count { $0.height == 0 } <= 1)
    }
}

extension DeliveryMachine.Event {
    var isLease: Bool { if case .lease = self { true } else { false } }

    static func random(
        of machine: DeliveryMachine, at now: Timestamp, using random: inout SeededRandom
    ) -> DeliveryMachine.Event {
        let until = now.advanced(bySeconds: Int64.random(in: 1...60, using: &random))
        let attempt = max(0, machine.attempt - (Int.random(in: 0..<4, using: &random) == 0 ? 1 : 0))
        switch Int.random(in: 0..<40, using: &random) {
        case 0: return .carry
        case 1..<12: return .lease(until: until, way: Bool.random(using: &random) ? .fetch : .push)
        case 12..<16: return .release(attempt: attempt)
        case 16..<22:
            return .giveBack(
                attempt: attempt, until: Bool.random(using: &random) ? until : nil,
                isFailure: Bool.random(using: &random))
        case 22..<26: return .extend(attempt: attempt, until: until)
        case 26..<31: return .park(.tooManyAttempts)
        case 31..<36: return .retry
        case 36: return .settle([.acknowledged, .opened, .answered, .closed].randomElement(using: &random) ?? .opened)
        case 37: return .bounce(.overdue)
        case 38: return .expire
        default: return Bool.random(using: &random) ? .recall : .cancel(.byOperator)
        }
    }
}
