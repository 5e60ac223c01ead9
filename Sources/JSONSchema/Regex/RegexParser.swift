/// Reads a pattern as ECMA-262 does with the flag `u`. Backreferences and lookbehind, which no linear engine can
/// keep, are refused; so is every escape and quantifier that the flag `u` refuses.
struct RegexParser {
    private let pattern: [Unicode.Scalar]
    private var at = 0
    private var depth = 0
    private var groupNames: Set<String> = []

    /// How deep groups may nest; keeps the recursion of this parser and of its reader small.
    private static let maximumDepth = 100

    static func parse(_ text: String) throws(RegexError) -> RegexSyntax {
        var parser = RegexParser(pattern: Array(text.unicodeScalars))
        let syntax = try parser.alternatives()
        guard parser.at == parser.pattern.count else { throw parser.fault("a parenthesis that nothing opens") }
        return syntax
    }

    private init(pattern: [Unicode.Scalar]) { self.pattern = pattern }

    private mutating func alternatives() throws(RegexError) -> RegexSyntax {
        depth += 1
        defer { depth -= 1 }
        guard depth <= Self.maximumDepth else { throw fault("groups nest too deeply") }
        var branches = [try sequence()]
        while take("|") { branches.append(try sequence()) }
        return branches.count == 1 ? branches[0] : .alternatives(branches)
    }

    private mutating func sequence() throws(RegexError) -> RegexSyntax {
        var parts: [RegexSyntax] = []
        while let next = peek, next != "|", next != ")" { parts.append(try term(next)) }
        return parts.count == 1 ? parts[0] : .sequence(parts)
    }

    private mutating func term(_ first: Unicode.Scalar) throws(RegexError) -> RegexSyntax {
        let start = at
        let part: RegexSyntax
        switch first {
        case "^": part = accept(.start)
        case "$": part = accept(.end)
        case ".": part = accept(.set(.any))
        case "(": part = try group()
        case "[": part = .set(try characterClass())
        case "\\": part = try escape()
        case "*", "+", "?", "{": throw fault("a quantifier without anything to repeat")
        case "]", "}": throw fault("a bracket that nothing opens")
        default: part = accept(.set(CharacterSet(first)))
        }
        guard let (minimum, maximum) = try quantifier() else { return part }
        switch part {
        case .start, .end, .wordBoundary, .lookahead: throw RegexError(offset: start, detail: "an assertion repeats")
        default: return .repetition(part, minimum: minimum, maximum: maximum)
        }
    }

    private mutating func accept(_ syntax: RegexSyntax) -> RegexSyntax {
        at += 1
        return syntax
    }

    private mutating func group() throws(RegexError) -> RegexSyntax {
        at += 1
        var lookahead: Bool?
        if take("?") {
            if take(":") {
            } else if take("=") {
                lookahead = false
            } else if take("!") {
                lookahead = true
            } else {
                try groupName()
            }
        }
        let inner = try alternatives()
        guard take(")") else { throw fault("a group without end") }
        return lookahead.map { .lookahead(inner, negated: $0) } ?? inner
    }

    private mutating func groupName() throws(RegexError) {
        guard take("<"), peek != "=", peek != "!" else { throw fault("a kind of group that is not supported") }
        var name = ""
        while let next = peek, next == "_" || next == "$" || next.properties.isXIDContinue {
            name.unicodeScalars.append(next)
            at += 1
        }
        guard let first = name.unicodeScalars.first, first == "_" || first == "$" || first.properties.isXIDStart,
            take(">"), groupNames.insert(name).inserted
        else { throw fault("a group name that is empty, malformed or used twice") }
    }

    // MARK: Quantifiers

    private mutating func quantifier() throws(RegexError) -> (Int, Int?)? {
        let bounds: (Int, Int?)
        switch peek {
        case "*": bounds = (0, nil)
        case "+": bounds = (1, nil)
        case "?": bounds = (0, 1)
        case "{":
            at += 1
            bounds = try counts()
        default: return nil
        }
        at += 1
        _ = take("?")
        return bounds
    }

    /// The inside of braces; stops on the closing one.
    private mutating func counts() throws(RegexError) -> (Int, Int?) {
        guard let minimum = number() else { throw fault("a quantifier that is malformed") }
        var maximum: Int? = minimum
        if take(",") { maximum = number() }
        guard peek == "}" else { throw fault("a quantifier that is malformed") }
        if let maximum, maximum < minimum { throw fault("a quantifier whose numbers are out of order") }
        return (minimum, maximum)
    }

    /// Saturates: what is larger than any program never becomes one.
    private mutating func number() -> Int? {
        var value: Int?
        while let next = peek, ("0"..."9").contains(next) {
            value = min((value ?? 0) * 10 + Int(next.value - 0x30), 1_000_000_000)
            at += 1
        }
        return value
    }

    // MARK: Escapes

    private mutating func escape() throws(RegexError) -> RegexSyntax {
        at += 1
        guard let letter = peek else { throw fault("an escape without end") }
        switch letter {
        case "b": return accept(.wordBoundary(negated: false))
        case "B": return accept(.wordBoundary(negated: true))
        case "k", "1"..."9": throw fault("a backreference, which is not supported")
        default:
            if let set = try setEscape() { return .set(set) }
            return .set(CharacterSet(try characterEscape(insideClass: false)))
        }
    }

    /// `\d` and its like, or nil. The position is behind the backslash.
    private mutating func setEscape() throws(RegexError) -> CharacterSet? {
        guard let letter = peek else { return nil }
        if let set = CharacterSet.escape(letter) {
            at += 1
            return set
        }
        guard letter == "p" || letter == "P" else { return nil }
        at += 1
        guard take("{") else { throw fault("a property without braces") }
        var name = ""
        while let next = peek, next != "}", name.unicodeScalars.count < 64 {
            name.unicodeScalars.append(next)
            at += 1
        }
        guard take("}"), let property = UnicodeProperty(name) else {
            throw fault("a Unicode property that is not supported")
        }
        return CharacterSet(ranges: [], property: property, negated: letter == "P")
    }

    private mutating func characterEscape(insideClass: Bool) throws(RegexError) -> Unicode.Scalar {
        guard let letter = peek else { throw fault("an escape without end") }
        at += 1
        switch letter {
        case "t": return "\t"
        case "n": return "\n"
        case "v": return "\u{B}"
        case "f": return "\u{C}"
        case "r": return "\r"
        case "0":
            if let next = peek, ("0"..."9").contains(next) { throw fault("an octal escape") }
            return "\0"
        case "b" where insideClass: return "\u{8}"
        case "-" where insideClass: return "-"
        case "c":
            guard let control = peek, control.isASCII, control.properties.isAlphabetic else {
                throw fault("a control escape without its letter")
            }
            at += 1
            return Unicode.Scalar(UInt8(control.value & 0x1F))
        case "x": return try scalar(hexadecimal(2))
        case "u": return try unicodeEscape()
        case "^", "$", "\\", ".", "*", "+", "?", "(", ")", "[", "]", "{", "}", "|", "/": return letter
        default:
            at -= 1
            throw fault("an escape that ECMA-262 does not know")
        }
    }

    private mutating func unicodeEscape() throws(RegexError) -> Unicode.Scalar {
        if take("{") {
            var value: UInt32 = 0
            let start = at
            while let digit = peek.flatMap(hexDigit), value <= 0x10FFFF {
                value = value << 4 | digit
                at += 1
            }
            guard at > start, take("}") else { throw fault("a code point escape that is malformed") }
            return try scalar(value)
        }
        let unit = try hexadecimal(4)
        guard unit & 0xFC00 == 0xD800, take("\\"), take("u") else { return try scalar(unit) }
        let low = try hexadecimal(4)
        guard low & 0xFC00 == 0xDC00 else { throw fault("a surrogate without its pair") }
        return try scalar(0x10000 + (unit & 0x3FF) << 10 + (low & 0x3FF))
    }

    private mutating func hexadecimal(_ count: Int) throws(RegexError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<count {
            guard let digit = peek.flatMap(hexDigit) else { throw fault("too few hexadecimal digits") }
            value = value << 4 | digit
            at += 1
        }
        return value
    }

    private func hexDigit(_ scalar: Unicode.Scalar) -> UInt32? {
        scalar.isASCII ? Character(scalar).hexDigitValue.map(UInt32.init) : nil
    }

    private func scalar(_ value: UInt32) throws(RegexError) -> Unicode.Scalar {
        guard let scalar = Unicode.Scalar(value) else { throw fault("no code point of Unicode") }
        return scalar
    }

    // MARK: Classes

    private mutating func characterClass() throws(RegexError) -> CharacterSet {
        at += 1
        let negated = take("^")
        var ranges: [ClosedRange<UInt32>] = []
        var parts: [CharacterSet] = []
        while let next = peek, next != "]" {
            guard let low = try classAtom(next, &parts) else {
                if peek == "-", following != "]" { throw fault("a range that starts with a set") }
                continue
            }
            guard peek == "-", let end = following, end != "]" else {
                ranges.append(low.value...low.value)
                continue
            }
            at += 1
            guard let high = try classAtom(end, &parts) else { throw fault("a range that ends with a set") }
            guard low.value <= high.value else { throw fault("a range whose ends are out of order") }
            ranges.append(low.value...high.value)
        }
        guard take("]") else { throw fault("a class without end") }
        return CharacterSet(ranges: ranges, parts: parts, negated: negated)
    }

    /// One code point, or nil where a set was read, which then is the last of the parts.
    private mutating func classAtom(
        _ first: Unicode.Scalar, _ parts: inout [CharacterSet]
    ) throws(RegexError) -> Unicode.Scalar? {
        at += 1
        guard first == "\\" else { return first }
        if let set = try setEscape() {
            parts.append(set)
            return nil
        }
        return try characterEscape(insideClass: true)
    }

    // MARK: Small steps

    private var peek: Unicode.Scalar? { at < pattern.count ? pattern[at] : nil }
    private var following: Unicode.Scalar? { at + 1 < pattern.count ? pattern[at + 1] : nil }

    private mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        at += 1
        return true
    }

    private func fault(_ detail: String) -> RegexError { RegexError(offset: at, detail: detail) }
}
