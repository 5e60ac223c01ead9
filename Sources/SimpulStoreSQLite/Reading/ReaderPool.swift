internal import NIOConcurrencyHelpers
internal import SimpulBroker
internal import SimpulCore

/// Read-only connections. A read runs on the thread that asks, because one row costs microseconds, less than a change
/// of threads; so there are never more connections than threads that read at once.
final class ReaderPool: Sendable {
    /// Connections kept for the next read; each costs about 100 KiB and 4 file descriptors.
    private static let kept = 8

    private struct State {
        var idle: [Reader] = []
        var isClosed = false
    }

    private let path: String
    private let vfs: String?
    private let limits: Limits
    private let state = NIOLockedValueBox(State())

    init(path: String, limits: Limits, vfs: String?) {
        self.path = path
        self.limits = limits
        self.vfs = vfs
    }

    /// Runs a read on a connection that nobody else has meanwhile.
    func read<Value>(_ body: (Reader) throws(StoreError) -> Value) throws(StoreError) -> Value {
        let reader = try take()
        defer {
            state.withLockedValue { state in
                if !state.isClosed && state.idle.count < Self.kept { state.idle.append(reader) }
            }
        }
        return try body(reader)
    }

    private func take() throws(StoreError) -> Reader {
        let (idle, isClosed) = state.withLockedValue { ($0.idle.popLast(), $0.isClosed) }
        guard !isClosed else { throw .closed }
        if let idle { return idle }
        return try Reader(Connection(path: path, mode: .read, vfs: vfs), limits: limits)
    }

    func close() {
        let idle = state.withLockedValue { state in
            state.isClosed = true
            defer { state.idle = [] }
            return state.idle
        }
        withExtendedLifetime(idle) {}
    }
}

extension StoreError {
    static let closed = StoreError(.unavailable, "the store is closed")
}
