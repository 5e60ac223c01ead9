internal import SimpulBroker
internal import SimpulCore
internal import StrictYAML

/// Reads the section `clocks` of the policy file: each row that it has stands in place of the same row of the standard,
/// and every other row stays as it is.
enum ClocksFile {
    static func read(_ node: YAMLNode, calendar: WorkingCalendar) -> ClockPolicy? {
        node.map { map in
            var policy = ClockPolicy.standard
            policy.calendar = calendar
            rows(of: map.optional("levels"), "a level: L1, L2 or L3", ClockLevel.init) {
                policy.levels[$0] = levelRow($1, of: $0)
            }
            let types = MessageType.allCases.map(\.rawValue).joined(separator: ", ")
            rows(of: map.optional("types"), "one of \(types)", MessageType.init(rawValue:)) {
                policy.types[$0] = clockRow($1)
            }
            let cases = ClockCase.allCases.map(\.rawValue).joined(separator: ", ")
            rows(of: map.optional("cases"), "one of \(cases)", ClockCase.init(rawValue:)) {
                policy.cases[$0] = clockRow($1)
            }
            rows(of: map.optional("statutory"), "a statutory code such as UU21-52", isStatutory) {
                policy.statutory[$0] = capRow($1, of: .serve)
            }
            if policy.statutory.count > ClockPolicy.mostStatutoryCodes {
                map.fault("there may be at most \(ClockPolicy.mostStatutoryCodes) statutory codes")
            }
            if let escalation = map.optional("escalation").flatMap(EscalationFile.read) {
                policy.escalation = escalation
            }
            if let row = map.optional("override")?.map({ capRow($0, of: .review) }) { policy.override = row }
            return policy
        }
    }

    /// Maps whose keys are codes; a key that is none is a fault, and so is a row that cannot be read.
    private static func rows<Key>(
        of node: YAMLNode?, _ expected: String, _ key: (String) -> Key?, _ row: (Key, YAMLMap) -> Void
    ) {
        _ = node?.map { map in
            for (name, at, value) in map.entries {
                guard let key = key(name) else {
                    at.fault("expected \(expected)")
                    continue
                }
                _ = value.map { row(key, $0) }
            }
        }
    }

    private static func levelRow(_ map: YAMLMap, of level: ClockLevel) -> ClockPolicy.LevelRow? {
        var spans: [Clock: ClockSpan] = [:]
        for clock in Clock.allCases where clock != .review {
            let place = map.required(clock.rawValue)
            guard let span = place?.span() else { continue }
            if level == .first, case .workingDays = span { place?.fault("L1 knows no calendar; write it in m, h or d") }
            spans[clock] = span
        }
        guard let basis = map.basis() else { return nil }
        return ClockPolicy.LevelRow(spans, basis: basis)
    }

    private static func capRow(_ map: YAMLMap, of clock: Clock) -> ClockPolicy.CapRow? {
        let span = map.required(clock.rawValue)?.span()
        guard let basis = map.basis(), let span else { return nil }
        return ClockPolicy.CapRow(span, basis: basis)
    }

    private static func clockRow(_ map: YAMLMap) -> ClockRow? {
        let level = map.optional("level")?.value("header, answered, L1, L2 or L3", ClockRow.LevelSource.init)
        var amounts: [Clock: ClockRow.Amount] = [:]
        for clock in Clock.allCases {
            guard let place = map.optional(clock.rawValue), let amount = place.amount() else { continue }
            if amount.isOfLevel && level == nil { place.fault("the row has no level; write level: header, or a span") }
            if amount.isOfLevel && clock == .review { place.fault("no level has a review; write a span") }
            amounts[clock] = amount
        }
        guard let basis = map.basis() else { return nil }
        return ClockRow(level, amounts, basis: basis)
    }

    /// As `schemas/common/1.json` has it: capital letters and digits, a hyphen, digits.
    private static func isStatutory(_ text: String) -> String? {
        let parts = text.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...3).contains(parts[1].utf8.count), parts[1].allSatisfy({ ("0"..."9").contains($0) })
        else { return nil }
        let letters = parts[0].prefix { ("A"..."Z").contains($0) }
        let digits = parts[0].dropFirst(letters.count)
        guard (2...6).contains(letters.utf8.count), (1...3).contains(digits.utf8.count),
            digits.allSatisfy({ ("0"..."9").contains($0) })
        else { return nil }
        return text
    }
}

extension ClockRow.LevelSource {
    /// What the file says.
    var text: String {
        switch self {
        case .header: "header"
        case .answered: "answered"
        case .fixed(let level): level.name
        }
    }

    init?(_ text: String) {
        switch text {
        case "header": self = .header
        case "answered": self = .answered
        default:
            guard let level = ClockLevel(text) else { return nil }
            self = .fixed(level)
        }
    }
}

extension YAMLMap {
    /// What a row stands on.
    func basis() -> String? { required("basis")?.value("at most 500 characters") { $0.count <= 500 ? $0 : nil } }
}

extension YAMLNode {
    fileprivate func span() -> ClockSpan? {
        value("a span such as 15m, 4h, 3d or 1wd, at most 366d or 60wd", ClockSpan.init)
    }

    /// `level`, a span, or both with a space between them: whichever is sooner.
    fileprivate func amount() -> ClockRow.Amount? {
        value("level, a span such as 15m, 4h, 3d or 1wd, or both, as in: level 4h") { text in
            if text == "level" { return .level }
            guard text.hasPrefix("level ") else { return ClockSpan(text).map { .span($0) } }
            return ClockSpan(String(text.dropFirst("level ".count))).map { .level(atMost: $0) }
        }
    }
}
