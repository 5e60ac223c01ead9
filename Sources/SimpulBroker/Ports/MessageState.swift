public import SimpulCore

/// What is known of one message: its parties see it through the API.
public struct MessageState: Sendable, Equatable {
    /// The message.
    public var key: MessageKey
    /// Its type.
    public var type: MessageType
    /// Its digest.
    public var digest: Digest
    /// The rung of the message itself, `accepted`.
    public var accepted: RecordedRung
    /// One entry for each delivery, in the order of the header's recipients; behind them the fallbacks that took over.
    public var deliveries: [Delivery]
    /// What its sender owes by when.
    public var senderDue: DueTimes
    /// The rungs about the sender itself, in the order in which they were recorded.
    public var senderRungs: [RecordedRung]
    /// When its envelope was purged; nil where that was not done.
    public var purged: Timestamp?

    /// One delivery.
    public struct Delivery: Sendable, Equatable {
        /// The recipient.
        public var agency: AgencyID
        /// Where it stands, as its row holds it.
        public var standing: DeliveryMachine
        /// What its recipient owes by when.
        public var due: DueTimes
        /// Its rungs above `accepted`, in the order in which they were recorded.
        public var rungs: [RecordedRung]

        /// Where it stands.
        public var state: DeliveryState { standing.state }

        /// A delivery.
        public init(agency: AgencyID, standing: DeliveryMachine, due: DueTimes, rungs: [RecordedRung]) {
            self.agency = agency
            self.standing = standing
            self.due = due
            self.rungs = rungs
        }
    }

    /// A message stands where its least advanced delivery stands.
    public var state: DeliveryState {
        DeliveryState.allCases.first { state in deliveries.contains { $0.state == state } } ?? .waiting
    }

    /// A message's state.
    public init(
        key: MessageKey, type: MessageType, digest: Digest, accepted: RecordedRung, deliveries: [Delivery],
        senderDue: DueTimes = .none, senderRungs: [RecordedRung] = [], purged: Timestamp? = nil
    ) {
        self.key = key
        self.type = type
        self.digest = digest
        self.accepted = accepted
        self.deliveries = deliveries
        self.senderDue = senderDue
        self.senderRungs = senderRungs
        self.purged = purged
    }
}

/// Where a delivery stands. The row that holds it is the only truth about it. In the order of progress, what has failed
/// before what was settled: a message stands where its least advanced delivery stands.
public enum DeliveryState: String, Sendable, CaseIterable {
    /// Nobody has it: it waits for its agency to fetch it.
    case waiting
    /// It waits from a moment on that is not there yet, or that nobody asked after: its agency gave it back for a while,
    /// or could not be reached.
    case backingOff = "backing-off"
    /// It is set aside for an operator to look at.
    case parked
    /// Its agency holds it under a lease that lives, or that ran out unsettled.
    case leased
    /// The broker brings it to its agency's endpoint, or has tried to.
    case pushing
    /// It went back to its sender.
    case bounced
    /// Its message's time was over before anybody settled it.
    case expired
    /// Its agency's system has acknowledged it.
    case acknowledged
    /// An officer has opened it.
    case opened
    /// Its agency has accepted, rejected or redirected it.
    case answered
    /// Its agency has said that it is done.
    case closed
    /// It was taken back before it was settled: it is given out no more.
    case recalled
    /// An operator took it back before it was settled.
    case cancelled

    /// Whether it is given out no more.
    public var isSettled: Bool {
        switch self {
        case .waiting, .backingOff, .parked, .leased, .pushing: false
        case .bounced, .expired, .acknowledged, .opened, .answered, .closed, .recalled, .cancelled: true
        }
    }

    /// Whether it ended otherwise than by its recipient's word; nothing moves it from there.
    public var isEnd: Bool {
        switch self {
        case .bounced, .expired, .recalled, .cancelled: true
        default: false
        }
    }

    /// Where a delivery stands that has settled with a rung.
    public init(settledWith rung: Rung) {
        self =
            switch rung.height {
            case Rung.closed.height...: .closed
            case Rung.answered.height: .answered
            case Rung.opened.height: .opened
            default: .acknowledged
            }
    }
}

/// A rung that was recorded.
public struct RecordedRung: Sendable, Equatable {
    /// The rung.
    public var rung: Rung
    /// When it was recorded.
    public var at: Timestamp
    /// Its receipt.
    public var receipt: Receipt

    /// A recorded rung.
    public init(rung: Rung, at: Timestamp, receipt: Receipt) {
        self.rung = rung
        self.at = at
        self.receipt = receipt
    }
}

/// The numbers that operators see; none of them is about a person.
public struct StoreStatistics: Sendable, Equatable {
    /// Messages in the store.
    public var messages: Int
    /// Leaves in the log.
    public var logSize: UInt64
    /// The log's root hash, in hexadecimal.
    public var logRoot: String
    /// One entry for each agency that has or had a delivery.
    public var queues: [AgencyID: Queue]

    /// The numbers of one agency's queue.
    public struct Queue: Sendable, Equatable {
        /// Deliveries that wait to be fetched, those whose lease ran out included.
        public var waiting: Int
        /// Deliveries under a live lease.
        public var leased: Int
        /// Deliveries that are settled or recalled.
        public var settled: Int
        /// Rungs that the agency is told of and has not settled.
        public var rungs: Int
        /// When the oldest waiting or leased one was accepted.
        public var oldest: Timestamp?

        /// A queue's numbers.
        public init(
            waiting: Int = 0, leased: Int = 0, settled: Int = 0, rungs: Int = 0, oldest: Timestamp? = nil
        ) {
            self.waiting = waiting
            self.leased = leased
            self.settled = settled
            self.rungs = rungs
            self.oldest = oldest
        }
    }

    /// Numbers.
    public init(messages: Int, logSize: UInt64, logRoot: String, queues: [AgencyID: Queue]) {
        self.messages = messages
        self.logSize = logSize
        self.logRoot = logRoot
        self.queues = queues
    }
}
