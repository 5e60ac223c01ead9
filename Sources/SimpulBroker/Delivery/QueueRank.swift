public import SimpulCore

extension Header {
    /// The order of a recipient's queue: the lower, the sooner. Whatever has a lower rank goes first, however long the
    /// others wait: 0 is an alert's, 4 is told for the record.
    ///
    /// What the sender states counts by the sooner of urgency (CAP 1.2) and priority: `Immediate` and `EMERGENCY_24H` are
    /// 0, `Expected` and `URGENT_72H` 1, `Future` and `NORMAL_2W` 3, `Past` 4. Where neither says anything the rank is 2.
    /// Clocks raise it: who must answer by a clock of the first level has it before everything of the second, as when
    /// the message is about a child. The third level raises nothing.
    ///
    /// Both stores keep it in the delivery's row, and an audit compares it with the header.
    /// - Parameter level: the level of the message's clocks, where it has one.
    public func rank(level: ClockLevel?) -> Int {
        let stated = [rankOfUrgency, rankOfPriority].compactMap { $0 }.min() ?? 2
        return min(stated, rank(of: level) ?? stated)
    }

    /// How many ranks there are: each is less.
    public static let ranks = 5

    private var rankOfUrgency: Int? {
        switch urgency {
        case .immediate: 0
        case .expected: 1
        case .future: 3
        case .past: 4
        case .unknown: 2
        case nil: nil
        }
    }

    private var rankOfPriority: Int? {
        switch priority {
        case .emergency: 0
        case .urgent: 1
        case .normal: 3
        case nil: nil
        }
    }

    private func rank(of level: ClockLevel?) -> Int? {
        switch level {
        case .first: 0
        case .second: 1
        case .third, nil: nil
        }
    }
}
