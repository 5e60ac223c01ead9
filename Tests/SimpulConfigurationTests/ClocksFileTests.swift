import SimpulBroker
import SimpulCore
import StrictYAML
import Testing

@testable import SimpulConfiguration

@Suite struct ClocksFileTests {
    private static let spans = "expected a span such as 15m, 4h, 3d or 1wd, at most 366d or 60wd"
    private static let amounts = "expected level, a span such as 15m, 4h, 3d or 1wd, or both, as in: level 4h"
    private static let types = MessageType.allCases.map(\.rawValue).joined(separator: ", ")
    private static let cases = ClockCase.allCases.map(\.rawValue).joined(separator: ", ")

    private func read(_ sections: String) -> (Policy?, [String]) {
        let faults = YAMLFaults()
        let text = "version: 1\nrules: []\n" + sections
        let policy = PolicyFile.read(YAMLFile(path: "p.yaml", bytes: Array(text.utf8)), faults)
        return (policy, faults.sorted.map(\.description))
    }

    @Test(
        arguments: [
            ("clocks: 1", ["p.yaml:3:9: expected a map (key: value)"]),
            (
                "clocks:\n  level: {}\n",
                ["p.yaml:4:3: this key is not known; known here: cases, escalation, levels, override, statutory, types"]
            ),
            (
                "clocks:\n  levels:\n    L1: { acknowledge: 1wd, decide: 1, serve: 24h, basis: x, review: 1h }\n    L4: {}\n",
                [
                    "p.yaml:5:9: the key next is missing here",
                    "p.yaml:5:24: L1 knows no calendar; write it in m, h or d",
                    "p.yaml:5:37: \(spans)",
                    "p.yaml:5:62: this key is not known; known here: acknowledge, basis, decide, next, serve",
                    "p.yaml:6:5: expected a level: L1, L2 or L3",
                ]
            ),
            (
                "clocks:\n  types:\n    rumour: {}\n    tip: { acknowledge: level, review: level 1h, serve: now }\n",
                [
                    "p.yaml:5:5: expected one of \(types)",
                    "p.yaml:6:10: the key basis is missing here",
                    "p.yaml:6:25: the row has no level; write level: header, or a span",
                    "p.yaml:6:40: the row has no level; write level: header, or a span",
                    "p.yaml:6:40: no level has a review; write a span",
                    "p.yaml:6:57: \(amounts)",
                ]
            ),
            (
                "clocks:\n  cases:\n    none: {}\n    release: { level: L0, basis: \"\", by: 1h }\n",
                [
                    "p.yaml:5:5: expected one of \(cases)",
                    "p.yaml:6:23: expected header, answered, L1, L2 or L3",
                    "p.yaml:6:34: a value is missing",
                    "p.yaml:6:38: this key is not known; known here: acknowledge, basis, decide, level, next, review, serve",
                ]
            ),
            (
                "clocks:\n  statutory:\n    UU21: { serve: 7d, basis: x }\n    UU21-52: { serve: 400d, basis: x }\n"
                    + "  override: { basis: x }\n",
                [
                    "p.yaml:5:5: expected a statutory code such as UU21-52",
                    "p.yaml:6:23: \(spans)",
                    "p.yaml:7:13: the key review is missing here",
                ]
            ),
        ])
    func `every fault of the clocks is reported with its place`(_ text: String, _ expected: [String]) {
        #expect(read(text).1 == expected)
    }

    @Test(
        arguments: [
            (
                "calendar: { zone: 7 }",
                [
                    "p.yaml:3:11: the key basis is missing here", "p.yaml:3:11: the key holidays is missing here",
                    "p.yaml:3:11: the key hours is missing here", "p.yaml:3:11: the key timezone is missing here",
                    "p.yaml:3:11: the key validThrough is missing here",
                    "p.yaml:3:11: the key weekdays is missing here",
                    "p.yaml:3:13: this key is not known; known here: basis, holidays, hours, timezone, validThrough, weekdays",
                ]
            ),
            (
                """
                calendar:
                  timezone: WIB
                  weekdays: []
                  hours: { from: "16:00", to: "08:00" }
                  validThrough: 2026-02-30
                  basis: x
                  holidays: [{ date: 2026-05-32, name: x }]
                """,
                [
                    "p.yaml:4:13: expected an offset such as \"+07:00\"", "p.yaml:5:13: expected 1 to 7 elements",
                    "p.yaml:6:10: the hours must end later than they begin, on the same day",
                    "p.yaml:7:17: expected a date such as 2026-12-31",
                    "p.yaml:9:22: expected a date such as 2026-08-17",
                ]
            ),
            (
                """
                calendar:
                  timezone: "+15:00"
                  weekdays: [monday, Someday]
                  hours: { from: "8:00", to: "24:01" }
                  validThrough: 2026-12-31
                  basis: x
                  holidays:
                    - { date: 2026-05-01, name: x }
                    - { date: 2026-05-01, name: y, joint: true }
                    - { date: 2027-01-01, name: z }
                """,
                [
                    "p.yaml:4:13: expected an offset such as \"+07:00\"",
                    "p.yaml:5:22: expected a weekday from monday to sunday",
                    "p.yaml:6:18: expected a time of day such as \"07:30\"",
                    "p.yaml:6:30: expected a time of day such as \"16:00\"",
                    "p.yaml:11:15: another holiday has this date",
                    "p.yaml:11:36: this key is not known; known here: date, name",
                    "p.yaml:12:15: this is later than validThrough",
                ]
            ),
        ])
    func `every fault of the calendar is reported with its place`(_ text: String, _ expected: [String]) {
        let faults = read(text).1
        #expect(faults.sorted() == expected.sorted())
    }

    @Test func `codes and holidays are bounded`() {
        let codes = (100..<200).map { "    UU21-\($0): { serve: 7d, basis: x }\n" }.joined()
        #expect(read("clocks:\n  statutory:\n" + codes).1 == ["p.yaml:4:3: there may be at most 100 statutory codes"])
        let holiday = "{ date: 2026-01-01, name: x }"
        let holidays = [String](repeating: holiday, count: 401).joined(separator: ", ")
        let calendar = """
            calendar:
              timezone: "+07:00"
              weekdays: [monday]
              hours: { from: "08:00", to: "16:00" }
              validThrough: 2026-12-31
              basis: x
              holidays: [\(holidays)]
            """
        #expect(read(calendar).1 == ["p.yaml:9:13: expected 0 to 400 elements"])
    }

    @Test func `a policy that says nothing of clocks has the standard ones`() throws {
        let (policy, faults) = read("")
        #expect(faults == [])
        #expect(try #require(policy).clocks == .standard)
    }

    @Test func `a row that is written stands in place of that row alone`() throws {
        let (policy, faults) = read(
            """
            clocks:
              levels:
                L2: { acknowledge: 2h, decide: 1wd, serve: 2d, next: 3d, basis: agreement }
              types:
                tip: { basis: nothing is owed }
                bulletin: { level: L2, acknowledge: level 90m, basis: agreement }
              cases:
                release: { acknowledge: 5m, basis: agreement }
              statutory:
                UU12-42: { serve: 24h, basis: UU 12/2022 }
              override: { review: 12h, basis: agreement }

            """)
        #expect(faults == [])
        let clocks = try #require(policy).clocks
        var expected = ClockPolicy.standard
        expected.levels[.second] = ClockPolicy.LevelRow(
            [
                .acknowledge: .elapsed(seconds: 7200), .decide: .workingDays(1), .serve: .elapsed(seconds: 172_800),
                .next: .elapsed(seconds: 259_200),
            ], basis: "agreement")
        expected.types[.tip] = ClockRow(nil, basis: "nothing is owed")
        expected.types[.bulletin] = ClockRow(
            .fixed(.second), [.acknowledge: .level(atMost: .elapsed(seconds: 5400))], basis: "agreement")
        expected.cases[.release] = ClockRow(nil, [.acknowledge: .span(.elapsed(seconds: 300))], basis: "agreement")
        expected.statutory["UU12-42"] = ClockPolicy.CapRow(.elapsed(seconds: 86400), basis: "UU 12/2022")
        expected.override = ClockPolicy.CapRow(.elapsed(seconds: 43200), basis: "agreement")
        #expect(clocks == expected)
    }

    @Test func `a calendar that is written stands in place of the whole standard one`() throws {
        let (policy, faults) = read(
            """
            calendar:
              timezone: "+09:00"
              weekdays: [monday, saturday]
              hours: { from: "08:00", to: "24:00" }
              validThrough: 2027-12-31
              basis: agreement
              holidays: []

            """)
        #expect(faults == [])
        let calendar = try #require(policy).clocks.calendar
        #expect(calendar.offsetMinutes == 540 && calendar.weekdays == [.monday, .saturday])
        #expect(calendar.hours == 480..<1440 && calendar.holidays == [] && calendar.basis == "agreement")
        #expect(calendar.validThrough == CalendarDay("2027-12-31"))
        #expect(try #require(policy).clocks.types == ClockPolicy.standard.types)
    }

    @Test func `a new hub's policy writes every row of the standard out, and nothing else`() throws {
        let faults = YAMLFaults()
        let text = DefaultPolicy.text
        let policy = PolicyFile.read(YAMLFile(path: "p.yaml", bytes: Array(text.utf8)), faults)
        #expect(faults.sorted.map(\.description) == [])
        #expect(try #require(policy).clocks == .standard)
        for name in MessageType.allCases.map(\.rawValue) + ClockCase.allCases.map(\.rawValue) {
            #expect(text.contains("    \(name): {"), "\(name)")
        }
    }

    @Test func `a chain that is written stands in place of that one, and every other stays`() throws {
        let (policy, faults) = read(
            """
            clocks:
              escalation:
                L2: { steps: [{ after: 30s, to: [chief, fallback] }], bounce: 1h, basis: x }
                child: []

            """)
        #expect(faults == [])
        let escalation = try #require(policy?.clocks.escalation)
        #expect(escalation.levels[.second]?.steps == [.init(after: .elapsed(seconds: 30), to: [.chief, .fallback])])
        #expect(escalation.levels[.second]?.bounce == .elapsed(seconds: 3600) && escalation.child == [])
        #expect(escalation.levels[.first] == EscalationPolicy.standard.levels[.first])
        #expect(escalation.protection == EscalationPolicy.standard.protection)
    }

    @Test(
        arguments: [
            ("L1: { steps: [{ after: 1wd, to: [chief] }], bounce: 9d, basis: x }", "L1 knows no calendar"),
            ("L2: { steps: [{ after: 2h, to: [chief] }], bounce: 1h, basis: x }", "comes no earlier"),
            ("L2: { steps: [{ after: 2h, to: [] }], bounce: 3h, basis: x }", "expected 1 to 5 elements"),
            ("L2: { steps: [{ after: 2h, to: [mayor] }], bounce: 3h, basis: x }", "expected one of chief, duty"),
            ("L2: { steps: [], basis: x }", "bounce is missing"), ("child: [fallback]", "a fallback is called by"),
            ("L9: {}", "this key is not known"),
        ])
    func `a chain that cannot be is a fault at its place`(_ row: String, _ fault: String) {
        let (_, faults) = read("clocks:\n  escalation:\n    \(row)\n")
        #expect(faults.contains { $0.contains(fault) }, "\(faults)")
    }
}
