public import StrictJSON

/// What can be owed by a time. The raw value stands in the policy file.
public enum Clock: String, Sendable, CaseIterable {
    /// A person at the recipient opens the message.
    case acknowledge
    /// The recipient accepts or rejects.
    case decide
    /// The recipient gives the first service, or takes the first action.
    case serve
    /// The sender looks again at what it said or did.
    case review
    /// The sender says how things stand.
    case next

    /// The member of headers, receipts and answers that holds its time.
    public var member: String {
        switch self {
        case .acknowledge: "ackBy"
        case .decide: "decideBy"
        case .serve: "serveBy"
        case .review: "reviewBy"
        case .next: "nextBy"
        }
    }

    /// Whether the message's sender owes it, and not each recipient.
    public var isOwedBySender: Bool { self == .review || self == .next }
}

/// By when one party of a message owes what; a clock that does not run has no time.
public struct DueTimes: Hashable, Sendable {
    /// By when a person must have opened the message.
    public var acknowledge: Timestamp?
    /// By when it must be accepted or rejected.
    public var decide: Timestamp?
    /// By when the first service must be given.
    public var serve: Timestamp?
    /// By when its sender must have looked at it again.
    public var review: Timestamp?
    /// By when its sender must have said how things stand.
    public var next: Timestamp?

    /// Nothing is owed.
    public static let none = DueTimes()

    /// Clocks.
    public init(
        acknowledge: Timestamp? = nil, decide: Timestamp? = nil, serve: Timestamp? = nil, review: Timestamp? = nil,
        next: Timestamp? = nil
    ) {
        self.acknowledge = acknowledge
        self.decide = decide
        self.serve = serve
        self.review = review
        self.next = next
    }

    /// Those that stand in an object, such as a header.
    public init(_ object: JSONValue) {
        for clock in Clock.allCases { self[clock] = object[clock.member]?.string.flatMap(Timestamp.init) }
    }

    /// The time of one clock.
    public subscript(clock: Clock) -> Timestamp? {
        get {
            switch clock {
            case .acknowledge: acknowledge
            case .decide: decide
            case .serve: serve
            case .review: review
            case .next: next
            }
        }
        set {
            switch clock {
            case .acknowledge: acknowledge = newValue
            case .decide: decide = newValue
            case .serve: serve = newValue
            case .review: review = newValue
            case .next: next = newValue
            }
        }
    }

    /// The clocks as members of a JSON object, in the order of ``Clock``.
    public var members: [JSON.Member] {
        Clock.allCases.compactMap { clock in
            self[clock].map { JSON.Member(clock.member, .string($0.description)) }
        }
    }
}

/// How fast a message must move: the lower, the sooner. The name stands in receipts and in the policy file.
public enum ClockLevel: Int, Sendable, CaseIterable {
    case first = 1
    case second, third

    /// The level of a name, such as `L1`.
    public init?(_ name: String) {
        guard let level = Self.allCases.first(where: { $0.name == name }) else { return nil }
        self = level
    }

    /// `L1`, `L2` or `L3`.
    public var name: String { "L\(rawValue)" }

    /// One level sooner; nothing is sooner than ``first``.
    public var raised: ClockLevel { ClockLevel(rawValue: rawValue - 1) ?? .first }
}

extension ClockLevel: Comparable {
    /// The sooner level comes first.
    public static func < (one: ClockLevel, other: ClockLevel) -> Bool { one.rawValue < other.rawValue }
}
