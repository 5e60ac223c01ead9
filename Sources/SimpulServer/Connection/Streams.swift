internal import NIOConcurrencyHelpers
internal import NIOCore
internal import SimpulBroker

/// The streams of one HTTP/2 connection; each is a ``Connection`` of its own to the request that it carries. Their
/// number is bounded by HTTP/2's own setting, 100.
final class Streams: Sendable {
    private let open = NIOLockedValueBox<[ObjectIdentifier: Connection]>([:])
    private let ends = AsyncStream.makeStream(of: Connection.self)

    /// Each stream that has ended with something to make amends for; ends with ``finish()``.
    var ended: AsyncStream<Connection> { ends.stream }

    func add(_ stream: Connection, of channel: any Channel) {
        open.withLockedValue { $0[ObjectIdentifier(channel)] = stream }
    }

    /// The stream of a channel; one that has gone already is gone for its request, too.
    func stream(of channel: any Channel) -> Connection {
        if let stream = open.withLockedValue({ $0[ObjectIdentifier(channel)] }) { return stream }
        let gone = Connection(eventLoop: channel.eventLoop)
        gone.closed()
        return gone
    }

    func end(_ stream: Connection, of channel: any Channel) {
        open.withLockedValue { _ = $0.removeValue(forKey: ObjectIdentifier(channel)) }
        stream.closed()
        if stream.owesAmends { ends.continuation.yield(stream) }
    }

    func finish() { ends.continuation.finish() }
}
