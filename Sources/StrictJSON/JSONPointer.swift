/// A place inside a JSON value (RFC 6901), in its string form: `""` is the whole, `/body/persons/0` a part.
public struct JSONPointer: Sendable {
    /// The reference tokens, unescaped.
    public var tokens: [String]

    /// The pointer with those tokens; none means the whole value.
    public init(_ tokens: [String] = []) { self.tokens = tokens }

    /// Parses the string form; nil where it does not start with `/` (or is not empty) or holds a bad escape.
    public init?(parsing text: String) {
        if text.isEmpty {
            tokens = []
            return
        }
        guard text.utf8.first == UInt8(ascii: "/") else { return nil }
        var tokens: [String] = []
        for part in text.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let token = Self.unescape(part) else { return nil }
            tokens.append(token)
        }
        self.tokens = tokens
    }

    /// This pointer and one more token.
    public func appending(_ token: String) -> JSONPointer { JSONPointer(tokens + [token]) }

    /// This pointer and one more array index.
    public func appending(_ index: Int) -> JSONPointer { appending(String(index)) }

    static func arrayIndex(_ token: String) -> Int? {
        guard token == "0" || token.utf8.first != UInt8(ascii: "0") else { return nil }
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 &- UInt8(ascii: "0") < 10 }) else { return nil }
        return Int(token)
    }

    private static func unescape(_ part: Substring.UTF8View) -> String? {
        var result: [UInt8] = []
        var rest = part[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "~") else {
                result.append(byte)
                continue
            }
            switch rest.popFirst() {
            case UInt8(ascii: "0"): result.append(UInt8(ascii: "~"))
            case UInt8(ascii: "1"): result.append(UInt8(ascii: "/"))
            default: return nil
            }
        }
        return String(decoding: result, as: UTF8.self)
    }
}

extension JSONPointer: Hashable {
    /// Equal when the tokens are, octet by octet: names that only Unicode normalisation makes equal are different names
    /// (RFC 6901 §4).
    public static func == (one: JSONPointer, other: JSONPointer) -> Bool {
        one.tokens.elementsEqual(other.tokens) { $0.utf8.elementsEqual($1.utf8) }
    }

    /// Feeds what ``==(_:_:)`` compares.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(tokens.count)
        for token in tokens {
            hasher.combine(token.utf8.count)
            for byte in token.utf8 { hasher.combine(byte) }
        }
    }
}

extension JSONPointer: CustomStringConvertible {
    /// The string form, with `~` and `/` inside tokens escaped.
    public var description: String {
        tokens.map { token in
            let isPlain = token.utf8.allSatisfy { $0 != UInt8(ascii: "~") && $0 != UInt8(ascii: "/") }
            if isPlain { return "/" + token }
            var text = "/"
            for character in token.unicodeScalars {
                switch character {
                case "~": text += "~0"
                case "/": text += "~1"
                default: text.unicodeScalars.append(character)
                }
            }
            return text
        }.joined()
    }
}
