internal import NIOConcurrencyHelpers
public import SimpulCore

/// How pushing goes, for operators and for views of messages: one row for each agency that has its deliveries pushed.
/// Written by those who push, read by anybody; it decides nothing.
public final class PushBoard: Sendable {
    /// How pushing to one agency goes.
    public struct Row: Sendable, Equatable {
        /// Until when nothing is sent because the endpoint failed too often; nil where the breaker is closed. One
        /// delivery may be on its way after that moment.
        public var breakerOpenUntil: Timestamp?
        /// Until when the endpoint asked to be left alone.
        public var pausedUntil: Timestamp?
        /// How many deliveries may be on their way.
        public var window = 0
        /// How many are.
        public var inFlight = 0
        /// Failures of the endpoint since its last success.
        public var consecutiveFailures = 0
        /// How the last attempt ended: `settled`, or the code of a ``PushFailure``; nil before the first.
        public var lastOutcome: String?
        /// When it did.
        public var lastAt: Timestamp?
        /// Deliveries settled since the start.
        public var settled = 0
        /// Failed attempts since the start, by the code of their ``PushFailure``.
        public var failed: [String: Int] = [:]

        /// A row of nothing.
        public init() {}

        /// Counts how an attempt has ended; one that says nothing about the endpoint is none.
        mutating func add(_ end: PushDestination.End, at moment: Timestamp) {
            switch end {
            case .abandoned: return
            case .settled:
                settled += 1
                lastOutcome = "settled"
            case .failed(let trouble):
                failed[trouble.failure.rawValue, default: 0] += 1
                lastOutcome = trouble.failure.rawValue
            }
            lastAt = moment
        }

        /// Whether the breaker holds deliveries back at that moment: the reason `breaker-open` of a waiting delivery.
        public func isBreakerOpen(at now: Timestamp) -> Bool { breakerOpenUntil.map { $0 > now } ?? false }
    }

    private let rows = NIOLockedValueBox<[AgencyID: Row]>([:])

    /// An empty board.
    public init() {}

    /// The row of one agency; nil where nothing is pushed to it.
    public subscript(agency: AgencyID) -> Row? { rows.withLockedValue { $0[agency] } }

    /// Every row at one moment.
    public var snapshot: [AgencyID: Row] { rows.withLockedValue { $0 } }

    /// Writes how a destination stands, and changes what else its row says.
    func show(_ destination: PushDestination, of agency: AgencyID, _ change: (inout Row) -> Void = { _ in }) {
        rows.withLockedValue { rows in
            var row = rows[agency] ?? Row()
            row.breakerOpenUntil = destination.openUntil
            row.pausedUntil = destination.pausedUntil
            row.window = destination.window
            row.inFlight = destination.inFlight
            row.consecutiveFailures = destination.consecutiveFailures
            change(&row)
            rows[agency] = row
        }
    }

    /// Takes an agency's row away: nothing is pushed to it any more.
    func remove(_ agency: AgencyID) { rows.withLockedValue { $0[agency] = nil } }
}
