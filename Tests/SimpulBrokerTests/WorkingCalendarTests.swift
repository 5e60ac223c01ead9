import SimpulBroker
import SimpulCore
import Testing

@Suite struct WorkingCalendarTests {
    private static func calendar(
        offset: Int = 420, weekdays: Set<Weekday> = [.monday, .tuesday, .wednesday, .thursday, .friday],
        hours: Range<Int> = 480..<960, holidays: [String] = [], through: String = "2026-12-31"
    ) throws -> WorkingCalendar? {
        let days = try holidays.map { WorkingCalendar.Holiday(try #require(CalendarDay($0)), "x") }
        return WorkingCalendar(
            offsetMinutes: offset, weekdays: weekdays, hours: hours, holidays: days,
            validThrough: try #require(CalendarDay(through)), basis: "test")
    }

    @Test func `a calendar that nobody can work by is none`() throws {
        #expect(try Self.calendar(weekdays: []) == nil)
        #expect(try Self.calendar(hours: 480..<480) == nil)
        #expect(try Self.calendar(hours: 480..<1441) == nil)
        #expect(try Self.calendar(hours: -1..<480) == nil)
        #expect(try Self.calendar(offset: 1440) == nil)
        #expect(try Self.calendar(holidays: ["2026-05-01", "2026-05-01"]) == nil)
        #expect(try Self.calendar(holidays: ["2027-01-01"]) == nil)
        #expect(try Self.calendar(hours: 0..<1440) != nil)
    }

    @Test(
        arguments: [
            // Wednesday: before, at, within, at the end of and after the hours.
            ("2026-03-04T05:00:00+07:00", 1, "2026-03-04T16:00:00+07:00"),
            ("2026-03-04T08:00:00+07:00", 1, "2026-03-04T16:00:00+07:00"),
            ("2026-03-04T08:00:00.001+07:00", 1, "2026-03-05T08:00:00.001+07:00"),
            ("2026-03-04T15:59:59+07:00", 1, "2026-03-05T15:59:59+07:00"),
            ("2026-03-04T16:00:00+07:00", 1, "2026-03-05T16:00:00+07:00"),
            ("2026-03-04T23:50:00+07:00", 1, "2026-03-05T16:00:00+07:00"),
            // Over a weekend, and from one.
            ("2026-03-06T10:30:00+07:00", 1, "2026-03-09T10:30:00+07:00"),
            ("2026-03-06T20:00:00+07:00", 1, "2026-03-09T16:00:00+07:00"),
            ("2026-03-07T09:00:00+07:00", 1, "2026-03-09T16:00:00+07:00"),
            // Over holidays on Thursday and Friday, and from one.
            ("2026-04-29T09:00:00+07:00", 1, "2026-05-04T09:00:00+07:00"),
            ("2026-04-30T09:00:00+07:00", 1, "2026-05-04T16:00:00+07:00"),
            ("2026-04-29T20:00:00+07:00", 3, "2026-05-06T16:00:00+07:00"),
            // The day is that of the calendar's place, not of UTC.
            ("2026-03-05T22:30:00Z", 1, "2026-03-06T16:00:00+07:00"),
            ("2026-03-06T22:30:00Z", 1, "2026-03-09T16:00:00+07:00"),
        ])
    func `a working day is a day of office hours`(_ start: String, _ days: Int, _ end: String) throws {
        let calendar = try #require(try Self.calendar(holidays: ["2026-04-30", "2026-05-01"]))
        let start = try #require(Timestamp(start))
        #expect(calendar.end(ofWorkingDays: days, from: start) == Timestamp(end))
    }

    @Test func `behind its last day a calendar knows weekdays only`() throws {
        let known = try #require(try Self.calendar(holidays: ["2026-12-31"]))
        let friday = try #require(Timestamp("2026-12-30T12:00:00+07:00"))
        // The first of January is a holiday that the calendar cannot know: too early, never too late.
        #expect(known.end(ofWorkingDays: 1, from: friday) == Timestamp("2027-01-01T12:00:00+07:00"))
        let longer = try #require(try Self.calendar(holidays: ["2026-12-31", "2027-01-01"], through: "2027-12-31"))
        #expect(longer.end(ofWorkingDays: 1, from: friday) == Timestamp("2027-01-04T12:00:00+07:00"))
    }

    @Test(arguments: [0, 420, -330, 840])
    func `no end is before its start, and a later start never ends earlier`(_ offset: Int) throws {
        let calendars = try [
            Self.calendar(offset: offset, holidays: ["2026-03-19", "2026-03-20", "2026-03-23"]),
            Self.calendar(offset: offset, weekdays: [.saturday], hours: 0..<1440),
            Self.calendar(offset: offset, weekdays: [.sunday], hours: 1439..<1440),
        ].compactMap { $0 }
        #expect(calendars.count == 3)
        let first = try #require(Timestamp("2026-03-13T00:00:00Z"))
        for calendar in calendars {
            for days in [1, 2, 5] {
                var last = first
                for step in 0..<2000 {
                    // 17 minutes and a bit: every place of the hours is met over the weeks.
                    let start = Timestamp(milliseconds: first.milliseconds + Int64(step) * 1_020_123)
                    let end = calendar.end(ofWorkingDays: days, from: start)
                    #expect(end > start && end >= last)
                    #expect(calendar.end(ofWorkingDays: days + 1, from: start) > end)
                    last = end
                }
            }
        }
    }

    @Test func `the standard calendar knows the holidays of 2026 and the office hours of agencies`() throws {
        let calendar = WorkingCalendar.standard
        #expect(calendar.holidays.count == 17 && calendar.offsetMinutes == 420)
        #expect(calendar.validThrough == CalendarDay("2026-12-31"))
        #expect(!calendar.isWorkingDay(try #require(CalendarDay("2026-03-19"))))
        #expect(calendar.isWorkingDay(try #require(CalendarDay("2026-03-18"))))
    }
}
