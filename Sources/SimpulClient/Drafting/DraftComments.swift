internal import StrictJSON

/// Comments in drafts that people write by hand: from `//` to the end of the line, outside of strings.
///
/// Such a draft is JSON once its comments are gone, and only that: there are no other comments, and a comma after the
/// last member stays a fault. What goes over the wire is strict JSON as ever.
public enum DraftComments {
    /// How the name of a file ends that may have comments.
    public static let suffix = ".jsonc"

    /// The text with a space for every octet of a comment, so that lines, columns and offsets stay what they were.
    /// Whether the rest is JSON is for the parser to say. Takes linear time.
    public static func blanked(_ bytes: [UInt8]) -> [UInt8] {
        var (result, state) = (bytes, State.value)
        for (index, byte) in bytes.enumerated() {
            switch (state, byte) {
            case (.value, UInt8(ascii: "\"")): state = .string
            case (.value, UInt8(ascii: "/")) where index + 1 < bytes.count && bytes[index + 1] == byte:
                state = .comment
                result[index] = UInt8(ascii: " ")
            case (.string, UInt8(ascii: "\"")): state = .value
            case (.string, UInt8(ascii: "\\")): state = .escape
            case (.escape, _): state = .string
            case (.comment, UInt8(ascii: "\n")): state = .value
            case (.comment, UInt8(ascii: "\r")): break
            case (.comment, _): result[index] = UInt8(ascii: " ")
            default: break
            }
        }
        return result
    }

    private enum State { case value, string, escape, comment }
}
