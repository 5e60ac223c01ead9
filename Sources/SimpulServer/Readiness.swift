internal import NIOConcurrencyHelpers
internal import SimpulCore

/// Whether the broker serves: what `/readyz` tells, and what a new submission is judged by while a stop is under way.
final class Readiness: Sendable {
    private struct State {
        var isPortOpen = false
        var isStopping = false
        var isPaused = false
        var lastFailedWrite: Timestamp?
    }

    /// How long a failed write counts where no other write has succeeded since.
    static let failedWriteSeconds: Int64 = 30

    private let state = NIOLockedValueBox(State())

    var isPortOpen: Bool { state.withLockedValue { $0.isPortOpen } }
    /// Whether nothing new is taken: a stop has begun, or an operator said so.
    var isDraining: Bool { state.withLockedValue { $0.isStopping || $0.isPaused } }
    /// Whether a stop has begun.
    var isStopping: Bool { state.withLockedValue { $0.isStopping } }

    func portOpened() { state.withLockedValue { $0.isPortOpen = true } }

    func portClosed() { state.withLockedValue { $0.isPortOpen = false } }

    /// The store could not write.
    func writeFailed(at now: Timestamp) { state.withLockedValue { $0.lastFailedWrite = now } }

    /// The store has written.
    func writeSucceeded() { state.withLockedValue { $0.lastFailedWrite = nil } }

    /// Whether the newest write failed, not long ago.
    func cannotWrite(at now: Timestamp) -> Bool {
        state.withLockedValue { $0.lastFailedWrite }.map { now <= $0.advanced(bySeconds: Self.failedWriteSeconds) }
            ?? false
    }

    /// A stop has begun; nothing ends that.
    func stop() { state.withLockedValue { $0.isStopping = true } }

    /// An operator wants nothing new to be taken.
    func pause() { state.withLockedValue { $0.isPaused = true } }

    /// An operator wants new messages to be taken again.
    func resume() { state.withLockedValue { $0.isPaused = false } }

    /// - Throws: `draining`, where nothing new is taken.
    func requireOpen() throws(Refusal) {
        guard !isDraining else { throw .draining }
    }
}

extension Refusal {
    static let draining = Refusal(
        .draining, at: .receive,
        LocalizedText(
            "The broker is stopping and takes nothing new. Send the same octets again in a moment.",
            "Simpul sedang berhenti dan tidak menerima kiriman baru. Kirim ulang oktet yang sama sesaat lagi."))
}
