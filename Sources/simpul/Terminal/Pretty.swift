import StrictJSON

/// JSON for people: one member a line, indented.
enum Pretty {
    /// JSON text over several lines.
    static func json(_ value: JSON, indent: String = "") -> String {
        switch value {
        case .array(let elements) where !elements.isEmpty:
            return list(elements.map { json($0, indent: indent + "  ") }, "[", "]", indent)
        case .object(let members) where !members.isEmpty:
            let lines = members.map { JSON.string($0.name).text + ": " + json($0.value, indent: indent + "  ") }
            return list(lines, "{", "}", indent)
        default: return value.text
        }
    }

    /// `name: value` lines without quotation marks and braces, for documents that are read and not copied.
    static func outline(_ value: JSON, indent: String = "") -> String {
        switch value {
        case .object(let members):
            members.map { "\(indent)\($0.name):\(tail($0.value, indent: indent))" }.joined(separator: "\n")
        case .array(let elements):
            elements.map { "\(indent)-\(tail($0, indent: indent))" }.joined(separator: "\n")
        case .string(let text): indent + text
        default: indent + value.text
        }
    }

    private static func tail(_ value: JSON, indent: String) -> String {
        switch value {
        case .object(let members): members.isEmpty ? " {}" : "\n" + outline(value, indent: indent + "  ")
        case .array(let elements): elements.isEmpty ? " []" : "\n" + outline(value, indent: indent + "  ")
        default: " " + outline(value)
        }
    }

    private static func list(_ lines: [String], _ open: String, _ close: String, _ indent: String) -> String {
        "\(open)\n" + lines.map { "\(indent)  \($0)" }.joined(separator: ",\n") + "\n\(indent)\(close)"
    }
}
