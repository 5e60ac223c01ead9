import SimpulBroker
import SimpulCore
import SimpulTesting
import StrictJSON
import Testing

@Suite struct QueueRankTests {
    struct Case: Sendable {
        var urgency: String?
        var priority: String?
        var level: ClockLevel?
        var rank: Int

        init(_ urgency: String?, _ priority: String?, _ level: ClockLevel?, _ rank: Int) {
            (self.urgency, self.priority, self.level, self.rank) = (urgency, priority, level, rank)
        }
    }

    @Test(arguments: [
        Case("Immediate", nil, nil, 0), Case("Expected", nil, nil, 1), Case("Unknown", nil, nil, 2),
        Case(nil, nil, nil, 2), Case("Future", nil, nil, 3), Case("Past", nil, nil, 4),
        Case(nil, "EMERGENCY_24H", nil, 0), Case(nil, "URGENT_72H", nil, 1), Case(nil, "NORMAL_2W", nil, 3),
        // The sooner counts.
        Case("Future", "URGENT_72H", nil, 1), Case("Immediate", "NORMAL_2W", nil, 0), Case("Past", "NORMAL_2W", nil, 3),
        // Clocks raise, and never lower.
        Case(nil, "NORMAL_2W", .first, 0), Case("Future", nil, .second, 1), Case("Future", nil, .third, 3),
        Case("Immediate", nil, .third, 0), Case(nil, nil, .second, 1),
    ])
    func `urgency, priority and clocks make one rank`(_ example: Case) throws {
        var header = try TestHeader.make(.referral)
        header.urgency = example.urgency.flatMap(Header.Urgency.init)
        header.priority = example.priority.flatMap(Header.Priority.init)
        #expect((example.urgency == nil) == (header.urgency == nil))
        #expect((example.priority == nil) == (header.priority == nil))
        #expect(header.rank(level: example.level) == example.rank)
        #expect(header.rank(level: example.level) < Header.ranks)
    }
}
