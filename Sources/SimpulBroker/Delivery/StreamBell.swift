internal import NIOConcurrencyHelpers

/// Wakes the one task that serves the streams of an agency. Rings that come before it has looked are merged.
final class StreamBell: Sendable {
    /// Why it rang.
    struct Signal: Sendable, Equatable {
        /// Something may be waiting that was not before.
        var isChange = false
        /// Something else has changed: a stream asks, or has room.
        var isRing = false
        /// Nobody is left to be served.
        var isEnd = false

        var isSilent: Bool { self == Signal() }
    }

    private struct State {
        var signal = Signal()
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = NIOLockedValueBox(State())

    /// Whether ``end()`` was called.
    var isOver: Bool { state.withLockedValue { $0.signal.isEnd } }

    func change() { signal { $0.isChange = true } }
    func ring() { signal { $0.isRing = true } }
    func end() { signal { $0.isEnd = true } }

    /// Waits for the next signal, and takes it; one task may wait.
    /// - Returns: why it rang; the end is told again and again.
    func wait() async -> Signal {
        await withCheckedContinuation { waiter in
            let isDue = state.withLockedValue { state in
                if state.signal.isSilent { state.waiter = waiter }
                return !state.signal.isSilent
            }
            if isDue { waiter.resume() }
        }
        return state.withLockedValue { state in
            defer { state.signal = Signal(isEnd: state.signal.isEnd) }
            return state.signal
        }
    }

    private func signal(_ change: (inout Signal) -> Void) {
        state.withLockedValue { state in
            change(&state.signal)
            defer { state.waiter = nil }
            return state.waiter
        }?.resume()
    }
}
