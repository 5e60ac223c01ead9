import SimpulCore
import Testing

@Suite struct CalendarDayTests {
    @Test(arguments: [
        "", "2026-02-29", "2026-13-01", "2026-00-10", "2026-01-00", "2026-1-01", "2026-01-1", "2026/01/01",
        "2026-01-01Z",
        "+026-01-01", "２026-01-01", "2026-01-0a",
    ])
    func `a text that is no day is refused`(_ text: String) { #expect(CalendarDay(text) == nil) }

    @Test(
        arguments: [
            ("1970-01-01", 0, Weekday.thursday), ("1969-12-31", -1, .wednesday), ("2024-02-29", 19782, .thursday),
            ("2026-03-04", 20516, .wednesday), ("2026-08-17", 20682, .monday), ("0001-01-01", -719162, .monday),
            ("2000-01-02", 10958, .sunday), ("2026-11-28", 20785, .saturday), ("2026-11-27", 20784, .friday),
            ("2026-11-24", 20781, .tuesday),
        ])
    func `a day has its number, its weekday and its text`(_ text: String, _ number: Int, _ weekday: Weekday) throws {
        let day = try #require(CalendarDay(text))
        #expect(day.number == number && day.weekday == weekday && day.description == text)
    }
}
