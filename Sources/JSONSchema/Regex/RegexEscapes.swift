extension RegexParser {
    /// What follows a backslash outside a class; the position is on the backslash.
    mutating func escape() throws(RegexError) -> RegexSyntax {
        at += 1
        guard let letter = peek else { throw fault("an escape without end") }
        switch letter {
        case "b": return accept(.wordBoundary(negated: false))
        case "B": return accept(.wordBoundary(negated: true))
        case "k", "1"..."9": return try backreference()
        default:
            if let item = try classEscape() { return .set(CharacterClass(items: [item])) }
            return .character(try characterEscape(insideClass: false))
        }
    }

    /// CharacterClassEscape: `\d` and its like, or nil. The position is behind the backslash.
    mutating func classEscape() throws(RegexError) -> CharacterClass.Item? {
        guard let letter = peek else { return nil }
        if let item = CharacterClass.escape(letter) {
            at += 1
            return item
        }
        guard letter == "p" || letter == "P" else { return nil }
        at += 1
        return .property(try property(), negated: letter == "P")
    }

    private mutating func property() throws(RegexError) -> UnicodeProperty {
        guard take("{") else { throw fault("a property without braces") }
        var name = ""
        while let next = peek, Self.belongsToProperty(next), name.utf8.count < 64 {
            name.unicodeScalars.append(next)
            at += 1
        }
        guard take("}"), let property = UnicodeProperty(name) else {
            throw fault("a Unicode property that ECMA-262 does not know")
        }
        return property
    }

    private static func belongsToProperty(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "A"..."Z", "a"..."z", "0"..."9", "_", "=": true
        default: false
        }
    }

    /// CharacterEscape. The position is behind the backslash.
    mutating func characterEscape(insideClass: Bool) throws(RegexError) -> UInt32 {
        guard let letter = peek else { throw fault("an escape without end") }
        at += 1
        switch letter {
        case "t": return 0x09
        case "n": return 0x0A
        case "v": return 0x0B
        case "f": return 0x0C
        case "r": return 0x0D
        case "0":
            if let next = peek, ("0"..."9").contains(next) { throw fault("an octal escape") }
            return 0
        case "b" where insideClass: return 0x08
        case "-" where insideClass: return letter.value
        case "c": return try controlLetter()
        case "x": return try hexadecimal(2)
        case "u": return try unicodeEscape()
        case "^", "$", "\\", ".", "*", "+", "?", "(", ")", "[", "]", "{", "}", "|", "/": return letter.value
        default:
            at -= 1
            throw fault("an escape that ECMA-262 does not know")
        }
    }

    private mutating func controlLetter() throws(RegexError) -> UInt32 {
        guard let letter = peek, ("a"..."z").contains(letter) || ("A"..."Z").contains(letter) else {
            throw fault("a control escape without its letter")
        }
        at += 1
        return letter.value & 0x1F
    }

    /// RegExpUnicodeEscapeSequence behind its `u`. A surrogate that has no partner stands for itself.
    mutating func unicodeEscape() throws(RegexError) -> UInt32 {
        if take("{") { return try codePoint() }
        let unit = try hexadecimal(4)
        guard unit & 0xFC00 == 0xD800, peek == "\\", following == "u" else { return unit }
        let place = at
        at += 2
        guard let low = try? hexadecimal(4), low & 0xFC00 == 0xDC00 else {
            at = place
            return unit
        }
        return 0x10000 + (unit & 0x3FF) << 10 + low & 0x3FF
    }

    /// The inside of `\u{…}` and the closing brace.
    private mutating func codePoint() throws(RegexError) -> UInt32 {
        var value: UInt32 = 0
        let start = at
        while let digit = peek.flatMap(Self.hexDigit), value <= CharacterSet.last {
            value = value << 4 | digit
            at += 1
        }
        guard at > start, value <= CharacterSet.last, take("}") else {
            throw fault("a code point escape that is malformed")
        }
        return value
    }

    private mutating func hexadecimal(_ count: Int) throws(RegexError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = peek.flatMap(Self.hexDigit) else { throw fault("a hexadecimal digit is missing") }
            value = value << 4 | digit
            at += 1
        }
        return value
    }

    private static func hexDigit(_ scalar: Unicode.Scalar) -> UInt32? {
        switch scalar {
        case "0"..."9": scalar.value - 0x30
        case "a"..."f": scalar.value - 0x57
        case "A"..."F": scalar.value - 0x37
        default: nil
        }
    }

    // MARK: Classes

    /// CharacterClass; the position is on the opening bracket.
    mutating func characterClass() throws(RegexError) -> CharacterClass {
        at += 1
        var result = CharacterClass(items: [], negated: take("^"))
        while let next = peek, next != "]" {
            guard let low = try classAtom(next, &result.items) else {
                if peek == "-", following != "]" { throw fault("a range that starts with a set") }
                continue
            }
            guard peek == "-", let end = following, end != "]" else {
                result.items.append(.range(low...low))
                continue
            }
            at += 1
            guard let high = try classAtom(end, &result.items) else { throw fault("a range that ends with a set") }
            guard low <= high else { throw fault("a range whose ends are out of order") }
            result.items.append(.range(low...high))
        }
        guard take("]") else { throw fault("a class without end") }
        return result
    }

    /// One code point, or nil where a set was read, which then is the last of the items.
    private mutating func classAtom(
        _ first: Unicode.Scalar, _ items: inout [CharacterClass.Item]
    ) throws(RegexError) -> UInt32? {
        at += 1
        guard first == "\\" else { return first.value }
        if let item = try classEscape() {
            items.append(item)
            return nil
        }
        return try characterEscape(insideClass: true)
    }
}
