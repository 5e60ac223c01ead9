/// RFC 3339 §5.6 `date-time`; a leap second only where UTC can have one: 23:59:60 on the last day of a month (§5.7).
func isDateTime(_ text: ArraySlice<UInt8>) -> Bool {
    var scanner = Scanner(text)
    guard let date = scanDate(&scanner), scanner.next()?.lowercased == UInt8(ascii: "t"),
        let time = scanTime(&scanner), scanner.isAtEnd
    else { return false }
    return !time.isLeapSecond || date.isMonthEnd(daysLater: time.daysToUTC)
}

/// RFC 3339 §5.6 `full-date`, on the Gregorian calendar.
func isDate(_ text: ArraySlice<UInt8>) -> Bool {
    var scanner = Scanner(text)
    return scanDate(&scanner) != nil && scanner.isAtEnd
}

/// RFC 3339 §5.6 `full-time`; a leap second only at 23:59:60 UTC.
func isTime(_ text: ArraySlice<UInt8>) -> Bool {
    var scanner = Scanner(text)
    return scanTime(&scanner) != nil && scanner.isAtEnd
}

private struct DayOfMonth {
    var day: Int
    var lastDay: Int

    /// - Parameter days: -1, 0 or 1.
    func isMonthEnd(daysLater days: Int) -> Bool {
        days < 0 ? day == 1 : day + days == lastDay
    }
}

private struct TimeOfDay {
    var isLeapSecond: Bool
    /// How many days the date in UTC is after the local one: -1, 0 or 1.
    var daysToUTC: Int
}

private func scanDate(_ scanner: inout Scanner) -> DayOfMonth? {
    guard let year = scanner.number(digits: 4), scanner.take("-"), let month = scanner.number(digits: 2),
        scanner.take("-"), let day = scanner.number(digits: 2), (1...12).contains(month)
    else { return nil }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let lastDay = month == 2 ? (isLeap ? 29 : 28) : [4, 6, 9, 11].contains(month) ? 30 : 31
    return (1...lastDay).contains(day) ? DayOfMonth(day: day, lastDay: lastDay) : nil
}

private func scanTime(_ scanner: inout Scanner) -> TimeOfDay? {
    guard let hour = scanner.number(digits: 2), scanner.take(":"), let minute = scanner.number(digits: 2),
        scanner.take(":"), let second = scanner.number(digits: 2), hour < 24, minute < 60, second <= 60
    else { return nil }
    if scanner.take("."), scanner.take(where: \.isDigit).isEmpty { return nil }
    guard let offset = scanOffset(&scanner) else { return nil }
    let minutes = hour * 60 + minute - offset
    let days = minutes < 0 ? -1 : minutes / 1440
    guard second < 60 || minutes - days * 1440 == 1439 else { return nil }
    return TimeOfDay(isLeapSecond: second == 60, daysToUTC: days)
}

/// Minutes that local time is ahead of UTC.
private func scanOffset(_ scanner: inout Scanner) -> Int? {
    let sign = scanner.next() ?? 0
    if sign.lowercased == UInt8(ascii: "z") { return 0 }
    guard sign.isOne(of: "+-"), let hours = scanner.number(digits: 2), scanner.take(":"),
        let minutes = scanner.number(digits: 2), hours < 24, minutes < 60
    else { return nil }
    return (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 60 + minutes)
}

/// RFC 3339 appendix A `duration`: units in order, none left out between two, weeks alone. Letters are of either case,
/// as in every ABNF grammar (RFC 5234 §2.3).
func isDuration(_ text: ArraySlice<UInt8>) -> Bool {
    var scanner = Scanner(text)
    guard scanner.next()?.lowercased == UInt8(ascii: "p") else { return false }
    if scanner.peek?.lowercased != UInt8(ascii: "t") {
        guard let unit = scanUnits(&scanner, "ymdw") else { return false }
        if unit == UInt8(ascii: "w") || scanner.isAtEnd { return scanner.isAtEnd }
    }
    return scanner.next()?.lowercased == UInt8(ascii: "t") && scanUnits(&scanner, "hms") != nil && scanner.isAtEnd
}

/// At least one number with its unit; each further unit directly follows its predecessor in the list.
/// - Returns: the last unit.
private func scanUnits(_ scanner: inout Scanner, _ units: StaticString) -> UInt8? {
    var last: Int?
    return units.withUTF8Buffer { units in
        while scanner.peek?.isDigit == true {
            _ = scanner.take(where: \.isDigit)
            guard let unit = scanner.next()?.lowercased, let index = units.firstIndex(of: unit) else { return nil }
            if let last, index != last + 1 || unit == UInt8(ascii: "w") { return nil }
            last = index
        }
        return last.map { units[$0] }
    }
}
