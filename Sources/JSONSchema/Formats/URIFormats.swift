/// RFC 3986 §3 and §4.1, and RFC 3987 §2.2 where international. Hosts follow the grammar, which asks for no host name.
func isURI(_ text: ArraySlice<UInt8>, international: Bool, needsScheme: Bool) -> Bool {
    let characters = URICharacters(isInternational: international)
    var rest = text
    if let hash = rest.firstIndex(of: UInt8(ascii: "#")) {
        guard characters.fill(rest[(hash + 1)...], and: ":@/?") else { return false }
        rest = rest[..<hash]
    }
    if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
        guard characters.fill(rest[(mark + 1)...], and: ":@/?", allowsPrivate: true) else { return false }
        rest = rest[..<mark]
    }
    // A colon in the first segment ends a scheme; without one it may not stand there (§4.2).
    if let end = rest.firstIndex(where: { $0.isOne(of: ":/") }), rest[end] == UInt8(ascii: ":") {
        guard isScheme(rest[..<end]) else { return false }
        rest = rest[(end + 1)...]
    } else if needsScheme {
        return false
    }
    if rest.starts(with: "//".utf8) {
        let authority = rest.dropFirst(2).prefix { $0 != UInt8(ascii: "/") }
        guard isAuthority(authority, characters) else { return false }
        rest = rest[authority.endIndex...]
    }
    return characters.fill(rest, and: ":@/")
}

private func isScheme(_ text: ArraySlice<UInt8>) -> Bool {
    text.first?.isLetter == true && text.allSatisfy { $0.isLetter || $0.isDigit || $0.isOne(of: "+-.") }
}

/// §3.2.
private func isAuthority(_ text: ArraySlice<UInt8>, _ characters: URICharacters) -> Bool {
    var host = text
    if let separator = text.firstIndex(of: UInt8(ascii: "@")) {
        guard characters.fill(text[..<separator], and: ":") else { return false }
        host = text[(separator + 1)...]
    }
    var port: ArraySlice<UInt8>
    if host.first == UInt8(ascii: "[") {
        guard let end = host.firstIndex(of: UInt8(ascii: "]")), isIPLiteral(host[..<end].dropFirst()) else {
            return false
        }
        port = host[(end + 1)...]
    } else {
        let name = host.prefix { $0 != UInt8(ascii: ":") }
        guard characters.fill(name, and: "") else { return false }
        port = host[name.endIndex...]
    }
    return port.isEmpty || port.popFirst() == UInt8(ascii: ":") && port.allSatisfy(\.isDigit)
}

/// §3.2.2: an IPv6 address without a zone, or `IPvFuture`.
private func isIPLiteral(_ text: ArraySlice<UInt8>) -> Bool {
    guard text.first?.lowercased == UInt8(ascii: "v") else { return isIPv6(text) }
    var scanner = Scanner(text.dropFirst())
    guard !scanner.take(where: \.isHexDigit).isEmpty, scanner.take(".") else { return false }
    return !scanner.isAtEnd && !scanner.rest.contains(UInt8(ascii: "%"))
        && URICharacters(isInternational: false).fill(scanner.rest, and: ":")
}

/// The characters that stand for themselves in a URI, and where international in an IRI.
struct URICharacters {
    var isInternational: Bool

    /// Whether the text is of unreserved characters, sub-delimiters, percent escapes (RFC 3986 §2) and the further ones
    /// of ASCII.
    /// - Parameter allowsPrivate: whether code points for private use are among those of an IRI, as in a query.
    func fill(_ text: ArraySlice<UInt8>, and further: StaticString, allowsPrivate: Bool = false) -> Bool {
        var scanner = Scanner(text)
        while let codePoint = scanner.nextCodePoint() {
            guard let byte = UInt8(exactly: codePoint), byte < 0x80 else {
                guard isInternational, !Self.isBidiFormatting(codePoint) else { return false }
                guard Self.isUCS(codePoint) || allowsPrivate && Self.isPrivate(codePoint) else { return false }
                continue
            }
            if byte == UInt8(ascii: "%") {
                guard scanner.takeEscape() else { return false }
            } else {
                guard byte.isLetter || byte.isDigit || byte.isOne(of: "-._~!$&'()*+,;=") || byte.isOne(of: further)
                else {
                    return false
                }
            }
        }
        return scanner.isAtEnd
    }

    /// RFC 3987 §2.2 `ucschar`: above ASCII and its controls without surrogates, private use, specials, noncharacters and
    /// the tags of plane 14.
    static func isUCS(_ codePoint: UInt32) -> Bool {
        switch codePoint {
        case 0xA0...0xD7FF, 0xF900...0xFDCF, 0xFDF0...0xFFEF: true
        case 0x1_0000...0xD_FFFF, 0xE_1000...0xE_FFFF: codePoint & 0xFFFF <= 0xFFFD
        default: false
        }
    }

    /// RFC 3987 §2.2 `iprivate`.
    static func isPrivate(_ codePoint: UInt32) -> Bool {
        switch codePoint {
        case 0xE000...0xF8FF: true
        case 0xF_0000...0x10_FFFF: codePoint & 0xFFFF <= 0xFFFD
        default: false
        }
    }

    /// The seven that RFC 3987 §4.1 forbids although `ucschar` has them.
    private static func isBidiFormatting(_ codePoint: UInt32) -> Bool {
        codePoint == 0x200E || codePoint == 0x200F || (0x202A...0x202E).contains(codePoint)
    }
}
