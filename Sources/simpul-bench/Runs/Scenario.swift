/// One thing that is measured, as it is written on the command line.
enum Scenario: Sendable, Hashable, CustomStringConvertible {
    /// Connections that each submit, wait for the answer and submit again; more than one line is a batch.
    case accept(connections: Int, lines: Int, kind: LoadKind)
    /// One consumer empties a backlog and acknowledges each delivery.
    case drain
    /// How soon a consumer has what was just accepted.
    case wake(Consumer)
    /// The same beside another agency's flood to the same recipient.
    case flood(Consumer)
    /// Starting, submitting, fetching and waking with that many deferred messages in the store.
    case backlog(Int)
    /// Resident memory, idle and with waiting long polls.
    case memory
    /// Many open streams to which nothing comes: their memory, and what a submission takes beside them.
    case streams

    /// How messages reach the consumer of `wake` and `flood`.
    enum Consumer: String, Sendable, CaseIterable {
        /// A long poll, one after another.
        case poll
        /// A stream of server-sent events.
        case sse
        /// The agency's own endpoint, to which the broker posts.
        case push
    }

    static let sealed = LoadKind(body: .sealed, octets: 2700)
    static let clear = LoadKind(body: .clear, octets: 1000)

    /// What is measured unless the command line says otherwise.
    static let all: [Scenario] = [
        .accept(connections: 1, lines: 1, kind: sealed), .accept(connections: 16, lines: 1, kind: sealed),
        .accept(connections: 64, lines: 1, kind: sealed), .accept(connections: 16, lines: 64, kind: sealed),
        .accept(connections: 64, lines: 1, kind: clear), .drain, .wake(.poll), .wake(.sse),
        .wake(.push), .memory,
    ]

    /// Reads `accept:64x1`, `accept:64x1:clear`, `accept:64x1:sealed:3000`, `latency`, `drain`, `wake`, `wake:sse`,
    /// `wake:push`, `flood` as `wake`, `backlog:1000000`, `memory`, `streams`.
    init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        switch (parts[0], parts.count) {
        case ("drain", 1): self = .drain
        case ("wake", 1): self = .wake(.poll)
        case ("wake", 2):
            guard let consumer = Consumer(rawValue: parts[1]) else { return nil }
            self = .wake(consumer)
        case ("flood", 1): self = .flood(.poll)
        case ("flood", 2):
            guard let consumer = Consumer(rawValue: parts[1]) else { return nil }
            self = .flood(consumer)
        case ("memory", 1): self = .memory
        case ("streams", 1): self = .streams
        case ("backlog", 1): self = .backlog(1_000_000)
        case ("backlog", 2):
            guard let queued = Int(parts[1]), (0...10_000_000).contains(queued) else { return nil }
            self = .backlog(queued)
        case ("latency", 1): self = .accept(connections: 1, lines: 1, kind: Self.sealed)
        case ("accept", 2...4):
            let numbers = parts[1].split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
            guard numbers.count == 2, let connections = numbers[0], let lines = numbers[1],
                (1...1024).contains(connections), (1...256).contains(lines), let kind = Self.kind(parts.dropFirst(2))
            else { return nil }
            self = .accept(connections: connections, lines: lines, kind: kind)
        default: return nil
        }
    }

    private static func kind(_ parts: ArraySlice<String>) -> LoadKind? {
        guard let name = parts.first else { return sealed }
        guard let body = LoadKind.Body(rawValue: name) else { return nil }
        var kind = body == .sealed ? sealed : clear
        if parts.count > 1, let text = parts.last {
            guard let octets = Int(text), LoadKind.octetsAllowed.contains(octets) else { return nil }
            kind.octets = octets
        }
        return kind
    }

    var description: String {
        switch self {
        case .accept(let connections, let lines, let kind):
            "accept:\(connections)x\(lines):\(kind.body.rawValue):\(kind.octets)"
        case .drain: "drain"
        case .wake(.poll): "wake"
        case .wake(let consumer): "wake:\(consumer.rawValue)"
        case .flood(.poll): "flood"
        case .flood(let consumer): "flood:\(consumer.rawValue)"
        case .backlog(let queued): "backlog:\(queued)"
        case .memory: "memory"
        case .streams: "streams"
        }
    }
}
