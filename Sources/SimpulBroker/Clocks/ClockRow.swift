public import SimpulCore

/// Which clocks a message has, and how long each runs.
public struct ClockRow: Hashable, Sendable {
    /// Where the level of the message comes from; nil where it has none.
    public var level: LevelSource?
    /// The clocks that run.
    public var amounts: [Clock: Amount]
    /// The law or proposal that the row stands on.
    public var basis: String

    /// Where a level comes from.
    public enum LevelSource: Hashable, Sendable {
        /// Urgency, severity and priority of the header.
        case header
        /// The message that this one answers; where that is not known, the third level.
        case answered
        /// Always this one; a child raises it.
        case fixed(ClockLevel)
    }

    /// How long a clock runs: as its level says, for a span, or whichever is sooner.
    public struct Amount: Hashable, Sendable {
        /// Whether the level's span counts.
        public var isOfLevel: Bool
        /// The row's own span.
        public var span: ClockSpan?

        /// As the level says.
        public static let level = Amount(isOfLevel: true, span: nil)

        /// That span.
        public static func span(_ span: ClockSpan) -> Amount { Amount(isOfLevel: false, span: span) }

        /// As the level says, and no longer than that span.
        public static func level(atMost span: ClockSpan) -> Amount { Amount(isOfLevel: true, span: span) }
    }

    /// A row.
    public init(_ level: LevelSource?, _ amounts: [Clock: Amount] = [:], basis: String) {
        self.level = level
        self.amounts = amounts
        self.basis = basis
    }

    /// The level of a message. One about a child moves one level sooner, so it is never of the third.
    func level(of header: Header, answering answered: ClockLevel?) -> ClockLevel? {
        let stated: ClockLevel
        switch level {
        case nil: return nil
        case .header: stated = header.statedLevel
        case .fixed(let level): stated = level
        case .answered:
            // The child was counted there already.
            if let answered { return header.isAboutChild ? min(answered, .second) : answered }
            stated = .third
        }
        return header.isAboutChild ? stated.raised : stated
    }
}

extension Header {
    /// What urgency, severity and priority come to; the sooner counts.
    fileprivate var statedLevel: ClockLevel {
        let byPriority: ClockLevel =
            switch priority {
            case .emergency: .first
            case .urgent: .second
            case .normal, nil: .third
            }
        return min(byPriority, levelOfUrgency)
    }

    private var levelOfUrgency: ClockLevel {
        switch (urgency, severity) {
        case (.immediate, .extreme), (.immediate, .severe): .first
        case (.immediate, _), (.expected, .extreme), (.expected, .severe), (.expected, .moderate): .second
        default: .third
        }
    }

    /// Whether a life may be at risk, as far as codes can say.
    var isLifeAtRisk: Bool { levelOfUrgency == .first }
}
