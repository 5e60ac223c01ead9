internal import SimpulBroker
internal import SimpulCore

/// The clocks and the calendar of a new hub's policy, written out: the standard that a policy without them has.
enum DefaultClocks {
    /// The two sections.
    static var text: String {
        let clocks = ClockPolicy.standard
        return clocksHead + levels(clocks) + types(clocks) + cases(clocks) + rest(clocks) + calendar(clocks.calendar)
    }

    private static let clocksHead = """
        # By when whom owes what, computed once, when a message is accepted, and written into its receipt. Every row may be
        # changed; a row that is left out stays as it is here, and without the whole section so does everything. Spans are
        # 15m, 4h, 3d (a day is 24 hours) through nights and holidays, or 1wd: a day of office hours of the calendar below.
        # A sender may ask for less and never for more. docs/clocks.md has the whole table and its sources.
        #
        # acknowledge  an officer has opened it          review  the sender has looked at it again
        # decide       it is accepted or rejected        next    the sender has said how things stand
        # serve        the first service or action       basis   the law that it stands on, or: proposal
        clocks:
          # What each level gives. L1: Immediate and Extreme or Severe, or EMERGENCY_24H. L2: Expected and at least Moderate,
          # or other Immediate, or URGENT_72H. L3: the rest. About a child: one level sooner. L1 knows no calendar.
          levels:

        """

    private static func levels(_ clocks: ClockPolicy) -> String {
        clocks.levels.sorted { $0.key < $1.key }.map { level, row in
            let spans = Clock.allCases.compactMap { clock in row.spans[clock].map { "\(clock.rawValue): \($0)" } }
            return "    \(level.name): { \(spans.joined(separator: ", ")), basis: \(quoted(row.basis)) }\n"
        }.joined()
    }

    private static func types(_ clocks: ClockPolicy) -> String {
        let head = """
              # Which clocks a type has. level: whence the level comes: header, answered (that of the message that it answers),
              # L1, L2 or L3. A clock runs as its level says (level), for a span, or for the shorter of both (level 4h).
              types:

            """
        return head
            + MessageType.allCases.compactMap { type in clocks.types[type].map { line(type.rawValue, $0) } }.joined()
    }

    private static func cases(_ clocks: ClockPolicy) -> String {
        let head = """
              # Messages of a type that have other clocks; the row stands in place of the type's.
              cases:

            """
        return head
            + ClockCase.allCases.compactMap { one in clocks.cases[one].map { line(one.rawValue, $0) } }.joined()
    }

    private static func rest(_ clocks: ClockPolicy) -> String {
        let statutory = clocks.statutory.sorted { $0.key < $1.key }.map { code, row in
            "    \(code): { serve: \(row.span), basis: \(quoted(row.basis)) }\n"
        }
        return """
              # The longest that a first service may take where the header names this clock of a law.
              statutory:

            """ + statutory.joined() + """
                  # A message that goes out without consent (consentOverride): its sender looks at it again.
                  override: { review: \(clocks.override.span), basis: \(quoted(clocks.override.basis)) }

                """
    }

    private static func line(_ name: String, _ row: ClockRow) -> String {
        var members = row.level.map { ["level: \($0.text)"] } ?? []
        for clock in Clock.allCases {
            guard let amount = row.amounts[clock] else { continue }
            let parts = [amount.isOfLevel ? "level" : nil, amount.span?.description].compactMap { $0 }
            members.append("\(clock.rawValue): \(parts.joined(separator: " "))")
        }
        members.append("basis: \(quoted(row.basis))")
        return "    \(name): { \(members.joined(separator: ", ")) }\n"
    }

    private static func calendar(_ calendar: WorkingCalendar) -> String {
        let holidays = calendar.holidays.map { "    - { date: \($0.day), name: \(quoted($0.name)) }\n" }
        let weekdays = Weekday.allCases.filter(calendar.weekdays.contains).map(\.rawValue).joined(separator: ", ")
        return """
            # The office hours that a working day (wd) is counted in. Behind validThrough only weekdays are known, so a time may
            # come out too early there and never too late: write the holidays of each new year before it begins. The holidays
            # are the seventeen of the joint ministerial decree for 2026, as several newspapers and agencies printed them; its
            # eight days of joint leave (cuti bersama) are not in the list. For 2027 no decree was found.
            calendar:
              timezone: "\(offset(calendar.offsetMinutes))"
              weekdays: [\(weekdays)]
              hours: { from: "\(time(calendar.hours.lowerBound))", to: "\(time(calendar.hours.upperBound))" }
              validThrough: \(calendar.validThrough)
              basis: \(quoted(calendar.basis))
              holidays:

            """ + holidays.joined()
    }

    private static func quoted(_ text: String) -> String { "\"\(text)\"" }

    private static func offset(_ minutes: Int) -> String { (minutes < 0 ? "-" : "+") + time(abs(minutes)) }

    private static func time(_ minutes: Int) -> String { "\(padded(minutes / 60)):\(padded(minutes % 60))" }

    private static func padded(_ number: Int) -> String { (number < 10 ? "0" : "") + String(number) }
}
