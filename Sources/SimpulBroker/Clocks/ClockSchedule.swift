public import SimpulCore

/// The clocks of one delivery as its row holds them, and what they do next. Pure: no clock, no store, no signature.
///
/// What always holds: a clock that is met does nothing more; each step is taken once, in the order of its chain; what
/// has ended has no clocks; a step that comes late, after a stop or a jump of the machine's clock, moves those behind it
/// by as much, so that whoever is called has the time that the policy gives.
public struct DeliveryClocks: Hashable, Sendable {
    /// Where the delivery stands.
    public var machine: DeliveryMachine
    /// What its recipient owes by when.
    public var due: DueTimes
    /// When its message loses its meaning.
    public var expires: Timestamp
    /// How fast the message must move.
    public var level: ClockLevel?
    /// What was done before.
    public var progress: ClockProgress
    /// Whether its recipient is the broker, which owes nothing.
    public var isOfBroker: Bool

    /// Clocks.
    public init(
        machine: DeliveryMachine, due: DueTimes, expires: Timestamp, level: ClockLevel?,
        progress: ClockProgress = ClockProgress(), isOfBroker: Bool = false
    ) {
        self.machine = machine
        self.due = due
        self.expires = expires
        self.level = level
        self.progress = progress
        self.isOfBroker = isOfBroker
    }

    /// Whether a clock asks for nothing any more.
    public func isMet(_ clock: Clock) -> Bool {
        switch clock {
        case .acknowledge: machine.rung.height >= Rung.opened.height
        case .decide: machine.rung.height >= Rung.answered.height
        case .serve: progress.isServed || machine.rung.height >= Rung.closed.height
        case .review, .next: true
        }
    }

    /// The clocks that run.
    var running: [Clock] {
        guard !isOfBroker, !machine.state.isEnd, !progress.isStopped else { return [] }
        return Clock.allCases.filter { due[$0] != nil && !isMet($0) }
    }

    /// When something is to be done, as far as that can be told without the policy: the moment of a clock that has
    /// fired before is not known here, so `known`, the moment that was computed then, counts on.
    public func moment(keeping known: Timestamp?) -> Timestamp? {
        var moments = endMoments.map(\.moment)
        if mustHandOver { moments.append(.epoch) }
        for clock in running {
            if progress.steps(of: clock) == 0 {
                if let due = due[clock] { moments.append(due) }
            } else if let known {
                moments.append(known)
            }
        }
        return moments.min()
    }

    /// Whether a fallback takes over, because the recipient has rejected the message; never of what was taken back,
    /// replaced or withdrawn.
    var mustHandOver: Bool {
        progress.isRefused && !progress.isHandedOver && !progress.isStopped && !isOfBroker && !machine.state.isEnd
    }

    /// What the message's own end brings.
    var endMoments: [(moment: Timestamp, step: ClockStep)] {
        if isOfBroker || machine.state.isEnd { return [] }
        if !machine.state.isSettled { return [(expires, .expire)] }
        let isUnopened = machine.rung.height < Rung.opened.height && level == .first && due.acknowledge != nil
        return isUnopened && !progress.isIncidentTold && !progress.isStopped ? [(expires, .incident)] : []
    }
}

/// What a clock does.
public enum ClockStep: Hashable, Sendable {
    /// It says that it ran out.
    case overdue(Clock)
    /// It takes the step of its chain with that number, from 1.
    case escalate(Clock, step: Int)
    /// The delivery goes back to its sender.
    case bounce(Clock)
    /// A fallback takes over, because the recipient has rejected the message.
    case handOver
    /// The message's time is over.
    case expire
    /// The message's time is over, and nobody has opened what a system holds.
    case incident
}

/// A chain, and the calendar that its working days are counted in.
public struct ClockSchedule: Sendable {
    private let chain: EscalationPolicy.Chain
    private let calendar: WorkingCalendar

    /// The schedule of messages of that level, by a policy.
    public init(_ policy: ClockPolicy, level: ClockLevel?) {
        chain = policy.escalation.chain(of: level)
        calendar = policy.calendar
    }

    /// Takes every step whose moment has come, in the order of their moments.
    /// - Parameter clocks: are afterwards as those steps leave them.
    public func fire(_ clocks: inout DeliveryClocks, at now: Timestamp) -> [ClockStep] {
        var steps: [ClockStep] = []
        while let next = pending(clocks, at: now).min(by: { $0.moment < $1.moment }), next.moment <= now {
            take(next.step, &clocks, at: now)
            steps.append(next.step)
        }
        return steps
    }

    /// When the next step is to be taken, as it looks at that moment; nil where none is left.
    public func next(_ clocks: DeliveryClocks, at now: Timestamp) -> Timestamp? {
        pending(clocks, at: now).map(\.moment).min()
    }

    /// Ends with the chain: every step raises the number of those taken, or ends the delivery.
    private func take(_ step: ClockStep, _ clocks: inout DeliveryClocks, at now: Timestamp) {
        switch step {
        case .overdue(let clock), .escalate(let clock, _): clocks.progress.step(clock, at: now)
        case .bounce(let clock):
            clocks.progress.step(clock, at: now)
            _ = try? clocks.machine.apply(.bounce(.overdue), at: now)
        case .handOver: clocks.progress.isHandedOver = true
        case .expire: _ = try? clocks.machine.apply(.expire, at: now)
        case .incident: clocks.progress.isIncidentTold = true
        }
    }

    private typealias Pending = (moment: Timestamp, step: ClockStep)

    private func pending(_ clocks: DeliveryClocks, at now: Timestamp) -> [Pending] {
        var found: [Pending] = []
        if clocks.mustHandOver { found.append((.epoch, .handOver)) }
        for clock in clocks.running {
            if let due = clocks.due[clock], let next = pending(clock, due, clocks, at: now) { found.append(next) }
        }
        return found + clocks.endMoments
    }

    private func pending(
        _ clock: Clock, _ due: Timestamp, _ clocks: DeliveryClocks, at now: Timestamp
    ) -> Pending? {
        guard let fired = clocks.progress.fired[clock] else { return (due, .overdue(clock)) }
        // What is answered is not bounced: only its service is late, and its sender knows.
        let mayBounce = clocks.machine.rung.height < Rung.answered.height
        guard mayBounce || fired.steps <= chain.steps.count else { return nil }
        let planned = moments(after: due)
        // A chain that was shortened meanwhile has only its end left.
        let step = min(fired.steps, chain.steps.count + 1)
        let gap = planned[step].milliseconds - planned[step - 1].milliseconds
        // A step that was taken while the machine's clock was ahead counts as taken now.
        let taken = min(fired.at, now).milliseconds
        let moment = max(planned[step], Timestamp(milliseconds: taken + gap))
        let isEnd = step > chain.steps.count
        return (moment, isEnd ? .bounce(clock) : .escalate(clock, step: step))
    }

    /// When each step of a chain is to be taken, never before the one before it: first `overdue`, last the end.
    private func moments(after due: Timestamp) -> [Timestamp] {
        var moments = [due]
        for span in chain.steps.map(\.after) + [chain.bounce] {
            let moment = calendar.end(of: span, from: due)
            moments.append(max(moment, moments[moments.count - 1]))
        }
        return moments
    }
}

extension WorkingCalendar {
    /// When a span is over that begins then.
    func end(of span: ClockSpan, from start: Timestamp) -> Timestamp {
        switch span {
        case .elapsed(let seconds): start.advanced(bySeconds: seconds)
        case .workingDays(let days): end(ofWorkingDays: days, from: start)
        }
    }
}
