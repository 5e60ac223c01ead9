internal import NIOConcurrencyHelpers
internal import NIOCore

/// Ends an attempt from outside: when its time is over, or when its task is cancelled. Whatever the attempt waits for at
/// that moment fails.
final class Watchdog: Sendable {
    /// Why an attempt was ended.
    enum Reason: Error, Sendable, Equatable {
        case timeout, cancelled
    }

    private struct State {
        var reason: Reason?
        var abort: (@Sendable (Reason) -> Void)?
    }

    private let state = NIOLockedValueBox(State())

    /// Why it was ended; nil where it was not.
    var reason: Reason? { state.withLockedValue { $0.reason } }

    /// Ends it; only the first reason counts.
    func end(_ reason: Reason) {
        let abort = state.withLockedValue { state -> (@Sendable (Reason) -> Void)? in
            guard state.reason == nil else { return nil }
            state.reason = reason
            return state.abort
        }
        abort?(reason)
    }

    /// The value of a future, or the reason where the attempt ends first.
    /// - Parameter dispose: takes a value that comes too late.
    func value<Value: Sendable>(
        of future: EventLoopFuture<Value>, dispose: @escaping @Sendable (Value) -> Void = { _ in }
    ) async throws -> Value {
        let promise = future.eventLoop.makePromise(of: Value.self)
        let isOver = NIOLockedValueBox(false)
        @Sendable func first() -> Bool {
            isOver.withLockedValue { over in
                defer { over = true }
                return !over
            }
        }
        future.whenComplete { result in
            if first() { promise.completeWith(result) } else if case .success(let value) = result { dispose(value) }
        }
        let early = state.withLockedValue { state -> Reason? in
            state.abort = { reason in if first() { promise.fail(reason) } }
            return state.reason
        }
        if let early, first() { promise.fail(early) }
        defer { state.withLockedValue { $0.abort = nil } }
        return try await promise.futureResult.get()
    }
}
