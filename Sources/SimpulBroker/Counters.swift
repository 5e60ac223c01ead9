internal import NIOConcurrencyHelpers
public import SimpulCore

/// What the broker counts since it started. Numbers only: no id, no agency's traffic beyond its queue.
public final class Counters: Sendable {
    private let values = NIOLockedValueBox(Snapshot())

    /// The numbers at one moment.
    public struct Snapshot: Sendable, Equatable {
        /// Messages accepted.
        public var accepted = 0
        /// Submissions answered with the receipt of an earlier one.
        public var repeated = 0
        /// Messages accepted without a consent that they would have needed, because two officers decided so.
        public var consentOverridden = 0
        /// Refusals by code.
        public var refused: [ErrorCode: Int] = [:]
        /// Deliveries leased.
        public var leased = 0
        /// Deliveries settled.
        public var acknowledged = 0
        /// Deliveries given back by those who had leased them.
        public var givenBack = 0
        /// TLS handshakes refused, by reason.
        public var handshakesRefused: [String: Int] = [:]
        /// Calls that failed for a reason of the broker's own.
        public var failures = 0
        /// Rungs that clocks have recorded: `overdue`, `escalated`, `bounced`, `expired`.
        public var clockRungs: [Rung: Int] = [:]
        /// Messages of the first level that came to their end unopened.
        public var clockIncidents = 0
        /// Envelopes purged.
        public var purged = 0
        /// Whether the newest look at the clocks failed.
        public var clocksFail = false
        /// Calls that wait for a delivery now.
        public var waiting = 0
        /// Streams of deliveries open now.
        public var streams = 0
        /// Connections open now.
        public var connections = 0
    }

    /// Counters that start at zero.
    public init() {}

    /// The numbers now.
    public var snapshot: Snapshot { values.withLockedValue { $0 } }

    /// Changes the numbers.
    public func update(_ change: (inout Snapshot) -> Void) { values.withLockedValue { change(&$0) } }

    func count(_ acceptance: Acceptance, of header: Header? = nil) -> Acceptance {
        update { numbers in
            guard !acceptance.isRepeated else { return numbers.repeated += 1 }
            numbers.accepted += 1
            if header?.isConsentOverridden == true { numbers.consentOverridden += 1 }
        }
        return acceptance
    }

    func count(_ round: ClockRound) {
        update { numbers in
            numbers.clockRungs.merge(round.rungs, uniquingKeysWith: +)
            numbers.clockIncidents += round.incidents
        }
    }

    func count(_ round: PurgeRound) { update { $0.purged += round.purged } }

    /// Counts a refusal.
    public func countRefusal(_ code: ErrorCode) { update { $0.refused[code, default: 0] += 1 } }
}
