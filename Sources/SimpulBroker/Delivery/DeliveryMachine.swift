public import SimpulCore

/// One delivery as its row holds it, and every step that it may take: the one place where they are written.
///
/// Pure: no clock, no store, no signature. A step is judged, changes this value, and answers what follows from it; the
/// store writes both in one transaction. What two copies would do at the same time is decided by the store's one writer.
///
/// ```
///            lease            settle(acknowledged … closed)
/// waiting ─────────► leased ─────────────► acknowledged ► opened ► answered ► closed
///   ▲  ▲             pushing                     │           │         │
///   │  └──giveBack, release, end of lease        └───────────┴─────────┴── bounce
///   │          │
///   │     backingOff        waiting, backingOff, leased, pushing, parked ── expire, recall, cancel, bounce ──► ended
///   └─ retry ─ parked
/// ```
///
/// What always holds: `attempt` counts leases and never falls; `rung` only rises; one lease lives at the most, and none
/// where the delivery is settled; an ended delivery is given out no more, whatever comes later.
public struct DeliveryMachine: Sendable, Hashable {
    /// Where it stands.
    public private(set) var state: DeliveryState
    /// The highest rung that has a height.
    public private(set) var rung: Rung
    /// How often it was leased or pushed.
    public private(set) var attempt: Int
    /// When its newest lease ends or has ended; the epoch where it was never leased.
    public private(set) var leaseUntil: Timestamp
    /// Until when it backs off; of meaning in ``DeliveryState/backingOff`` alone.
    public private(set) var notBefore: Timestamp
    /// Attempts that failed since the last one that did not.
    public private(set) var failures: Int
    /// Why it is parked, or was bounced or cancelled.
    public private(set) var cause: DeliveryCause?

    /// A new delivery: it waits.
    public init() {
        self.init(state: .waiting, rung: .accepted, attempt: 0, leaseUntil: .epoch, notBefore: .epoch)
    }

    /// A delivery as a store has kept it.
    public init(
        state: DeliveryState, rung: Rung, attempt: Int, leaseUntil: Timestamp, notBefore: Timestamp,
        failures: Int = 0, cause: DeliveryCause? = nil
    ) {
        self.state = state
        self.rung = rung
        self.attempt = attempt
        self.leaseUntil = leaseUntil
        self.notBefore = notBefore
        self.failures = failures
        self.cause = cause
    }

    /// What may happen to a delivery.
    public enum Event: Sendable, Hashable {
        /// A consumer takes it until then, or it is pushed with so much time for an answer.
        case lease(until: Timestamp, way: DeliveryWay)
        /// It leaves in a courier bundle, and waits as before.
        case carry
        /// The answer that carried a lease could not be written.
        case release(attempt: Int)
        /// The holder of a lease gives it back: at once, or to wait until then.
        case giveBack(attempt: Int, until: Timestamp?, isFailure: Bool)
        /// The holder of a lease keeps it until then.
        case extend(attempt: Int, until: Timestamp)
        /// Its recipient has it, has read it, has answered, or is done.
        case settle(Rung)
        /// It is taken back by its sender, or with the consent that it stands on.
        case recall
        /// An operator takes it back.
        case cancel(DeliveryCause)
        /// Its message's time is over.
        case expire
        /// It goes back to its sender.
        case bounce(DeliveryCause)
        /// It is set aside for a person to look at.
        case park(DeliveryCause)
        /// It shall be tried again now.
        case retry
    }

    /// What follows from a step, to be done in the transaction that writes the row.
    public enum Action: Sendable, Hashable {
        /// The rung gets a receipt and a leaf, and the message's sender is told; its recipient too, where so.
        case record(Rung, tellsRecipient: Bool)
        /// The lease of that attempt is settled: its token answers so from now on.
        case settleLease(attempt: Int)
        /// Its sender has one unsettled delivery less.
        case close
        /// Whoever waits for the recipient's queue shall look again.
        case ring
    }

    /// Why a step cannot be taken. The delivery is as it was.
    public enum Objection: Error, Sendable, Hashable {
        /// It does not wait now: somebody has it, it backs off, it is parked.
        case notWaiting
        /// The lease of that attempt does not live.
        case leaseOver
        /// It is settled.
        case settled
        /// It has ended before.
        case ended
    }

    /// Takes one step.
    public mutating func apply(_ event: Event, at now: Timestamp) throws(Objection) -> [Action] {
        switch event {
        case .lease(let until, let way): return try lease(until, way, now)
        case .carry:
            guard !state.isSettled else { throw state.isEnd ? .ended : .settled }
            return deliver()
        case .release(let attempt): return holds(attempt) ? wait() : []
        case .giveBack(let attempt, let until, let isFailure):
            try require(attempt, at: now)
            if isFailure { failures += 1 }
            guard let until else { return wait() }
            (state, notBefore) = (.backingOff, until)
            return [.ring]
        case .extend(let attempt, let until):
            try require(attempt, at: now)
            leaseUntil = max(leaseUntil, until)
            return []
        case .settle(let rung): return settle(rung)
        case .recall: return try end(.recalled, by: .recalled, nil)
        case .cancel(let cause): return try end(.cancelled, by: .recalled, cause)
        case .expire: return try end(.expired, by: .expired, nil)
        case .bounce(let cause): return try bounce(cause)
        case .park(let cause): return try park(cause, now)
        case .retry:
            guard state == .parked || state == .backingOff else { throw state.isSettled ? .settled : .notWaiting }
            (failures, cause) = (0, nil)
            return wait()
        }
    }

    /// Whether a consumer could take it at that moment.
    public func waits(at now: Timestamp) -> Bool {
        switch state {
        case .waiting: true
        case .leased, .pushing: leaseUntil <= now
        case .backingOff: notBefore <= now
        default: false
        }
    }

    /// Whether the lease of that attempt lives.
    public func isLeased(by attempt: Int, at now: Timestamp) -> Bool { holds(attempt) && leaseUntil > now }

    /// Whether its recipient has had it.
    public var wasDelivered: Bool { rung.height >= Rung.delivered.height }

    /// Whether it was taken back before its recipient had it, who then knows nothing of its message.
    public var wasNeverGot: Bool { (state == .recalled || state == .cancelled) && !wasDelivered }

    private func holds(_ attempt: Int) -> Bool {
        (state == .leased || state == .pushing) && self.attempt == attempt
    }

    private func require(_ attempt: Int, at now: Timestamp) throws(Objection) {
        guard isLeased(by: attempt, at: now) else { throw .leaseOver }
    }

    private mutating func wait() -> [Action] {
        state = .waiting
        return [.ring]
    }

    private mutating func lease(
        _ until: Timestamp, _ way: DeliveryWay, _ now: Timestamp
    ) throws(Objection) -> [Action] {
        guard waits(at: now) else { throw state.isSettled ? .settled : .notWaiting }
        state = way == .push ? .pushing : .leased
        attempt += 1
        leaseUntil = until
        return deliver()
    }

    private mutating func deliver() -> [Action] {
        guard !wasDelivered else { return [] }
        rung = .delivered
        return [.record(.delivered, tellsRecipient: false)]
    }

    /// A rung that is no higher than the one that it has changes nothing else. One that comes after the end is recorded,
    /// and the end stays.
    private mutating func settle(_ new: Rung) -> [Action] {
        guard new.height >= Rung.acknowledged.height else { return [] }
        let closing = closeOpen()
        guard new.height > rung.height else {
            // It has a rung that settles already, so it is no open one.
            return closing
        }
        rung = new
        failures = 0
        if !state.isEnd { state = DeliveryState(settledWith: new) }
        return closing + [.record(new, tellsRecipient: false)]
    }

    /// What has to be done once, when an open delivery ceases to be one.
    private func closeOpen() -> [Action] {
        guard !state.isSettled else { return [] }
        return attempt > 0 ? [.settleLease(attempt: attempt), .close] : [.close]
    }

    private mutating func end(
        _ end: DeliveryState, by rung: Rung, _ cause: DeliveryCause?
    ) throws(Objection) -> [Action] {
        guard !state.isSettled else { throw state.isEnd ? .ended : .settled }
        let closing = closeOpen()
        (state, self.cause) = (end, cause)
        return [.record(rung, tellsRecipient: wasDelivered)] + closing
    }

    /// Also what was acknowledged or opened goes back, where nobody has acted on it.
    private mutating func bounce(_ cause: DeliveryCause) throws(Objection) -> [Action] {
        guard !state.isEnd else { throw .ended }
        guard rung.height < Rung.answered.height else { throw .settled }
        let closing = closeOpen()
        (state, self.cause) = (.bounced, cause)
        return [.record(.bounced, tellsRecipient: wasDelivered)] + closing
    }

    private mutating func park(_ cause: DeliveryCause, _ now: Timestamp) throws(Objection) -> [Action] {
        guard !state.isSettled else { throw state.isEnd ? .ended : .settled }
        guard waits(at: now) || state == .backingOff else { throw .notWaiting }
        (state, self.cause) = (.parked, cause)
        return []
    }
}

/// How a delivery is given out.
public enum DeliveryWay: Int, Sendable, CaseIterable {
    /// A consumer fetches it: inbox or stream.
    case fetch = 0
    /// The broker brings it to the agency's own endpoint.
    case push = 1
}
