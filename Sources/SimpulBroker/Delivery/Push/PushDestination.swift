public import SimpulCore

/// How one agency's endpoint is treated: how many deliveries may be on their way to it, when the next may start, and for
/// how long a failed one rests. A value: no clock, no I/O, no randomness of its own.
///
/// * **Window.** As in Postfix's queue manager: it starts at two, one more with each success that used all of it, one
///   less with each failure of the receiver, never below one.
/// * **Breaker.** So many failures of the receiver without a success between them open it: nothing is sent until a
///   while has passed, then one delivery alone. Where that fails the while is twice as long, up to a bound; any success
///   closes it. What failed while it opened rests exactly as long, so that nothing is late behind a receiver that is back.
/// * **Backoff.** A failed delivery rests twice as long after each of its failures, up to a bound.
/// * **Pause.** A receiver that asks for time with `Retry-After` gets it, up to a bound.
///
/// A failure that is about one delivery (``PushFailure/isAboutDelivery``) touches neither window nor breaker: a message
/// that its receiver cannot take must not hold up the others.
public struct PushDestination: Sendable, Equatable {
    /// The bounds, times in milliseconds.
    public struct Settings: Sendable, Equatable {
        /// The first window.
        public var windowFirst: Int
        /// The largest window.
        public var windowMost: Int
        /// Failures in a row that open the breaker.
        public var failures: Int
        /// The first and the longest time that the breaker is open.
        public var breaker: ClosedRange<Int64>
        /// The first and the longest time that a failed delivery rests.
        public var backoff: ClosedRange<Int64>
        /// The longest time that a receiver may ask for.
        public var pauseMost: Int64

        /// Bounds.
        public init(
            windowFirst: Int, windowMost: Int, failures: Int, breaker: ClosedRange<Int64>,
            backoff: ClosedRange<Int64>, pauseMost: Int64
        ) {
            self.windowFirst = windowFirst
            self.windowMost = windowMost
            self.failures = failures
            self.breaker = breaker
            self.backoff = backoff
            self.pauseMost = pauseMost
        }

        /// The broker's bounds.
        public init(_ limits: Limits) {
            self.init(
                windowFirst: min(limits.pushWindowFirst, limits.pushWindow), windowMost: limits.pushWindow,
                failures: limits.pushFailures,
                breaker: Self.span(limits.pushBreakerSeconds, limits.pushBreakerMostSeconds),
                backoff: Self.span(limits.pushBackoffSeconds, limits.pushBackoffMostSeconds),
                pauseMost: Int64(limits.retryAfterSeconds) * 1000)
        }

        private static func span(_ first: Int, _ most: Int) -> ClosedRange<Int64> {
            Int64(first) * 1000...Int64(max(first, most)) * 1000
        }
    }

    /// Whether deliveries may start.
    public enum Breaker: Sendable, Equatable {
        /// As many as the window lets.
        case closed
        /// None before that moment.
        case open(until: Timestamp)
        /// One is on its way to find out.
        case halfOpen
    }

    /// What may happen next.
    public enum Next: Sendable, Equatable {
        /// So many deliveries may start now.
        case start(Int)
        /// Nothing may start before that moment, or before a delivery on its way has ended.
        case rest(until: Timestamp?)
    }

    /// How a delivery on its way has ended.
    public enum End: Sendable, Equatable {
        /// It is settled.
        case settled
        /// The attempt failed.
        case failed(PushTrouble)
        /// It says nothing about the receiver: the broker stops, or its store failed.
        case abandoned
    }

    /// How many may be on their way.
    public private(set) var window: Int
    /// How many are.
    public private(set) var inFlight = 0
    /// Failures of the receiver since its last success.
    public private(set) var consecutiveFailures = 0
    /// Whether deliveries may start.
    public private(set) var breaker = Breaker.closed
    /// Until when the receiver asked to be left alone.
    public private(set) var pausedUntil: Timestamp?
    private let settings: Settings
    private var span: Int64

    /// A destination that nothing is known of.
    public init(_ settings: Settings) {
        self.settings = settings
        window = settings.windowFirst
        span = settings.breaker.lowerBound
    }

    /// Until when nothing is sent because of the breaker.
    public var openUntil: Timestamp? {
        if case .open(let until) = breaker { until } else { nil }
    }

    /// What may happen at that moment. With nothing on its way it never rests without an end.
    public func next(at now: Timestamp) -> Next {
        if let pausedUntil, pausedUntil > now { return .rest(until: pausedUntil) }
        switch breaker {
        case .open(let until) where until > now: return .rest(until: until)
        case .open: return inFlight == 0 ? .start(1) : .rest(until: nil)
        case .halfOpen: return .rest(until: nil)
        case .closed: return inFlight < window ? .start(window - inFlight) : .rest(until: nil)
        }
    }

    /// So many deliveries have started: no more than ``next(at:)`` said.
    public mutating func started(_ count: Int) {
        guard count > 0 else { return }
        inFlight += count
        if case .open = breaker { breaker = .halfOpen }
    }

    /// A delivery has ended.
    /// - Parameters:
    ///   - failures: how often pushing this delivery has failed, this time included.
    ///   - jitter: at random, from 0 to 1: times are shortened by up to half, so that what failed together does not come
    ///     again together.
    /// - Returns: until when a failed delivery rests; nil for one that has not failed.
    public mutating func ended(
        _ end: End, failures: Int, at now: Timestamp, jitter: Double
    ) -> Timestamp? {
        let wasFull = inFlight >= window
        inFlight = max(0, inFlight - 1)
        switch end {
        case .abandoned:
            if breaker == .halfOpen { breaker = .open(until: now) }
            return nil
        case .settled:
            consecutiveFailures = 0
            if !close(), wasFull { window = min(window + 1, settings.windowMost) }
            return nil
        case .failed(let trouble):
            if trouble.failure.isAboutDelivery { _ = breaker == .halfOpen && close() } else { fail(at: now, jitter) }
            return rest(after: trouble, failures, at: now, jitter)
        }
    }

    /// - Returns: false where the breaker is closed already.
    private mutating func close() -> Bool {
        guard breaker != .closed else { return false }
        breaker = .closed
        consecutiveFailures = 0
        (window, span) = (settings.windowFirst, settings.breaker.lowerBound)
        return true
    }

    private mutating func fail(at now: Timestamp, _ jitter: Double) {
        consecutiveFailures += 1
        window = max(1, window - 1)
        switch breaker {
        case .open: return
        case .closed:
            guard consecutiveFailures >= settings.failures else { return }
        case .halfOpen: span = min(span * 2, settings.breaker.upperBound)
        }
        breaker = .open(until: now.after(span, jitter))
    }

    private mutating func rest(
        after trouble: PushTrouble, _ failures: Int, at now: Timestamp, _ jitter: Double
    ) -> Timestamp {
        let doublings = min(max(0, failures - 1), 20)
        let ownRest = min(settings.backoff.lowerBound << Int64(doublings), settings.backoff.upperBound)
        let moment =
            switch breaker {
            case .open(let until) where !trouble.failure.isAboutDelivery: max(until, now)
            case .open, .closed, .halfOpen: now.after(ownRest, jitter)
            }
        guard let seconds = trouble.retryAfter else { return moment }
        let length = min(max(0, Int64(clamping: min(seconds, Int(Int32.max)))) * 1000, settings.pauseMost)
        let asked = Timestamp(milliseconds: now.milliseconds + length)
        if !trouble.failure.isAboutDelivery { pausedUntil = max(asked, pausedUntil ?? asked) }
        return max(moment, asked)
    }
}

extension Timestamp {
    /// That many milliseconds later, shortened by up to half.
    fileprivate func after(_ length: Int64, _ jitter: Double) -> Timestamp {
        let half = length / 2
        return Timestamp(milliseconds: milliseconds + half + Int64(Double(length - half) * min(max(jitter, 0), 1)))
    }
}
