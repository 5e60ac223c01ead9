internal import SimpulCore

/// Looks at the clocks several times a second, and fires those that have run out: within one second of their time, also
/// after a restart, and after the machine's clock was set. Then it has purged what nobody needs any more.
///
/// It never sleeps until a moment of the wall clock: it sleeps at most `Limits.clockTickMilliseconds` of the monotonic
/// one and looks again, so that a jump of the wall clock, or a message with a sooner time, is seen with the next look.
public struct ClockWatch: Sendable {
    private let hub: AgencyID
    private let rulebook: Rulebook
    private let store: any MessageStore
    private let receipts: ReceiptIssuer
    private let counters: Counters
    private let limits: Limits
    private let now: @Sendable () -> Timestamp

    init(
        rulebook: Rulebook, store: any MessageStore, receipts: ReceiptIssuer, counters: Counters, limits: Limits,
        now: @escaping @Sendable () -> Timestamp
    ) {
        hub = receipts.broker
        self.rulebook = rulebook
        self.store = store
        self.receipts = receipts
        self.counters = counters
        self.limits = limits
        self.now = now
    }

    /// Where a watch takes its monotonic time from, and how it waits.
    public struct Pulse: Sendable {
        /// Milliseconds of a clock that is never set.
        public var monotonic: @Sendable () -> Int64
        /// Waits so many milliseconds; false where the watch shall end.
        public var sleep: @Sendable (Int64) async -> Bool
        /// Told of every failure of the store.
        public var failed: @Sendable (StoreError) -> Void
        /// Told of what a round has done, where it has done anything.
        public var fired: @Sendable (ClockRound) -> Void
        /// Told of how many envelopes a round has purged, where it has purged any.
        public var purged: @Sendable (Int) -> Void

        /// A pulse.
        public init(
            monotonic: @escaping @Sendable () -> Int64, sleep: @escaping @Sendable (Int64) async -> Bool,
            failed: @escaping @Sendable (StoreError) -> Void, fired: @escaping @Sendable (ClockRound) -> Void,
            purged: @escaping @Sendable (Int) -> Void = { _ in }
        ) {
            self.monotonic = monotonic
            self.sleep = sleep
            self.failed = failed
            self.fired = fired
            self.purged = purged
        }
    }

    /// Watches until the pulse ends it. A failure of the store is told, shown by `/readyz`, and tried again with growing
    /// pauses.
    public func run(_ pulse: Pulse) async {
        var pace = ClockPace(tick: Int64(limits.clockTickMilliseconds))
        repeat {
            do throws(StoreError) {
                try await look(&pace, pulse)
                pace.succeeded()
                counters.update { $0.clocksFail = false }
            } catch {
                pace.failed()
                counters.update { numbers in
                    numbers.failures += 1
                    numbers.clocksFail = true
                }
                pulse.failed(error)
            }
        } while await pulse.sleep(pace.pause)
    }

    private func look(_ pace: inout ClockPace, _ pulse: Pulse) async throws(StoreError) {
        let (moment, rules) = (now(), rulebook.rules)
        let book = [rules.roster.digest, rules.policy.digest]
        if pace.mustRearm(wall: moment, monotonic: pulse.monotonic(), rules: book) {
            try await store.rearmClocks(at: moment)
            pace.rearmed(rules: book)
        }
        var isFull = try await fire(at: moment, rules, pulse)
        // What is at its end expires first, in a round of its own.
        if !isFull { isFull = try await purge(at: moment, pulse) }
        pace.looked(isFull: isFull)
    }

    /// - Returns: whether there may be more to do at once.
    private func fire(at moment: Timestamp, _ rules: Rulebook.Rules, _ pulse: Pulse) async throws(StoreError) -> Bool {
        guard let next = try await store.nextClock(), next <= moment else { return false }
        let receipts = receipts
        let round = try await store.fireClocks(
            at: moment, limit: limits.clockBatch, by: ClockRules(hub: hub, rules: rules)
        ) { try receipts.notice($0) }
        counters.count(round)
        if !round.rungs.isEmpty || round.postponed > 0 { pulse.fired(round) }
        return round.isFull
    }

    private func purge(at moment: Timestamp, _ pulse: Pulse) async throws(StoreError) -> Bool {
        guard let next = try await store.nextPurge(), next <= moment else { return false }
        let round = try await store.purge(at: moment, limit: limits.purgeBatch)
        counters.count(round)
        if round.purged > 0 { pulse.purged(round.purged) }
        return round.isFull
    }
}

/// When to look next, and whether what was planned has to be planned anew. Pure.
struct ClockPace {
    /// How long to wait before the next look.
    private(set) var pause: Int64
    private let tick: Int64
    private var failures = 0
    private var rules: [Digest]?
    private var last: (wall: Timestamp, monotonic: Int64)?
    private var wasSetBack = false

    /// The longest pause after failures, in milliseconds.
    static let longestPause: Int64 = 8000
    /// A wall clock that falls behind the monotonic one by more than this was set back.
    static let setBack: Int64 = 1000

    init(tick: Int64) {
        self.tick = tick
        pause = tick
    }

    /// At the start, after a change of the rules, and after the wall clock was set back.
    mutating func mustRearm(wall: Timestamp, monotonic: Int64, rules: [Digest]) -> Bool {
        if let last {
            let drift = (wall.milliseconds - last.wall.milliseconds) - (monotonic - last.monotonic)
            if drift < -Self.setBack { wasSetBack = true }
        }
        last = (wall, monotonic)
        return wasSetBack || self.rules != rules
    }

    mutating func rearmed(rules: [Digest]) {
        self.rules = rules
        wasSetBack = false
    }

    mutating func looked(isFull: Bool) { pause = isFull ? 0 : tick }

    mutating func succeeded() { failures = 0 }

    mutating func failed() {
        failures += 1
        pause = min(Self.longestPause, tick << min(failures, 5))
    }
}
