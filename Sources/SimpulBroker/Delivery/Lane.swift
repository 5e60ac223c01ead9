public import SimpulCore

/// What one sender has in one recipient's queue of one rank, and whose turn it is there: start-time fair queueing (Goyal,
/// Vin and Cheng, 1996) with messages of equal cost.
///
/// A queue of one rank is served by turn, then in the order of acceptance. A sender's messages get turns that rise by
/// one, and never one that was served already; so each sender that has something in the queue is served once in each
/// turn, and a flood only lengthens the tail of the one that sends it.
///
/// What always holds: turns of one sender rise, so its messages stay in their order; a message waits for at most one of
/// each other sender's in each turn between the one that is served and its own, and there are no more such turns than
/// its own sender had messages in the queue, plus one.
public struct Lane: Sendable, Hashable {
    /// The turn of the newest message that entered; -1 where none ever has.
    public private(set) var last: Int
    /// Deliveries that nobody has settled.
    public private(set) var open: Int
    /// Deliveries that are settled or have ended.
    public private(set) var settled: Int

    /// Whose queue, and who sends.
    public struct Key: Sendable, Hashable {
        /// The queue.
        public var queue: LaneQueue
        /// Who sends.
        public var sender: AgencyID

        /// A key.
        public init(queue: LaneQueue, sender: AgencyID) {
            self.queue = queue
            self.sender = sender
        }
    }

    /// A lane as a store has kept it; by default one that nothing has entered.
    public init(last: Int = -1, open: Int = 0, settled: Int = 0) {
        self.last = last
        self.open = open
        self.settled = settled
    }

    /// A delivery enters.
    ///
    /// A lane with nothing open owes nothing for what was taken back or has expired before its turn: it begins no later
    /// than behind the turn that is served.
    /// - Parameter served: the turn that its queue serves.
    /// - Returns: its turn.
    public mutating func enter(served: Int) -> Int {
        let next = open == 0 ? min(last + 1, served + 1) : last + 1
        last = max(served, next)
        open += 1
        return last
    }

    /// A delivery is settled, or has ended.
    public mutating func leave() {
        open -= 1
        settled += 1
    }
}

/// The messages of one rank that wait for one recipient.
public struct LaneQueue: Sendable, Hashable {
    /// The recipient.
    public var recipient: AgencyID
    /// The rank.
    public var rank: Int

    /// A queue.
    public init(recipient: AgencyID, rank: Int) {
        self.recipient = recipient
        self.rank = rank
    }
}
