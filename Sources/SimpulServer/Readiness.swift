internal import NIOConcurrencyHelpers
internal import SimpulCore

/// Whether the broker serves: what `/readyz` tells, and what a new submission is judged by while a stop is under way.
final class Readiness: Sendable {
    private struct State {
        var isPortOpen = false
        var isDraining = false
        var lastFailedWrite: Timestamp?
    }

    /// How long a failed write counts where no other write has succeeded since.
    static let failedWriteSeconds: Int64 = 30

    private let state = NIOLockedValueBox(State())

    var isPortOpen: Bool { state.withLockedValue { $0.isPortOpen } }
    var isDraining: Bool { state.withLockedValue { $0.isDraining } }

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

    func drain() { state.withLockedValue { $0.isDraining = true } }

    /// - Throws: `draining`, once a stop has begun.
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
