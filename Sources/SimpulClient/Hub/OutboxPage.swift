public import SimpulCore
public import StrictJSON

/// What to ask of the outbox.
public struct OutboxRequest: Sendable, Equatable {
    /// Only messages that stand there.
    public var state: String?
    /// Only messages accepted at that moment or later.
    public var since: Timestamp?
    /// The most messages of one page: 1 to 100.
    public var limit: Int
    /// Where the page before ended.
    public var after: String?

    /// A request; the broker refuses what is out of bounds.
    public init(state: String? = nil, since: Timestamp? = nil, limit: Int = 50, after: String? = nil) {
        self.state = state
        self.since = since
        self.limit = limit
        self.after = after
    }

    /// The request as a query. Every character of its values may stand in one: the time is UTC, with `Z`.
    var query: String {
        [
            "limit=\(limit)", state.map { "state=\($0)" }, since.map { "since=\($0)" },
            after.map { "cursor=\($0)" },
        ].compactMap { $0 }.joined(separator: "&")
    }
}

/// One page of the outbox, as the broker tells it.
public struct OutboxAnswer: Sendable {
    /// The messages, in the order of acceptance.
    public var messages: [JSONValue]
    /// Where the next page starts; nil where there is none.
    public var next: String?

    /// Reads an answer; nil where it has no messages.
    init?(_ root: JSONValue) {
        guard let list = root["messages"], list.kind == .array else { return nil }
        messages = Array(list.elements)
        // It becomes part of a path again, so it is only taken in the protocol's letters.
        next = root["next"]?.string.flatMap { text in
            (1...64).contains(text.utf8.count)
                && text.utf8.allSatisfy {
                    (0x61...0x7A).contains($0 | 0x20) || (0x30...0x39).contains($0) || $0 == 0x2D || $0 == 0x5F
                } ? text : nil
        }
    }
}
