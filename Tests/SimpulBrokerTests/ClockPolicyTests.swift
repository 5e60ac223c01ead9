import SimpulBroker
import SimpulCore
import SimpulTesting
import StrictJSON
import Testing

/// A message of a type with coded members, as it would pass the schema.
func clockHeader(_ type: MessageType, _ members: KeyValuePairs<String, JSON> = [:]) throws -> Header {
    let network = try TestNetwork.shared.get()
    var draft = TestMessage(from: network.immigration, to: [network.police], at: network.now)
    draft.become(type, members)
    return try #require(Header(try JSONDocument(draft.header.bytes).root))
}

@Suite struct ClockPolicyTests {
    private let policy = ClockPolicy.standard
    /// A Wednesday, 21:14 in the evening: out of hours.
    private let evening: Timestamp

    init() throws { evening = try TestNetwork.shared.get().now }

    private func clocks(
        _ type: MessageType, _ members: KeyValuePairs<String, JSON> = [:], at moment: String? = nil,
        answering level: ClockLevel? = nil
    ) throws -> MessageClocks {
        let now = try moment.map { try #require(Timestamp($0)) } ?? evening
        return policy.clocks(of: try clockHeader(type, members), acceptedAt: now, answering: level)
    }

    // MARK: Levels

    @Test(
        arguments: [
            ("Immediate", "Extreme", "NORMAL_2W", "no", 1), ("Immediate", "Severe", "NORMAL_2W", "no", 1),
            ("Immediate", "Moderate", "NORMAL_2W", "no", 2), ("Immediate", "Minor", "NORMAL_2W", "unknown", 2),
            ("Immediate", "Unknown", "NORMAL_2W", "no", 2), ("Expected", "Extreme", "NORMAL_2W", "no", 2),
            ("Expected", "Severe", "NORMAL_2W", "no", 2), ("Expected", "Moderate", "NORMAL_2W", "no", 2),
            ("Expected", "Minor", "NORMAL_2W", "no", 3), ("Expected", "Unknown", "NORMAL_2W", "no", 3),
            ("Future", "Extreme", "NORMAL_2W", "no", 3), ("Past", "Severe", "NORMAL_2W", "no", 3),
            ("Unknown", "Extreme", "NORMAL_2W", "no", 3), ("Future", "Minor", "EMERGENCY_24H", "no", 1),
            ("Future", "Minor", "URGENT_72H", "no", 2), ("Immediate", "Severe", "URGENT_72H", "no", 1),
            ("Future", "Minor", "NORMAL_2W", "yes", 2), ("Future", "Minor", "NORMAL_2W", "presumed", 2),
            ("Expected", "Moderate", "NORMAL_2W", "presumed", 1), ("Future", "Minor", "URGENT_72H", "yes", 1),
            ("Immediate", "Extreme", "EMERGENCY_24H", "yes", 1),
        ])
    func `urgency, severity, priority and child make the level of a referral`(
        _ urgency: String, _ severity: String, _ priority: String, _ child: String, _ level: Int
    ) throws {
        let found = try clocks(
            .referral,
            [
                "urgency": .string(urgency), "severity": .string(severity), "priority": .string(priority),
                "child": .string(child),
            ])
        #expect(found.level?.rawValue == level)
    }

    /// What a type owes, in minutes after acceptance; of working days the time itself.
    struct Row: Sendable, CustomTestStringConvertible {
        let type: MessageType
        let members: [(String, JSON)]
        let level: String?
        let owed: String
        var testDescription: String { "\(type.rawValue) \(members.map { "\($0.0)=\($0.1)" }.joined(separator: " "))" }

        init(_ type: MessageType, _ members: [(String, JSON)], _ level: String?, _ owed: String) {
            (self.type, self.members, self.level, self.owed) = (type, members, level, owed)
        }
    }

    private static let severe: [(String, JSON)] = [("urgency", "Immediate"), ("severity", "Severe")]
    private static let moderate: [(String, JSON)] = [("urgency", "Expected"), ("severity", "Moderate")]
    private static let child: [(String, JSON)] = [("child", "yes")]

    static let rows = [
        Row(.alert, severe, "L1", "ackBy 15 decideBy 60 serveBy 1440"),
        Row(.alert, moderate, "L2", "ackBy 240 decideBy 1440 serveBy 4320"),
        Row(.alert, moderate + child, "L1", "ackBy 15 decideBy 60 serveBy 1440"),
        Row(.alert, [("urgency", "Future"), ("severity", "Minor")], "L3", "ackBy day decideBy 4320 serveBy 20160"),
        Row(.alert, severe + [("kind", "Cancel")], "L1", "ackBy 15"),
        Row(.tip, moderate, "L2", "ackBy 240 decideBy 1440"),
        Row(.screening, severe, "L1", "ackBy 15 reviewBy 10080"),
        Row(.screening, severe + [("state", "reviewed")], "L1", "ackBy 15"),
        Row(.screening, severe + [("state", "withdrawn-by-person")], "L1", "ackBy 15"),
        Row(.referral, [("priority", "NORMAL_2W")], "L3", "ackBy day decideBy 4320 serveBy 20160"),
        Row(
            .referral, [("priority", "NORMAL_2W"), ("statutory", "UU21-52")], "L3",
            "ackBy day decideBy 4320 serveBy 10080"),
        Row(
            .referral, [("priority", "NORMAL_2W"), ("statutory", "UU21-99")], "L3",
            "ackBy day decideBy 4320 serveBy 20160"),
        Row(
            .referral, [("priority", "URGENT_72H"), ("statutory", "UU21-53")], "L2",
            "ackBy 240 decideBy 1440 serveBy 4320"),
        Row(.referralStatus, [("state", "accepted")], "L3", "ackBy 1440 nextBy 20160"),
        Row(.referralStatus, [("state", "on-hold")] + child, "L2", "ackBy 1440 nextBy 10080"),
        Row(.referralStatus, [("state", "completed")], "L3", "ackBy 1440"),
        Row(.referralStatus, [("state", "rejected")], "L3", "ackBy day"),
        Row(.referralStatus, [("state", "redirected")] + child, "L2", "ackBy 240"),
        Row(.outcome, [("state", "interim")], "L3", "ackBy 1440 nextBy 20160"),
        Row(.outcome, [("state", "final")], "L3", "ackBy 1440"),
        Row(.legalProgress, [("milestone", "VERDICT")], "L3", "ackBy day"),
        Row(.legalProgress, [("milestone", "VERDICT")] + child, "L2", "ackBy 240"),
        Row(.legalProgress, [("milestone", "RELEASE_OF_CONVICT")], "L1", "ackBy 15"),
        Row(.legalProgress, [("milestone", "RELEASE_FROM_DETENTION")] + child, "L1", "ackBy 15"),
        Row(.evidenceNotice, [("action", "notice"), ("urgency", "Past")], "L3", "ackBy day"),
        Row(.evidenceNotice, [("action", "preservation-request"), ("urgency", "Past")], "L3", "ackBy 240"),
        Row(.evidenceNotice, [("action", "preservation-request")] + severe, "L1", "ackBy 15"),
        Row(.return, [("step", "proposed")] + moderate, "L2", "ackBy 240 decideBy 1440 serveBy 4320"),
        Row(.return, [("step", "risk-assessed")], "L3", "ackBy day decideBy 4320 serveBy 10080"),
        Row(.return, [("step", "booked")], "L3", "ackBy day"),
        Row(.infoRequest, [], "L3", "ackBy day decideBy 4320"),
        Row(.infoRequest, moderate, "L2", "ackBy 240 decideBy 4320"),
        Row(.infoRequest, severe, "L1", "ackBy 15 decideBy 60"),
        Row(.infoResponse, [("state", "granted")], "L3", "ackBy day"),
        Row(.consent, [("action", "grant")], "L3", "ackBy day"),
        Row(.consent, [("action", "withdraw")], nil, "ackBy 1440 serveBy 4320"),
        Row(.consent, [("action", "expire")] + child, nil, "ackBy 1440 serveBy 4320"),
        Row(.withdrawal, [("action", "erase")], nil, "ackBy 1440 serveBy 4320"),
        Row(.withdrawal, [("action", "restrict")], nil, "ackBy 1440 serveBy 4320"),
        Row(.withdrawal, [("action", "retract")], nil, "ackBy 1440"),
        Row(.withdrawal, [("action", "erase"), ("state", "done")], "L3", "ackBy day"),
        Row(.amendment, [], nil, "ackBy 1440"), Row(.recall, [("state", "retained")], "L3", "ackBy day"),
        Row(.correlationNotice, moderate + [("state", "matched")], "L2", "ackBy 240 decideBy 4320"),
        Row(.correlationNotice, moderate + [("state", "false-match")], "L2", "ackBy 240"),
        Row(.securityIncident, severe, nil, "ackBy 60 serveBy 4320"),
        Row(.caseConference, [("action", "invite")], "L3", "ackBy day decideBy 4320"),
        Row(.caseConference, [("action", "decisions")] + child, "L2", "ackBy 240"),
        Row(.activityReport, severe, nil, ""), Row(.feedback, [], nil, ""), Row(.bulletin, [], nil, ""),
        Row(.directory, [], nil, ""), Row(.correlationSubmit, [], nil, ""),
        Row(.activityReport, [("consentOverride", ["reason": "x"])], nil, "reviewBy 1440"),
        Row(.screening, severe + [("consentOverride", ["reason": "x"])], "L1", "ackBy 15 reviewBy 1440"),
        Row(
            .alert, severe + [("consentOverride", ["reason": "x"])], "L1",
            "ackBy 15 decideBy 60 serveBy 1440 reviewBy 1440"),
    ]

    @Test(arguments: rows) func `a message owes what its type, its case and its level say`(_ row: Row) throws {
        var header = TestMessage(
            from: try TestNetwork.shared.get().immigration, to: [try TestNetwork.shared.get().police], at: evening)
        header.become(row.type, [:])
        for (name, value) in row.members { header.header[name] = value }
        let found = policy.clocks(
            of: try #require(Header(try JSONDocument(header.header.bytes).root)), acceptedAt: evening, answering: nil)
        #expect(found.level?.name == row.level)
        let endOfDay = try #require(Timestamp("2026-03-05T16:00:00+07:00"))
        let owed = Clock.allCases.compactMap { clock in
            (found.recipient[clock] ?? found.sender[clock]).map { time in
                let minutes = (time.milliseconds - evening.milliseconds) / 60_000
                return "\(clock.member) \(time == endOfDay ? "day" : String(minutes))"
            }
        }
        #expect(owed.joined(separator: " ") == row.owed)
        #expect(Clock.allCases.allSatisfy { $0.isOwedBySender ? found.recipient[$0] == nil : found.sender[$0] == nil })
    }

    @Test func `every type and every case has its row`() {
        #expect(Set(policy.types.keys) == Set(MessageType.allCases))
        #expect(Set(policy.cases.keys) == Set(ClockCase.allCases))
        #expect(Set(policy.levels.keys) == Set(ClockLevel.allCases))
    }

    @Test func `what answers a message moves as fast as that one`() throws {
        let first = try clocks(.referralStatus, ["state": "rejected"], answering: .first)
        #expect(first.level == .first && first.recipient.acknowledge == evening.advanced(bySeconds: 900))
        let second = try clocks(.referralStatus, ["state": "in-progress"], answering: .second)
        #expect(second.level == .second && second.sender.next == evening.advanced(bySeconds: 7 * 86400))
        // The child was counted when the referral was: it is not counted twice.
        #expect(
            try clocks(.referralStatus, ["state": "rejected", "child": "yes"], answering: .second).level == .second)
        #expect(try clocks(.referralStatus, ["state": "rejected", "child": "yes"], answering: .third).level == .second)
        #expect(try clocks(.alert, ["urgency": "Past"], answering: .first).level == .third)
    }
}

/// The moments at which it matters, and what a sender may ask for.
@Suite struct ClockTimesTests {
    private func clocks(
        _ type: MessageType, at moment: String, by policy: ClockPolicy = .standard,
        _ members: KeyValuePairs<String, JSON>
    ) throws -> MessageClocks {
        policy.clocks(
            of: try clockHeader(type, members), acceptedAt: try #require(Timestamp(moment)), answering: nil)
    }

    @Test func `an emergency at ten to midnight on a Friday waits for nobody's office`() throws {
        let found = try clocks(
            .referral, at: "2026-11-27T23:50:00+07:00",
            ["priority": "EMERGENCY_24H", "urgency": "Immediate", "severity": "Severe"])
        #expect(found.level == .first)
        #expect(found.recipient.acknowledge == Timestamp("2026-11-28T00:05:00+07:00"))
        #expect(found.recipient.decide == Timestamp("2026-11-28T00:50:00+07:00"))
        #expect(found.recipient.serve == Timestamp("2026-11-28T23:50:00+07:00"))
    }

    @Test func `what can wait on a Friday evening is to be read by Monday's close`() throws {
        let found = try clocks(.referral, at: "2026-11-27T18:30:00+07:00", ["priority": "NORMAL_2W"])
        #expect(found.level == .third)
        #expect(found.recipient.acknowledge == Timestamp("2026-11-30T16:00:00+07:00"))
        #expect(found.recipient.decide == Timestamp("2026-11-30T18:30:00+07:00"))
    }

    @Test func `nobody is to decide before it is to have read, however long the holidays are`() throws {
        // Christmas on a Friday, with a weekend behind it: the next office hour is on the fourth day.
        let found = try clocks(.referral, at: "2026-12-24T16:30:00+07:00", ["priority": "NORMAL_2W"])
        #expect(found.recipient.decide == Timestamp("2026-12-27T16:30:00+07:00"))
        #expect(found.recipient.acknowledge == found.recipient.decide)
    }

    @Test func `the first level knows no calendar, whatever its rows say`() throws {
        var policy = ClockPolicy.standard
        policy.types[.alert] = ClockRow(.header, [.acknowledge: .span(.workingDays(2))], basis: "test")
        let friday = "2026-11-27T18:30:00+07:00"
        let urgent = try clocks(.alert, at: friday, by: policy, ["urgency": "Immediate", "severity": "Extreme"])
        #expect(urgent.recipient.acknowledge == Timestamp("2026-11-29T18:30:00+07:00"))
        let other = try clocks(.alert, at: friday, by: policy, ["urgency": "Past", "severity": "Minor"])
        #expect(other.recipient.acknowledge == Timestamp("2026-12-01T16:00:00+07:00"))
    }

    @Test(
        arguments: [
            // Sooner: taken. Later: passed over. Just now, and long ago: at once, never before acceptance.
            ("2026-03-04T21:20:00+07:00", "2026-03-04T21:20:00+07:00"),
            ("2026-03-05T21:20:00+07:00", "2026-03-04T21:29:05+07:00"),
            ("2026-03-04T21:14:05+07:00", "2026-03-04T21:14:05+07:00"),
            ("2026-03-01T00:00:00+07:00", "2026-03-04T21:14:05+07:00"),
        ])
    func `a sender shortens, never lengthens, and never makes late what nobody had`(
        _ wanted: String, _ expected: String
    ) throws {
        let found = try clocks(
            .alert, at: "2026-03-04T21:14:05+07:00",
            ["urgency": "Immediate", "severity": "Severe", "ackBy": .string(wanted)])
        #expect(found.recipient.acknowledge == Timestamp(expected))
        #expect(found.recipient.decide == Timestamp("2026-03-04T22:14:05+07:00"))
    }

    @Test func `a sender starts no clock that the policy does not have`() throws {
        let soon: JSON = "2026-03-04T21:20:00+07:00"
        let report = try clocks(
            .activityReport, at: "2026-03-04T21:14:05+07:00",
            ["ackBy": soon, "decideBy": soon, "serveBy": soon, "reviewBy": soon])
        #expect(report.recipient == .none && report.sender == .none)
        let tip = try clocks(
            .tip, at: "2026-03-04T21:14:05+07:00", ["urgency": "Past", "serveBy": soon, "reviewBy": soon])
        #expect(tip.recipient.serve == nil && tip.sender == .none)
    }

    @Test func `a review in working days is counted by the calendar, but not at the first level`() throws {
        var policy = ClockPolicy.standard
        policy.override.span = .workingDays(1)
        let override: JSON = ["reason": "x"]
        let friday = "2026-11-27T18:30:00+07:00"
        let tip = try clocks(.tip, at: friday, by: policy, ["urgency": "Past", "consentOverride": override])
        #expect(tip.sender.review == Timestamp("2026-11-30T16:00:00+07:00"))
        let urgent = try clocks(
            .tip, at: friday, by: policy,
            ["urgency": "Immediate", "severity": "Severe", "consentOverride": override])
        #expect(urgent.sender.review == Timestamp("2026-11-28T18:30:00+07:00"))
    }

    @Test func `a sender may promise its own status and review sooner`() throws {
        let found = try clocks(
            .referralStatus, at: "2026-03-05T08:21:40+07:00",
            [
                "state": "accepted", "nextBy": "2026-03-06T07:45:10+07:00", "consentOverride": ["reason": "x"],
                "reviewBy": "2026-03-05T10:00:00+07:00",
            ])
        #expect(found.sender.next == Timestamp("2026-03-06T07:45:10+07:00"))
        #expect(found.sender.review == Timestamp("2026-03-05T10:00:00+07:00"))
    }

    @Test
    func
        `whenever it comes and whatever it asks for, nothing is due before it was accepted, nor later than the policy says`()
        throws
    {
        let policy = ClockPolicy.standard
        let start = try TestNetwork.shared.get().now
        var random = Steps(state: 20_260_304)
        for type in MessageType.allCases {
            let plain = try clockHeader(type, ["priority": "NORMAL_2W", "statutory": "UU21-52"])
            for _ in 0..<200 {
                let now = start.advanced(bySeconds: .random(in: 0..<(600 * 86400), using: &random))
                var wished = plain
                for clock in Clock.allCases {
                    wished.due[clock] = now.advanced(bySeconds: .random(in: -86400..<(20 * 86400), using: &random))
                }
                let (given, asked) = (
                    policy.clocks(of: plain, acceptedAt: now, answering: nil),
                    policy.clocks(of: wished, acceptedAt: now, answering: nil)
                )
                for clock in Clock.allCases {
                    let latest = clock.isOwedBySender ? given.sender[clock] : given.recipient[clock]
                    let time = clock.isOwedBySender ? asked.sender[clock] : asked.recipient[clock]
                    #expect((time == nil) == (latest == nil))
                    guard let time, let latest, let wish = wished.due[clock] else { continue }
                    #expect(time >= now && time <= latest && (time <= wish || time == now))
                }
                let later = policy.clocks(of: plain, acceptedAt: now.advanced(bySeconds: 1), answering: nil)
                for clock in Clock.allCases {
                    guard let one = given.recipient[clock], let other = later.recipient[clock] else { continue }
                    #expect(one <= other)
                }
            }
        }
    }

    /// Always the same numbers (the linear congruence of Knuth's MMIX), so that a failure comes again.
    private struct Steps: RandomNumberGenerator {
        var state: UInt64

        mutating func next() -> UInt64 {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return state ^ state >> 33
        }
    }

    /// Ten messages of one fictional story: what they are, what they ask for, and that nobody gets longer than that.
    struct Story: Sendable, CustomTestStringConvertible {
        let type: MessageType
        let sent: String
        let members: [(String, JSON)]
        let asked: [Clock: String]
        var testDescription: String { type.rawValue }

        init(_ type: MessageType, _ sent: String, _ members: [(String, JSON)], _ asked: [Clock: String] = [:]) {
            (self.type, self.sent, self.members, self.asked) = (type, sent, members, asked)
        }
    }

    static let stories = [
        Story(
            .alert, "2026-03-04T21:14:05+07:00",
            [("urgency", "Immediate"), ("severity", "Severe"), ("child", "presumed")],
            [
                .acknowledge: "2026-03-04T21:29:05+07:00", .decide: "2026-03-04T22:14:05+07:00",
                .serve: "2026-03-05T21:14:05+07:00",
            ]),
        Story(
            .tip, "2026-03-06T09:02:41+07:00",
            [("urgency", "Expected"), ("severity", "Moderate"), ("child", "unknown")],
            [.acknowledge: "2026-03-06T13:02:41+07:00", .decide: "2026-03-07T09:02:41+07:00"]),
        Story(
            .screening, "2026-03-05T02:30:00+07:00",
            [("urgency", "Immediate"), ("severity", "Severe"), ("child", "yes")], [.review: "2026-03-12T02:30:00+07:00"]
        ),
        Story(
            .referral, "2026-03-05T07:45:10+07:00",
            [
                ("urgency", "Immediate"), ("severity", "Severe"), ("child", "yes"), ("priority", "EMERGENCY_24H"),
                ("statutory", "UU21-52"),
            ],
            [
                .acknowledge: "2026-03-05T08:00:10+07:00", .decide: "2026-03-05T08:45:10+07:00",
                .serve: "2026-03-06T07:45:10+07:00",
            ]),
        Story(
            .referralStatus, "2026-03-05T08:21:33+07:00", [("state", "accepted"), ("child", "yes")],
            [.next: "2026-03-06T07:45:10+07:00"]),
        Story(
            .evidenceNotice, "2026-03-06T15:10:00+07:00",
            [("action", "custody-transfer"), ("urgency", "Expected"), ("severity", "Moderate"), ("child", "yes")],
            [.acknowledge: "2026-03-06T19:10:00+07:00"]),
        Story(
            .return, "2026-03-20T10:12:00+07:00",
            [("step", "proposed"), ("urgency", "Expected"), ("severity", "Moderate"), ("statutory", "UU21-54")],
            [
                .acknowledge: "2026-03-20T14:12:00+07:00", .decide: "2026-03-21T10:12:00+07:00",
                .serve: "2026-03-27T10:12:00+07:00",
            ]),
        Story(
            .correlationNotice, "2026-03-07T00:05:00+07:00",
            [("urgency", "Expected"), ("severity", "Moderate"), ("child", "unknown")],
            [.decide: "2026-03-10T00:05:00+07:00"]),
        Story(.consent, "2026-03-05T03:06:00+07:00", [("action", "grant"), ("child", "yes")]),
        Story(.activityReport, "2026-03-10T16:20:00+07:00", [("urgency", "Past"), ("severity", "Minor")]),
    ]

    @Test(arguments: stories)
    func `a message gets at most the times that it asks for`(_ story: Story) throws {
        let network = try TestNetwork.shared.get()
        var draft = TestMessage(from: network.immigration, to: [network.police], at: network.now)
        draft.become(story.type, [:])
        for (name, value) in story.members { draft.header[name] = value }
        for (clock, time) in story.asked { draft.header[clock.member] = .string(time) }
        let now = try #require(Timestamp(story.sent)).advanced(bySeconds: 2)
        let header = try #require(Header(try JSONDocument(draft.header.bytes).root))
        let found = ClockPolicy.standard.clocks(of: header, acceptedAt: now, answering: nil)
        for (clock, time) in story.asked {
            let due = try #require(found.recipient[clock] ?? found.sender[clock])
            #expect(try due <= #require(Timestamp(time)) && due >= now)
        }
    }
}
