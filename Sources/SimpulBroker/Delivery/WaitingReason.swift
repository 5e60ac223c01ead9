public import SimpulCore

/// Why an unsettled delivery is not given out at this moment: exactly one reason each.
public struct WaitingReason: Sendable, Hashable {
    /// The reason.
    public var code: Code
    /// Until when it holds by itself; nil where nothing but an event ends it.
    public var until: Timestamp?

    /// The reasons. The raw value stands in answers.
    public enum Code: String, Sendable, CaseIterable {
        /// It could be given out now, and nobody asks for it.
        case noConsumer = "no-consumer"
        /// A consumer of its agency holds it.
        case leased
        /// The broker is bringing it to its agency's endpoint.
        case pushing
        /// Its agency gave it back for a while, or the last push failed.
        case backingOff = "backing-off"
        /// It is set aside for an operator to look at.
        case parked
        /// An operator has paused the agency's queue.
        case paused
        /// The agency's endpoint failed too often, and rests.
        case breakerOpen = "breaker-open"
        /// The agency takes part no more, by the roster of now.
        case policy
    }

    /// A reason.
    public init(_ code: Code, until: Timestamp? = nil) {
        self.code = code
        self.until = until
    }
}

/// What is known of an agency's queue as a whole.
public struct QueueFacts: Sendable, Hashable {
    /// Whether the agency takes part.
    public var isActive: Bool
    /// Whether an operator has paused the queue.
    public var isPaused: Bool
    /// Until when the agency's endpoint rests; nil where it does not, or where there is none.
    public var breakerOpenUntil: Timestamp?

    /// Facts.
    public init(isActive: Bool = true, isPaused: Bool = false, breakerOpenUntil: Timestamp? = nil) {
        self.isActive = isActive
        self.isPaused = isPaused
        self.breakerOpenUntil = breakerOpenUntil
    }
}

/// Who knows of queues.
public protocol QueueFactsSource: Sendable {
    /// What is known of that agency's queue now.
    func facts(of agency: AgencyID) -> QueueFacts
}

extension DeliveryMachine {
    /// Why the delivery is not given out at that moment; nil where it is settled.
    public func reason(at now: Timestamp, queue: QueueFacts) -> WaitingReason? {
        guard !state.isSettled else { return nil }
        switch state {
        case .parked: return WaitingReason(.parked)
        case .leased where leaseUntil > now: return WaitingReason(.leased, until: leaseUntil)
        case .pushing where leaseUntil > now: return WaitingReason(.pushing, until: leaseUntil)
        default: break
        }
        if !queue.isActive { return WaitingReason(.policy) }
        if queue.isPaused { return WaitingReason(.paused) }
        if let until = queue.breakerOpenUntil, until > now { return WaitingReason(.breakerOpen, until: until) }
        if state == .backingOff, notBefore > now { return WaitingReason(.backingOff, until: notBefore) }
        return WaitingReason(.noConsumer)
    }
}
