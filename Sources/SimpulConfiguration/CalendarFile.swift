internal import SimpulBroker
internal import SimpulCore
internal import StrictYAML

/// Reads the section `calendar` of the policy file. It stands in place of the whole standard calendar.
enum CalendarFile {
    static func read(_ node: YAMLNode) -> WorkingCalendar? {
        node.map { map in
            let offset = map.required("timezone")?.value("an offset such as \"+07:00\"", offsetMinutes)
            let weekdays = map.required("weekdays")?.list(atLeast: 1, atMost: 7) { day in
                day.value("a weekday from monday to sunday", Weekday.init(rawValue:))
            }
            let hours = map.required("hours")?.map(hours)
            let place = map.required("validThrough")
            let validThrough = place?.value("a date such as 2026-12-31", CalendarDay.init)
            var days: Set<CalendarDay> = []
            let holidays = map.required("holidays")?.list(atMost: WorkingCalendar.mostHolidays) { node in
                node.map { holiday($0, &days, atMost: validThrough) }
            }
            let basis = map.basis()
            guard let offset, let weekdays, let hours, let validThrough, let holidays, let basis else { return nil }
            // A repeated or late holiday has left its fault, so nothing is left that the calendar could refuse.
            return WorkingCalendar(
                offsetMinutes: offset, weekdays: Set(weekdays), hours: hours, holidays: holidays,
                validThrough: validThrough, basis: basis)
        }
    }

    private static func hours(_ map: YAMLMap) -> Range<Int>? {
        let from = map.required("from")?.value("a time of day such as \"07:30\"") { minutes($0[...]) }
        let to = map.required("to")?.value("a time of day such as \"16:00\"") { minutes($0[...]) }
        guard let from, let to else { return nil }
        guard from < to else {
            map.fault("the hours must end later than they begin, on the same day")
            return nil
        }
        return from..<to
    }

    private static func holiday(
        _ map: YAMLMap, _ days: inout Set<CalendarDay>, atMost last: CalendarDay?
    ) -> WorkingCalendar.Holiday? {
        let place = map.required("date")
        let day = place?.value("a date such as 2026-08-17", CalendarDay.init)
        let name = map.required("name")?.shortText()
        guard let day, let name else { return nil }
        if let last, day > last {
            place?.fault("this is later than validThrough")
            return nil
        }
        guard days.insert(day).inserted else {
            place?.fault("another holiday has this date")
            return nil
        }
        return WorkingCalendar.Holiday(day, name)
    }

    /// `+07:00`, at most 14 hours.
    private static func offsetMinutes(_ text: String) -> Int? {
        guard let sign = text.first, sign == "+" || sign == "-", let offset = minutes(text.dropFirst()), offset <= 840
        else { return nil }
        return sign == "-" ? -offset : offset
    }

    /// Minutes since midnight of `07:30`; `24:00` is the end of the day.
    private static func minutes(_ text: Substring) -> Int? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 2,
            parts.allSatisfy({ $0.utf8.count == 2 && $0.allSatisfy { ("0"..."9").contains($0) } }),
            let hour = Int(parts[0]), let minute = Int(parts[1]), minute < 60, hour * 60 + minute <= 1440
        else { return nil }
        return hour * 60 + minute
    }
}
