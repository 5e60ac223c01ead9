internal import NIOConcurrencyHelpers
internal import SimpulCore

/// Whether the broker serves: what `/readyz` tells, and what a new submission is judged by while a stop is under way.
final class Readiness: Sendable {
    private struct State {
        var isPortOpen = false
        var isDraining = false
    }

    private let state = NIOLockedValueBox(State())

    var isPortOpen: Bool { state.withLockedValue { $0.isPortOpen } }
    var isDraining: Bool { state.withLockedValue { $0.isDraining } }

    func portOpened() { state.withLockedValue { $0.isPortOpen = true } }

    func portClosed() { state.withLockedValue { $0.isPortOpen = false } }

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
