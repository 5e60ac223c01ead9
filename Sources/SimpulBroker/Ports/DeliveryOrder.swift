public import SimpulCore

/// What an operator orders to be done to deliveries of one message.
public struct DeliveryOrder: Sendable, Hashable {
    /// The message.
    public var key: MessageKey
    /// The recipient; nil for every delivery of the message that it can be done to.
    public var agency: AgencyID?
    /// What is to be done.
    public var action: Action

    /// What can be ordered.
    public enum Action: Sendable, Hashable {
        /// Tried again now: what backs off or is parked waits no longer.
        case retry
        /// Taken back before anybody has settled it.
        case cancel
        /// Set aside until somebody orders `retry`; its clocks go on.
        case park
        /// Back to its sender, who is told.
        case bounce

        /// What the delivery's machine is told.
        public var event: DeliveryMachine.Event {
            switch self {
            case .retry: .retry
            case .cancel: .cancel(.byOperator)
            case .park: .park(.byOperator)
            case .bounce: .bounce(.byOperator)
            }
        }
    }

    /// An order.
    public init(_ action: Action, _ key: MessageKey, agency: AgencyID? = nil) {
        self.action = action
        self.key = key
        self.agency = agency
    }
}

/// A delivery that an operator gives to another agency.
public struct RedirectOrder: Sendable, Hashable {
    /// The message.
    public var key: MessageKey
    /// Whose delivery.
    public var from: AgencyID
    /// Who takes over.
    public var to: AgencyID

    /// An order.
    public init(_ key: MessageKey, from: AgencyID, to: AgencyID) {
        self.key = key
        self.from = from
        self.to = to
    }
}

/// What came of a redirect.
public enum RedirectOutcome: Sendable, Equatable {
    /// It is done, and in the log.
    case done
    /// There is no such message, or no delivery of it to that agency.
    case unknown
    /// It cannot be done; nothing is written.
    case impossible(RedirectObjection)
}

/// What came of an order.
public enum OrderOutcome: Sendable, Equatable {
    /// It is done to the deliveries of those, and in the log.
    case done([AgencyID])
    /// There is no such message, or no delivery of it to that agency.
    case unknown
    /// No delivery that is meant stands where this can be done; nothing is written.
    case impossible
}

/// A queue that an operator has paused.
public struct PausedQueue: Sendable, Hashable {
    /// Since when.
    public var since: Timestamp
    /// Who has paused it.
    public var by: OperationBy

    /// A paused queue.
    public init(since: Timestamp, by: OperationBy) {
        self.since = since
        self.by = by
    }

    /// What the log's record of the pause says.
    public init?(_ record: LogRecord) {
        guard let operation = OperationRecord(record), operation.action == .pauseQueue else { return nil }
        self.init(since: operation.at, by: operation.by)
    }
}
