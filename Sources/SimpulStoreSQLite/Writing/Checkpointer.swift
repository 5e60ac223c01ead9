internal import NIOConcurrencyHelpers
internal import SimpulBroker

/// Moves the write-ahead log into the file, on a thread and a connection of its own. Measured on two busy cores: when
/// the writer does it itself, writes that come one by one are half as many in a second.
final class Checkpointer: Sendable {
    /// From so many pages on the log is moved (8 MiB).
    static let pages = 1000
    /// From so many pages on the writer waits for it, so the log stays bounded (64 MiB).
    static let pagesToWaitFor = 8000

    private let trouble = NIOLockedValueBox<StoreError?>(nil)
    private let isClosed = NIOLockedValueBox(false)
    private let signal = ConditionLock(value: false)

    /// Starts the thread.
    func start(path: String, vfs: String?) throws(StoreError) {
        let connection = try Connection(path: path, mode: .write, vfs: vfs)
        try connection.require(pragma: "synchronous", "FULL", reads: "2")
        try OSThread.start(body: { [self] in run(connection) })
    }

    /// Why the log could not be moved the last time; nil where it could.
    var lastTrouble: StoreError? { trouble.withLockedValue { $0 } }

    /// Moves the log now, by the connection of the thread that asks. What fails here stays in the log, which is as safe
    /// as the file; the next commit asks again.
    func move(by connection: Connection) {
        do throws(StoreError) {
            if try connection.checkpoint() { trouble.withLockedValue { $0 = nil } }
        } catch {
            trouble.withLockedValue { $0 = error }
        }
    }

    /// Has the log moved soon.
    func wake() {
        signal.lock()
        signal.unlock(withValue: true)
    }

    /// Ends the thread.
    func close() {
        isClosed.withLockedValue { $0 = true }
        wake()
    }

    private func run(_ connection: Connection) {
        while true {
            signal.lock(whenValue: true)
            signal.unlock(withValue: false)
            if isClosed.withLockedValue({ $0 }) { return }
            move(by: connection)
        }
    }
}
