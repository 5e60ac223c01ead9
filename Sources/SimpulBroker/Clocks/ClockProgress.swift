public import SimpulCore

/// What the clocks of one delivery, or of one sender's duties, have done so far: what a row keeps of them besides times.
public struct ClockProgress: Hashable, Sendable {
    /// The steps that each clock has taken: 1 for `overdue`, then one for each step of its chain and for the end.
    public private(set) var fired: [Clock: Fired] = [:]
    /// Whether `serveBy` is met, or owed no more, otherwise than by a rung.
    public var isServed = false
    /// Whether nothing is owed any more: the message was cancelled, replaced or taken back.
    public var isStopped = false
    /// Whether the recipient has rejected the message, and a fallback is to take over.
    public var isRefused = false
    /// Whether a fallback has taken over.
    public var isHandedOver = false
    /// Whether it was told that the message came to its end unopened.
    public var isIncidentTold = false

    /// The steps of one clock.
    public struct Fired: Hashable, Sendable {
        /// How many.
        public var steps: Int
        /// When the last one was taken.
        public var at: Timestamp
    }

    /// Nothing has happened.
    public init() {}

    /// Whether nothing has happened.
    public var isEmpty: Bool { self == ClockProgress() }

    /// How many steps a clock has taken.
    public func steps(of clock: Clock) -> Int { fired[clock]?.steps ?? 0 }

    mutating func step(_ clock: Clock, at now: Timestamp) {
        fired[clock] = Fired(steps: steps(of: clock) + 1, at: now)
    }

    /// The form that rows keep; empty where nothing has happened.
    public var text: String {
        let steps = Clock.allCases.compactMap { clock in
            fired[clock].map { "\(clock.rawValue):\($0.steps):\($0.at.milliseconds)" }
        }
        return (steps + Self.flags.filter { self[keyPath: $0.flag] }.map(\.name)).joined(separator: " ")
    }

    /// Reads that form; nil where it is none.
    public init?(_ text: String) {
        for word in text.split(separator: " ") {
            if let flag = Self.flags.first(where: { $0.name == word })?.flag {
                self[keyPath: flag] = true
                continue
            }
            let parts = word.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 3, let clock = Clock(rawValue: String(parts[0])), let steps = Int(parts[1]),
                (1...EscalationPolicy.mostSteps + 2).contains(steps), let moment = Int64(parts[2])
            else { return nil }
            fired[clock] = Fired(steps: steps, at: Timestamp(milliseconds: moment))
        }
    }

    private static var flags: [(name: String, flag: WritableKeyPath<ClockProgress, Bool>)] {
        [
            ("served", \.isServed), ("stopped", \.isStopped), ("refused", \.isRefused),
            ("handed-over", \.isHandedOver), ("incident", \.isIncidentTold),
        ]
    }
}
