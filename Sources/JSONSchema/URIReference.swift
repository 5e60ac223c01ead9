/// A URI reference taken apart, and put together against a base (RFC 3986 §5). It takes every text: what is allowed
/// in each part is the business of the formats.
struct URIReference: Hashable, Sendable {
    var scheme: String?
    var authority: String?
    var path: String
    var query: String?
    var fragment: String?

    /// Takes a text apart as RFC 3986 appendix B does.
    init(_ text: String) {
        var rest = text.utf8[...]
        func string(_ part: Substring.UTF8View) -> String { String(Substring(part)) }
        if let hash = rest.firstIndex(of: UInt8(ascii: "#")) {
            fragment = string(rest[rest.index(after: hash)...])
            rest = rest[..<hash]
        }
        if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
            query = string(rest[rest.index(after: mark)...])
            rest = rest[..<mark]
        }
        if let end = rest.firstIndex(where: { $0.isOne(of: ":/") }), rest[end] == UInt8(ascii: ":"),
            rest.first?.isLetter == true
        {
            scheme = string(rest[..<end])
            rest = rest[rest.index(after: end)...]
        }
        if rest.starts(with: "//".utf8) {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
            authority = string(rest[..<end])
            rest = rest[end...]
        }
        path = string(rest)
    }

    /// The text without its fragment.
    var withoutFragment: String {
        var copy = self
        copy.fragment = nil
        return copy.text
    }

    var text: String {
        var text = scheme.map { $0 + ":" } ?? ""
        if let authority { text += "//" + authority }
        text += path
        if let query { text += "?" + query }
        if let fragment { text += "#" + fragment }
        return text
    }

    /// What this reference means inside a document with that base (§5.2.2).
    func resolved(against base: URIReference) -> URIReference {
        var target = self
        if scheme == nil {
            target.scheme = base.scheme
            if authority == nil {
                target.authority = base.authority
                if path.isEmpty {
                    target.path = base.path
                    target.query = query ?? base.query
                    return target
                }
                if path.utf8.first != Self.slash { target.path = merged(with: base) }
            }
        }
        target.path = Self.removeDotSegments(target.path)
        return target
    }

    private func merged(with base: URIReference) -> String {
        if base.authority != nil && base.path.isEmpty { return "/" + path }
        guard let slash = base.path.utf8.lastIndex(of: Self.slash) else { return path }
        return base.path[...slash] + path
    }

    /// By octets, for a combining mark after a slash would make it another character.
    private static func removeDotSegments(_ path: String) -> String {
        guard path.utf8.contains(UInt8(ascii: ".")) else { return path }
        let isAbsolute = path.utf8.first == slash
        var output: [Substring] = []
        let segments = path.utf8.dropFirst(isAbsolute ? 1 : 0).split(separator: slash, omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch Substring(segment) {
            case ".", "..":
                if segment.count == 2, !output.isEmpty { output.removeLast() }
                if isLast { output.append("") }
            case let other: output.append(other)
            }
        }
        return (isAbsolute ? "/" : "") + output.joined(separator: "/")
    }

    /// A text as a fragment (§3.5): every octet that may not stand there is escaped.
    static func encode(_ text: String) -> String {
        var result: [UInt8] = []
        for byte in text.utf8 {
            if byte.isLetter || byte.isDigit || byte.isOne(of: "-._~!$&'()*+,;=:@/?") {
                result.append(byte)
            } else {
                let hex = Array("0123456789ABCDEF".utf8)
                result += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static let slash = UInt8(ascii: "/")

    /// Undoes percent escapes; nil where one is malformed or the result is not UTF-8.
    static func decode(_ text: String) -> String? {
        var result: [UInt8] = []
        var scanner = Scanner(Array(text.utf8)[...])
        while let byte = scanner.next() {
            guard byte == UInt8(ascii: "%") else {
                result.append(byte)
                continue
            }
            guard let high = scanner.next(), let low = scanner.next(), high.isHexDigit, low.isHexDigit,
                let value = UInt8(String(decoding: [high, low], as: UTF8.self), radix: 16)
            else { return nil }
            result.append(value)
        }
        return String(validating: result, as: UTF8.self)
    }
}
