internal import NIOConcurrencyHelpers
internal import NIOCore
internal import SimpulBroker

/// The streams of one HTTP/2 connection; each is a ``Connection`` of its own to the request that it carries. Their
/// number is bounded by HTTP/2's own setting, 100. A connection that has none for too long is closed, whatever its
/// client says: the polite way out, GOAWAY and a PING, waits for an answer that may never come.
final class Streams: Sendable {
    private struct State {
        var open: [ObjectIdentifier: Connection] = [:]
        var deadline: Scheduled<Void>?
    }

    private let state = NIOLockedValueBox(State())
    private let ends = AsyncStream.makeStream(of: Connection.self)
    private let channel: any Channel
    private let idleSeconds: Int64

    /// - Parameters:
    ///   - channel: the connection.
    ///   - idleSeconds: how long it may be without a stream.
    init(of channel: any Channel, idleSeconds: Int64) {
        self.channel = channel
        self.idleSeconds = idleSeconds
        expectStream()
    }

    /// Each stream that has ended with something to make amends for; ends with ``finish()``.
    var ended: AsyncStream<Connection> { ends.stream }

    func add(_ stream: Connection, of channel: any Channel) {
        state.withLockedValue { state in
            state.open[ObjectIdentifier(channel)] = stream
            defer { state.deadline = nil }
            return state.deadline
        }?.cancel()
    }

    /// The stream of a channel; one that has gone already is gone for its request, too.
    func stream(of channel: any Channel) -> Connection {
        if let stream = state.withLockedValue({ $0.open[ObjectIdentifier(channel)] }) { return stream }
        let gone = Connection(eventLoop: channel.eventLoop, isStream: true)
        gone.closed()
        gone.ended { [ends] stream in ends.continuation.yield(stream) }
        return gone
    }

    func end(_ stream: Connection, of channel: any Channel) {
        let isIdle = state.withLockedValue { state in
            state.open.removeValue(forKey: ObjectIdentifier(channel)) != nil && state.open.isEmpty
        }
        stream.closed()
        stream.ended { [ends] stream in ends.continuation.yield(stream) }
        if isIdle { expectStream() }
    }

    /// The connection is closed.
    func finish() {
        ends.continuation.finish()
        state.withLockedValue { $0.deadline }?.cancel()
    }

    private func expectStream() {
        let deadline = channel.eventLoop.scheduleTask(in: .seconds(idleSeconds)) { [channel] in
            channel.close(promise: nil)
        }
        state.withLockedValue { state in
            defer { state.deadline = deadline }
            return state.deadline
        }?.cancel()
    }
}
