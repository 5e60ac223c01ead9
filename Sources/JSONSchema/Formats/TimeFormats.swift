/// RFC 3339 §5.6 `date-time`; a leap second only where UTC has one (23:59:60).
func isDateTime(_ text: ArraySlice<UInt8>) -> Bool {
    var scanner = Scanner(text)
    guard scanDate(&scanner), scanner.next().map({ $0 | 0x20 }) == UInt8(ascii: "t") else { return false }
    return isTime(scanner.rest)
}

/// RFC 3339 §5.6 `full-date`, on the Gregorian calendar.
func isDate(_ text: ArraySlice<UInt8>) -> Bool {
    var scanner = Scanner(text)
    return scanDate(&scanner) && scanner.isAtEnd
}

private func scanDate(_ scanner: inout Scanner) -> Bool {
    guard let year = scanner.number(digits: 4), scanner.take("-"), let month = scanner.number(digits: 2),
        scanner.take("-"), let day = scanner.number(digits: 2)
    else { return false }
    let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
    let days = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
    return (1...12).contains(month) && day >= 1 && day <= days[month - 1]
}

/// RFC 3339 §5.6 `full-time`.
func isTime(_ text: ArraySlice<UInt8>) -> Bool {
    var scanner = Scanner(text)
    guard let hour = scanner.number(digits: 2), scanner.take(":"), let minute = scanner.number(digits: 2),
        scanner.take(":"), let second = scanner.number(digits: 2), hour < 24, minute < 60, second <= 60
    else { return false }
    if scanner.take("."), scanner.take(where: \.isDigit).isEmpty { return false }
    guard let offset = scanOffset(&scanner), scanner.isAtEnd else { return false }
    let minuteOfDay = (hour * 60 + minute - offset + 2 * 1440) % 1440
    return second < 60 || minuteOfDay == 1439
}

/// Minutes that local time is ahead of UTC.
private func scanOffset(_ scanner: inout Scanner) -> Int? {
    let sign = scanner.next() ?? 0
    if sign | 0x20 == UInt8(ascii: "z") { return 0 }
    guard sign.isOne(of: "+-"), let hours = scanner.number(digits: 2), scanner.take(":"),
        let minutes = scanner.number(digits: 2), hours < 24, minutes < 60
    else { return nil }
    return (sign == UInt8(ascii: "-") ? -1 : 1) * (hours * 60 + minutes)
}

/// RFC 3339 appendix A `duration`: units in order, none left out between two, weeks alone.
func isDuration(_ text: ArraySlice<UInt8>) -> Bool {
    var scanner = Scanner(text)
    guard scanner.take("P") else { return false }
    if scanner.peek != UInt8(ascii: "T") {
        guard let unit = scanUnits(&scanner, "YMDW") else { return false }
        if unit == UInt8(ascii: "W") || scanner.isAtEnd { return scanner.isAtEnd }
    }
    return scanner.take("T") && scanUnits(&scanner, "HMS") != nil && scanner.isAtEnd
}

/// At least one number with its unit; each further unit directly follows its predecessor in the list.
/// - Returns: the last unit.
private func scanUnits(_ scanner: inout Scanner, _ units: StaticString) -> UInt8? {
    var last: Int?
    return units.withUTF8Buffer { units in
        while scanner.peek?.isDigit == true {
            _ = scanner.take(where: \.isDigit)
            guard let unit = scanner.next(), let index = units.firstIndex(of: unit) else { return nil }
            if let last, index != last + 1 || unit == UInt8(ascii: "W") { return nil }
            last = index
        }
        return last.map { units[$0] }
    }
}
