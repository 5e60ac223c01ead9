/// A moment, in milliseconds since 1970-01-01T00:00:00Z. Its text is RFC 3339; an offset is required when it is read.
public struct Timestamp: Hashable, Sendable {
    /// Milliseconds since 1970-01-01T00:00:00Z.
    public var milliseconds: Int64

    /// That many milliseconds since 1970-01-01T00:00:00Z.
    public init(milliseconds: Int64) { self.milliseconds = milliseconds }

    /// 1970-01-01T00:00:00Z.
    public static let epoch = Timestamp(milliseconds: 0)

    /// Seconds since 1970-01-01T00:00:00Z, rounded down.
    public var seconds: Int64 { (milliseconds >= 0 ? milliseconds : milliseconds - 999) / 1000 }

    /// Parses RFC 3339 with offset; digits of a second beyond the third are dropped, a leap second counts as the next.
    public init?(_ text: String) {
        var reader = Reader(Array(text.utf8))
        guard let year = reader.digits(4), reader.take("-"), let month = reader.digits(2), reader.take("-"),
            let day = reader.digits(2), reader.takeAny("Tt"), let hour = reader.digits(2), reader.take(":"),
            let minute = reader.digits(2), reader.take(":"), let second = reader.digits(2)
        else { return nil }
        guard (1...12).contains(month), day >= 1, day <= CalendarDay.days(in: month, of: year), hour < 24, minute < 60,
            second <= 60
        else { return nil }
        guard let milliseconds = reader.fraction(), let offset = reader.offsetMinutes(), reader.isAtEnd else {
            return nil
        }
        let seconds = CalendarDay(year: year, month: month, day: day).number * 86400 + (hour - offset / 60) * 3600
        let rest = (minute - offset % 60) * 60 + second
        self.milliseconds = Int64(seconds + rest) * 1000 + Int64(milliseconds)
    }

    /// This moment and that many milliseconds.
    public func advanced(bySeconds seconds: Int64) -> Timestamp {
        Timestamp(milliseconds: milliseconds + seconds * 1000)
    }
}

extension Timestamp: Comparable, CustomStringConvertible {
    /// Earlier comes first.
    public static func < (one: Timestamp, other: Timestamp) -> Bool { one.milliseconds < other.milliseconds }

    /// RFC 3339 in UTC with milliseconds: `2026-03-04T14:14:05.000Z`. Years have four digits at the least.
    public var description: String {
        let days = (milliseconds >= 0 ? milliseconds : milliseconds - 86_399_999) / 86_400_000
        let rest = Int(milliseconds - days * 86_400_000)
        let date = CalendarDay(number: Int(days)).civil
        guard (0...9999).contains(date.year) else { return "\(date.year)" + Self.text(date, rest).dropFirst(4) }
        return Self.text(date, rest)
    }

    /// One allocation: a receipt has several times, and thousands of receipts are made in a second.
    private static func text(_ date: (year: Int, month: Int, day: Int), _ rest: Int) -> String {
        String(unsafeUninitializedCapacity: 24) { octets in
            var end = 0
            func put(_ value: Int, _ width: Int, _ mark: Unicode.Scalar) {
                var left = value
                for index in stride(from: end + width - 1, through: end, by: -1) {
                    octets[index] = UInt8(ascii: "0") + UInt8(left.magnitude % 10)
                    left /= 10
                }
                octets[end + width] = UInt8(ascii: mark)
                end += width + 1
            }
            put(date.year, 4, "-")
            put(date.month, 2, "-")
            put(date.day, 2, "T")
            put(rest / 3_600_000, 2, ":")
            put(rest / 60_000 % 60, 2, ":")
            put(rest / 1000 % 60, 2, ".")
            put(rest % 1000, 3, "Z")
            return end
        }
    }
}

private struct Reader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }

    var isAtEnd: Bool { rest.isEmpty }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard rest.first == UInt8(ascii: character) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func takeAny(_ characters: String) -> Bool {
        guard let first = rest.first, characters.utf8.contains(first) else { return false }
        rest.removeFirst()
        return true
    }

    mutating func digits(_ count: Int) -> Int? {
        guard rest.count >= count else { return nil }
        var value = 0
        for _ in 0..<count {
            guard let digit = digit() else { return nil }
            value = value * 10 + digit
        }
        return value
    }

    private mutating func digit() -> Int? {
        guard let byte = rest.first, byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { return nil }
        rest.removeFirst()
        return Int(byte - UInt8(ascii: "0"))
    }

    /// Milliseconds of an optional `.digits`; nil where no digit follows the dot.
    mutating func fraction() -> Int? {
        guard take(".") else { return 0 }
        guard let first = digit() else { return nil }
        var (value, scale) = (first * 100, 10)
        while let next = digit() {
            value += next * scale
            scale /= 10
        }
        return value
    }

    mutating func offsetMinutes() -> Int? {
        if takeAny("Zz") { return 0 }
        let negative: Bool
        if take("+") { negative = false } else if take("-") { negative = true } else { return nil }
        guard let hours = digits(2), take(":"), let minutes = digits(2), hours < 24, minutes < 60 else { return nil }
        return (negative ? -1 : 1) * (hours * 60 + minutes)
    }
}
