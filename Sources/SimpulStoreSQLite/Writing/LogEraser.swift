internal import Glibc
internal import NIOConcurrencyHelpers
internal import SimpulBroker

/// Sees to it that the write-ahead log is emptied after something was erased: frames of earlier transactions hold the
/// octets until others are written over them, which may be never.
///
/// The writer empties it between two transactions, once in a while, however much is erased. A reader that looks at an
/// older state of the file stands in the way; then it is tried again a second later.
final class LogEraser: Sendable {
    private struct State {
        var isNeeded = false
        var next: ContinuousClock.Instant
    }

    private let state: NIOLockedValueBox<State>
    private let pause: Duration
    /// How long a reader that stands in the way is waited for: nothing is written meanwhile.
    static let patienceMilliseconds: Int32 = 20

    /// - Parameters:
    ///   - path: the database file: what an earlier process has left in its log may be of anything.
    ///   - seconds: how long erased octets may stay in the log.
    init(path: String, seconds: Int64) {
        var status = stat()
        let hasRest = stat(path + "-wal", &status) == 0 && status.st_size > 0
        state = NIOLockedValueBox(State(isNeeded: hasRest, next: .now))
        pause = .seconds(seconds)
    }

    /// Something was erased.
    func isNeeded() { state.withLockedValue { $0.isNeeded = true } }

    /// Whether the log is to be emptied now.
    var isDue: Bool { state.withLockedValue { $0.isNeeded && $0.next <= .now } }

    /// Empties the log where that is due. Called by the writer, outside a transaction.
    func run(by connection: Connection) {
        guard isDue else { return }
        let isEmpty = (try? connection.emptyWriteAheadLog(patience: Self.patienceMilliseconds)) ?? false
        state.withLockedValue { state in
            state.isNeeded = !isEmpty
            state.next = .now + (isEmpty ? pause : min(pause, .seconds(1)))
        }
    }
}
