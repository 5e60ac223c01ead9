public import SimpulCore

/// What an agency asks of its outbox.
public struct OutboxQuery: Sendable, Equatable {
    /// Only messages whose least advanced delivery stands there.
    public var state: DeliveryState?
    /// Only messages accepted at that moment or later.
    public var since: Timestamp?
    /// Only messages behind that leaf: where the page before has ended.
    public var after: UInt64?
    /// Messages at the most.
    public var limit: Int
    /// Messages looked at, at the most.
    public var scan: Int
    /// Octets of receipts at the most, once there is a message.
    public var bytes: Int

    /// A query.
    public init(state: DeliveryState?, since: Timestamp?, after: UInt64?, limit: Int, scan: Int, bytes: Int) {
        self.state = state
        self.since = since
        self.after = after
        self.limit = limit
        self.scan = scan
        self.bytes = bytes
    }
}

/// One page of an outbox.
public struct OutboxPage: Sendable, Equatable {
    /// The messages, in the order of acceptance.
    public var messages: [MessageState]
    /// The leaf that the next page starts behind; nil where there is nothing more.
    public var next: UInt64?

    /// A page.
    public init(messages: [MessageState], next: UInt64?) {
        self.messages = messages
        self.next = next
    }
}
