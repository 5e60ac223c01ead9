internal import SimpulCore

/// How long something may take.
public enum ClockSpan: Hashable, Sendable {
    /// So many seconds, through nights and holidays.
    case elapsed(seconds: Int64)
    /// So many days of office hours, as a ``WorkingCalendar`` has them.
    case workingDays(Int)

    /// The longest elapsed span: a year and a day.
    public static let longestSeconds: Int64 = 366 * 86400
    /// The most working days. Each costs a step of a loop where a time is computed.
    public static let mostWorkingDays = 60

    /// Parses `30s`, `15m`, `4h`, `3d` (a day is 24 hours) or `1wd`, a positive whole number without leading zeros; nil beyond
    /// a year and a day, or beyond 60 working days.
    public init?(_ text: String) {
        let digits = text.prefix { ("0"..."9").contains($0) }
        guard digits.count <= 6, !digits.hasPrefix("0"), let count = Int64(digits) else { return nil }
        if text.dropFirst(digits.count) == "wd" {
            guard count <= Self.mostWorkingDays else { return nil }
            self = .workingDays(Int(count))
            return
        }
        let units: [Substring: Int64] = ["s": 1, "m": 60, "h": 3600, "d": 86400]
        guard let unit = units[text.dropFirst(digits.count)], count * unit <= Self.longestSeconds else { return nil }
        self = .elapsed(seconds: count * unit)
    }
}

extension ClockSpan: CustomStringConvertible {
    /// The text that makes this span; up to three days in hours.
    public var description: String {
        switch self {
        case .workingDays(let days): "\(days)wd"
        case .elapsed(let seconds) where seconds % 86400 == 0 && seconds > 3 * 86400: "\(seconds / 86400)d"
        case .elapsed(let seconds) where seconds % 3600 == 0: "\(seconds / 3600)h"
        case .elapsed(let seconds) where seconds % 60 == 0: "\(seconds / 60)m"
        case .elapsed(let seconds): "\(seconds)s"
        }
    }
}
