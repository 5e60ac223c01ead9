internal import SimpulCore
internal import StrictJSON

/// What stands behind `if` in the schemas of messages: something of the same object decides what else must hold.
indirect enum Condition: Equatable, Sendable {
    /// These members are there (`required`).
    case given([String])
    /// A member, where it is there, meets a condition (`properties`).
    case member(String, Condition)
    /// Every entry of a list meets a condition (`items`).
    case everyEntry(Condition)
    /// The value is one of these (`const`, `enum`).
    case oneOf([JSON])
    case not(Condition)
    case all([Condition])

    /// Reads the schema behind `if`; nil where it uses more than the messages' schemas do.
    /// - Parameter depth: how many schemas inside each other are read.
    init?(_ schema: JSONValue, depth: Int = 8) {
        guard depth > 0, schema.kind == .object else { return nil }
        var conditions: [Condition] = []
        for member in schema.members {
            switch member.name.string {
            case "required": conditions.append(.given(member.value.elements.compactMap(\.string)))
            case "const": conditions.append(.oneOf([JSON(member.value)]))
            case "enum": conditions.append(.oneOf(member.value.elements.map { JSON($0) }))
            case "properties":
                for property in member.value.members {
                    guard let name = property.name.string, let inner = Condition(property.value, depth: depth - 1)
                    else { return nil }
                    conditions.append(.member(name, inner))
                }
            case "items", "not":
                guard let inner = Condition(member.value, depth: depth - 1) else { return nil }
                conditions.append(member.name.isString("not") ? .not(inner) : .everyEntry(inner))
            default: return nil
            }
        }
        self = conditions.count == 1 ? conditions[0] : .all(conditions)
    }

    /// Whether it holds for what is known of the value.
    /// - Parameter refused: members of the value that can never be added.
    func finding(for value: Known, refused: Set<String> = []) -> Finding {
        switch self {
        case .given(let names):
            guard case .object = value else { return Finding(holds: true, isSettled: false) }
            let absent = names.filter { value[$0] == nil }
            return Finding(
                holds: absent.isEmpty, isSettled: absent.isEmpty || !refused.isDisjoint(with: absent))
        case .member(let name, let condition):
            guard case .object = value else { return Finding(holds: true, isSettled: false) }
            guard let member = value[name] else { return Finding(holds: true, isSettled: refused.contains(name)) }
            return condition.finding(for: member)
        case .everyEntry(let condition):
            guard case .array(let elements) = value else { return Finding(holds: true, isSettled: false) }
            let all = elements.map { condition.finding(for: $0) }.reduce(Finding(holds: true, isSettled: false)) {
                $0.and($1)
            }
            return all
        case .oneOf(let values):
            if case .open = value { return .open }
            guard case .scalar(let scalar) = value else { return Finding(holds: false, isSettled: true) }
            return Finding(holds: values.contains { $0.bytes == scalar.bytes }, isSettled: true)
        case .not(let condition):
            let inner = condition.finding(for: value, refused: refused)
            return Finding(holds: inner.holds.map { !$0 }, isSettled: inner.isSettled)
        case .all(let conditions):
            return conditions.map { $0.finding(for: value, refused: refused) }
                .reduce(Finding(holds: true, isSettled: true)) { $0.and($1) }
        }
    }

    /// The condition, or its contrary, as the end of a sentence: "audience is public". Names members and what the schema
    /// says, never what a message says.
    func text(holds: Bool) -> LocalizedText { text(holds: holds, path: "", entries: nil) }

    private func text(holds: Bool, path: String, entries: LocalizedText?) -> LocalizedText {
        func named(_ name: String) -> String { path.isEmpty ? name : "\(path)/\(name)" }
        switch self {
        case .given(let names):
            let list = names.map(named).joined(separator: ", ")
            return holds
                ? LocalizedText("\(list) is given", "\(list) diisi")
                : LocalizedText("\(list) is not given", "\(list) tidak diisi")
        case .member(let name, let condition):
            return condition.text(holds: holds, path: named(name), entries: entries)
        case .everyEntry(let condition):
            let which =
                holds
                ? LocalizedText(" in every entry", " dalam setiap entri")
                : LocalizedText(" in an entry", " dalam suatu entri")
            return condition.text(holds: holds, path: path, entries: which)
        case .oneOf(let values): return Self.text(values, holds: holds, path: path) + (entries ?? .empty)
        case .not(let condition): return condition.text(holds: !holds, path: path, entries: entries)
        case .all(let conditions):
            return conditions.map { $0.text(holds: holds, path: path, entries: entries) }
                .joined(holds ? LocalizedText(" and ", " dan ") : LocalizedText(" or ", " atau "))
        }
    }

    private static func text(_ values: [JSON], holds: Bool, path: String) -> LocalizedText {
        let words = values.map(\.plainText)
        switch (holds, words.count) {
        case (true, 1): return LocalizedText("\(path) is \(words[0])", "\(path) berisi \(words[0])")
        case (false, 1): return LocalizedText("\(path) is not \(words[0])", "\(path) bukan \(words[0])")
        case (true, _):
            return LocalizedText(
                "\(path) is one of \(words.joined(separator: ", "))",
                "\(path) berisi salah satu dari \(words.joined(separator: ", "))")
        case (false, _):
            return LocalizedText(
                "\(path) is none of \(words.joined(separator: ", "))",
                "\(path) bukan salah satu dari \(words.joined(separator: ", "))")
        }
    }
}

extension JSON {
    /// A code or a constant as it is read by people: a string without its quotation marks.
    var plainText: String {
        guard case .string(let text) = self else { return text }
        return text
    }
}

extension LocalizedText {
    static let empty = LocalizedText("", "")

    static func + (one: LocalizedText, other: LocalizedText) -> LocalizedText {
        LocalizedText(one.english + other.english, one.indonesian + other.indonesian)
    }
}

extension [LocalizedText] {
    func joined(_ separator: LocalizedText) -> LocalizedText {
        LocalizedText(
            map(\.english).joined(separator: separator.english),
            map(\.indonesian).joined(separator: separator.indonesian))
    }
}
