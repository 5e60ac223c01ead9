public import SimpulCore

/// What the sender of a message owes, and what its clocks do: they tell the sender that it is late, once each. Pure.
public struct OwedClocks: Hashable, Sendable {
    /// What it owes by when.
    public var due: DueTimes
    /// What was done before.
    public var progress: ClockProgress

    /// Clocks.
    public init(due: DueTimes, progress: ClockProgress = ClockProgress()) {
        self.due = due
        self.progress = progress
    }

    /// Tells every clock that has run out, in the order of their times.
    public mutating func fire(at now: Timestamp) -> [Clock] {
        let late = pending.filter { $0.moment <= now }.sorted { $0.moment < $1.moment }.map(\.clock)
        for clock in late { progress.step(clock, at: now) }
        return late
    }

    /// When the next one runs out; nil where none does, or nothing is owed any more.
    public var next: Timestamp? { pending.map(\.moment).min() }

    private var pending: [(moment: Timestamp, clock: Clock)] {
        guard !progress.isStopped else { return [] }
        return [Clock.review, .next].compactMap { clock in
            guard let moment = due[clock], progress.steps(of: clock) == 0 else { return nil }
            return (moment, clock)
        }
    }
}
