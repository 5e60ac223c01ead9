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
        var wasHandshakeRefused = false
        var isGone = false
        var watcher: AsyncStream<Void>.Continuation?
        var confirmation: EventLoopPromise<Void>?
    }

    private let state = NIOLockedValueBox(State())
    private let eventLoop: any EventLoop

    init(eventLoop: any EventLoop) { self.eventLoop = eventLoop }

    /// The verified chain of the handshake; nil on the status socket.
    var peer: Peer? { state.withLockedValue { $0.peer } }

    /// Whether the handshake was refused and that was counted.
    var wasHandshakeRefused: Bool { state.withLockedValue { $0.wasHandshakeRefused } }

    func handshakeVerified(_ peer: Peer) { state.withLockedValue { $0.peer = peer } }

    func handshakeRefused() { state.withLockedValue { $0.wasHandshakeRefused = true } }

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

    /// A future for the end of the next answer: it succeeds once its last octet is with the kernel, and fails where
    /// that can no longer happen.
    func nextAnswer() -> EventLoopFuture<Void> {
        let promise = eventLoop.makePromise(of: Void.self)
        let isGone = state.withLockedValue { state in
            if !state.isGone { state.confirmation = promise }
            return state.isGone
        }
        if isGone { promise.fail(ChannelError.ioOnClosedChannel) }
        return promise.futureResult
    }

    /// The promise behind ``nextAnswer()``, once.
    func takeConfirmation() -> EventLoopPromise<Void>? {
        state.withLockedValue { state in
            defer { state.confirmation = nil }
            return state.confirmation
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
        takeConfirmation()?.fail(ChannelError.ioOnClosedChannel)
    }
}
