internal import SimpulCore

/// The streams of one agency: what is in flight on each, and whose turn it is to be given something. A value without a
/// clock or a store; whoever holds it says what has happened.
///
/// A stream is given deliveries only while it asks, that is while all that it was given before has been written, and
/// only as many as its window has room for. A delivery is in flight from its lease to the end of that lease, however it
/// ends. Streams that ask for the same take turns.
struct StreamWindows: Sendable {
    typealias StreamID = UInt64

    /// One delivery or rung in flight.
    struct Flight: Sendable, Equatable {
        var token: DeliveryToken
        /// The message that is delivered; nil for a rung.
        var message: MessageKey?
        var until: Timestamp
    }

    /// A stream that may be given something now.
    struct Turn: Sendable, Equatable {
        var stream: StreamID
        /// How many deliveries at the most.
        var room: Int
    }

    private struct Stream: Sendable {
        let window: Int
        let content: InboxContent
        /// When each lease ends.
        var leases: [DeliveryToken: Timestamp] = [:]
        var isAsking = false
        /// Octets that it was given and that are not known to be written.
        var octets = 0
    }

    /// Octets that all streams together may have been given and not written.
    private let mostOctets: Int
    private var octets = 0
    private var streams: [StreamID: Stream] = [:]
    private var owners: [DeliveryToken: (stream: StreamID, message: MessageKey?)] = [:]
    private var tokens: [MessageKey: DeliveryToken] = [:]
    private var queues: [InboxContent: TurnQueue<StreamID>] = [:]
    /// Streams that ask and have no room, with the end of their first lease, or an earlier moment.
    private var full: [StreamID: Timestamp] = [:]

    init(mostOctets: Int) { self.mostOctets = mostOctets }

    var count: Int { streams.count }

    /// What the streams ask for that could be given something.
    var asked: [InboxContent] { queues.filter { !$0.value.isEmpty }.map(\.key) }

    /// How many deliveries are in flight on a stream; nil where there is no such stream.
    func inFlight(on stream: StreamID) -> Int? { streams[stream]?.leases.count }

    /// The moment from which a stream may have room again that has none.
    var firstEnd: Timestamp? { full.values.min() }

    mutating func join(_ id: StreamID, window: Int, content: InboxContent) {
        streams[id] = Stream(window: window, content: content)
    }

    /// Takes a stream out.
    /// - Returns: what was in flight on it.
    mutating func leave(_ id: StreamID) -> [DeliveryToken] {
        guard let stream = streams.removeValue(forKey: id) else { return [] }
        octets -= stream.octets
        dequeue(id, stream.content)
        for token in stream.leases.keys { forget(token) }
        return Array(stream.leases.keys)
    }

    /// A stream has written all that it was given, and waits for more.
    mutating func ask(_ id: StreamID) {
        guard var stream = streams[id] else { return }
        octets -= stream.octets
        stream.octets = 0
        stream.isAsking = true
        streams[id] = stream
        place(id, stream)
    }

    /// Takes the stream whose turn it is among those that ask for that. It asks still; either ``give(_:octets:to:)`` or
    /// ``putBack(_:)`` follows.
    mutating func next(for content: InboxContent) -> Turn? {
        guard octets < mostOctets, let id = queues[content]?.popFirst(), let stream = streams[id] else { return nil }
        return Turn(stream: id, room: stream.window - stream.leases.count)
    }

    /// A stream was given deliveries.
    /// - Returns: false where it has left meanwhile, and has got nothing.
    mutating func give(_ flights: [Flight], octets count: Int, to id: StreamID) -> Bool {
        guard var stream = streams[id] else { return false }
        for flight in flights {
            stream.leases[flight.token] = flight.until
            owners[flight.token] = (id, flight.message)
            if let message = flight.message { tokens[message] = flight.token }
        }
        // Room that came while it was looked for has put it into the queue.
        dequeue(id, stream.content)
        stream.isAsking = false
        stream.octets += count
        octets += count
        streams[id] = stream
        return true
    }

    /// There was nothing for a stream: its turn comes again, before the others.
    mutating func putBack(_ id: StreamID) {
        guard let stream = streams[id] else { return }
        queues[stream.content, default: TurnQueue()].prepend(id)
    }

    /// A lease has ended by the word of its agency: settled, or given back.
    /// - Returns: whether it was in flight.
    mutating func end(_ token: DeliveryToken) -> Bool {
        guard let owner = owners[token] else { return false }
        forget(token)
        remove(token, from: owner.stream)
        return true
    }

    /// A message's delivery was settled without its lease.
    mutating func end(_ message: MessageKey) -> Bool { tokens[message].map { end($0) } ?? false }

    /// A lease ends later.
    mutating func extend(_ token: DeliveryToken, until: Timestamp) {
        guard let owner = owners[token] else { return }
        streams[owner.stream]?.leases[token] = until
    }

    /// Ends the leases of full streams whose time is over.
    mutating func expire(at now: Timestamp) {
        for (id, end) in full where end <= now {
            guard let stream = streams[id] else { continue }
            let ended = stream.leases.filter { $0.value <= now }.map(\.key)
            if ended.isEmpty { full[id] = stream.leases.values.min() }
            for token in ended {
                forget(token)
                remove(token, from: id)
            }
        }
    }

    private mutating func remove(_ token: DeliveryToken, from id: StreamID) {
        streams[id]?.leases[token] = nil
        if let stream = streams[id] { place(id, stream) }
    }

    private mutating func forget(_ token: DeliveryToken) {
        guard let owner = owners.removeValue(forKey: token), let message = owner.message else { return }
        if tokens[message] == token { tokens[message] = nil }
    }

    /// Where a stream stands that asks.
    private mutating func place(_ id: StreamID, _ stream: Stream) {
        guard stream.isAsking else { return }
        if stream.leases.count < stream.window {
            full[id] = nil
            queues[stream.content, default: TurnQueue()].append(id)
        } else {
            full[id] = stream.leases.values.min()
        }
    }

    private mutating func dequeue(_ id: StreamID, _ content: InboxContent) {
        full[id] = nil
        queues[content]?.remove(id)
        if queues[content]?.isEmpty == true { queues[content] = nil }
    }
}
