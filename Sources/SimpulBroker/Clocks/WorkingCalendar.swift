public import SimpulCore

/// When offices work: on which days of the week, from when to when, and on which dates not. The offset from UTC is
/// fixed; Indonesia has no summer time.
public struct WorkingCalendar: Hashable, Sendable {
    /// Minutes that local time is ahead of UTC.
    public let offsetMinutes: Int
    /// The days that are worked on; at least one.
    public let weekdays: Set<Weekday>
    /// Office hours of every working day, in minutes since midnight of local time.
    public let hours: Range<Int>
    /// The days off, in order, each once.
    public let holidays: [Holiday]
    /// The last day whose holidays are known. Of a later day only the weekday is looked at, so a time may come out too
    /// early there, and never too late.
    public let validThrough: CalendarDay
    /// The law or agreement that it stands on.
    public let basis: String
    private let daysOff: Set<Int>

    /// The most holidays. Each costs a step of a loop where it falls into a span.
    public static let mostHolidays = 400

    /// A day off.
    public struct Holiday: Hashable, Sendable {
        /// The date.
        public var day: CalendarDay
        /// What it is called.
        public var name: String

        /// A day off.
        public init(_ day: CalendarDay, _ name: String) {
            self.day = day
            self.name = name
        }
    }

    /// A calendar; nil where no weekday is worked on, the hours are none of a day or have no minute, the offset is none,
    /// or there are too many holidays, a repeated one, or one that lies behind the last day.
    public init?(
        offsetMinutes: Int, weekdays: Set<Weekday>, hours: Range<Int>, holidays: [Holiday], validThrough: CalendarDay,
        basis: String
    ) {
        let days = Set(holidays.map(\.day.number))
        guard !weekdays.isEmpty, !hours.isEmpty, hours.lowerBound >= 0, hours.upperBound <= 1440,
            abs(offsetMinutes) < 1440, holidays.count <= Self.mostHolidays, days.count == holidays.count,
            holidays.allSatisfy({ $0.day <= validThrough })
        else { return nil }
        self.offsetMinutes = offsetMinutes
        self.weekdays = weekdays
        self.hours = hours
        self.holidays = holidays.sorted { $0.day < $1.day }
        self.validThrough = validThrough
        self.basis = basis
        daysOff = days
    }

    /// Whether offices work on that day.
    public func isWorkingDay(_ day: CalendarDay) -> Bool {
        weekdays.contains(day.weekday) && !daysOff.contains(day.number)
    }

    /// The moment at which so many days of office hours have passed since `start`. What arrives out of hours counts from
    /// the next opening, so its day ends when the office closes; what arrives within hours has until the same time of a
    /// later working day. Never earlier than `start`, and a later start never ends earlier.
    /// - Parameter count: at least 1; at most ``ClockSpan/mostWorkingDays`` is meant, and each costs a step.
    public func end(ofWorkingDays count: Int, from start: Timestamp) -> Timestamp {
        let local = start.milliseconds + Int64(offsetMinutes) * 60_000
        let today = CalendarDay(number: Int((local >= 0 ? local : local - 86_399_999) / 86_400_000))
        let time = local - Int64(today.number) * 86_400_000
        let (opening, closing) = (Int64(hours.lowerBound) * 60_000, Int64(hours.upperBound) * 60_000)
        let isWithinHours = isWorkingDay(today) && time > opening && time < closing
        let isBeforeHours = isWorkingDay(today) && time <= opening
        let last = day(after: today, workingDays: isBeforeHours ? count - 1 : count)
        let end = Int64(last.number) * 86_400_000 + (isWithinHours ? time : closing)
        return Timestamp(milliseconds: end - Int64(offsetMinutes) * 60_000)
    }

    /// Ends: a week has a working day, and holidays are bounded.
    private func day(after day: CalendarDay, workingDays count: Int) -> CalendarDay {
        var (day, left) = (day, count)
        while left > 0 {
            day = CalendarDay(number: day.number + 1)
            if isWorkingDay(day) { left -= 1 }
        }
        return day
    }
}
