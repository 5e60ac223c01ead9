internal import NIOConcurrencyHelpers
internal import NIOCore
internal import SimpulBroker

/// What one connection knows while it lives: who is at its other end, whether the client is still there, and whether
/// the answer in progress reached the kernel.
final class Connection: Sendable {
    /// The connection that the current task serves.
    @TaskLocal static var current: Connection?

    private struct State {
        var peer: Peer?
        var localPeer: LocalPeer?
        var wasHandshakeRefused = false
        var isGone = false
        var watcher: AsyncStream<Void>.Continuation?
        /// Where the connection speaks HTTP/2.
        var streams: Streams?
        /// Requests that were handed on, and answers whose end was written; requests are answered in their order.
        var requests = 0
        var answers = 0
        /// By the number of the request.
        var confirmations: [Int: EventLoopPromise<Void>] = [:]
        var amends: [@Sendable () async -> Void] = []
        /// Told of amends that come after the end.
        var late: (@Sendable (Connection) -> Void)?
    }

    /// Whether it is one stream of an HTTP/2 connection.
    let isStream: Bool
    private let state: NIOLockedValueBox<State>
    private let eventLoop: any EventLoop

    /// - Parameter peer: who was verified already, where this is a stream of a connection.
    init(eventLoop: any EventLoop, peer: Peer? = nil, isStream: Bool = false) {
        self.eventLoop = eventLoop
        self.isStream = isStream
        state = NIOLockedValueBox(State(peer: peer))
    }

    /// The verified chain of the handshake; nil on the status socket.
    var peer: Peer? { state.withLockedValue { $0.peer } }

    /// Who is at the other end of the status socket; nil on the HTTPS port, and where the system does not tell.
    var localPeer: LocalPeer? { state.withLockedValue { $0.localPeer } }

    /// Whether the handshake was refused and that was counted.
    var wasHandshakeRefused: Bool { state.withLockedValue { $0.wasHandshakeRefused } }

    /// Whether it is a stream that has ended: nobody is left to answer.
    var isGoneStream: Bool { isStream && state.withLockedValue { $0.isGone } }

    func handshakeVerified(_ peer: Peer) { state.withLockedValue { $0.peer = peer } }

    func accepted(_ peer: LocalPeer?) { state.withLockedValue { $0.localPeer = peer } }

    func handshakeRefused() { state.withLockedValue { $0.wasHandshakeRefused = true } }

    /// From now on each request comes on a stream of its own.
    func divide(into streams: Streams) { state.withLockedValue { $0.streams = streams } }

    /// What serves the requests of that channel: the stream, or the connection itself.
    func serving(_ channel: any Channel) -> Connection {
        state.withLockedValue { $0.streams }?.stream(of: channel) ?? self
    }

    /// Returns when the client has closed its side, or when the task is cancelled. One task at a time may wait.
    func untilGone() async {
        let (signals, continuation) = AsyncStream<Void>.makeStream()
        let isGone = state.withLockedValue { state in
            state.watcher = continuation
            return state.isGone
        }
        if isGone { return }
        for await _ in signals {}
    }

    /// A request was handed on; what is said of an answer is said of the answer to this one from now on.
    func requestBegan() { state.withLockedValue { $0.requests += 1 } }

    /// A future for the end of the answer to the request in hand: it succeeds once its last octet is with the kernel,
    /// and fails where that can no longer happen.
    func answerWritten() -> EventLoopFuture<Void> {
        state.withLockedValue { state in
            if state.isGone { return eventLoop.makeFailedFuture(ChannelError.ioOnClosedChannel) }
            if let promise = state.confirmations[state.requests] { return promise.futureResult }
            let promise = eventLoop.makePromise(of: Void.self)
            state.confirmations[state.requests] = promise
            return promise.futureResult
        }
    }

    /// Has that done at the end of the connection where the answer to the request in hand did not reach the kernel; soon,
    /// where the end has come already.
    func ifAnswerIsLost(_ amends: @escaping @Sendable () async -> Void) {
        guard !state.withLockedValue({ $0.isGone }) else { return owe(amends) }
        answerWritten().whenFailure { _ in self.owe(amends) }
    }

    private func owe(_ amends: @escaping @Sendable () async -> Void) {
        let late = state.withLockedValue { state in
            state.amends.append(amends)
            return state.late
        }
        late?(self)
    }

    /// The stream has ended: what it owes, now or later, is told.
    func ended(owing tell: @escaping @Sendable (Connection) -> Void) {
        let owes = state.withLockedValue { state in
            state.late = tell
            return !state.amends.isEmpty
        }
        if owes { tell(self) }
    }

    /// Does what ``ifAnswerIsLost(_:)`` asks for. The channel is closed.
    func makeAmends() async {
        let amends = state.withLockedValue { state in
            defer { state.amends = [] }
            return state.amends
        }
        for amend in amends { await amend() }
    }

    /// The end of the next answer is written now.
    /// - Returns: the promise of ``answerWritten()``, if anybody has it.
    func answerEnds() -> EventLoopPromise<Void>? {
        state.withLockedValue { state in
            state.answers += 1
            return state.confirmations.removeValue(forKey: state.answers)
        }
    }

    /// The client has closed its side. What is being written may still reach it.
    func clientLeft() {
        state.withLockedValue { state in
            state.isGone = true
            defer { state.watcher = nil }
            return state.watcher
        }?.finish()
    }

    /// Nothing can be read or written any more.
    func closed() {
        clientLeft()
        let confirmations = state.withLockedValue { state in
            defer { state.confirmations = [:] }
            return state.confirmations.values
        }
        for confirmation in confirmations { confirmation.fail(ChannelError.ioOnClosedChannel) }
    }
}
