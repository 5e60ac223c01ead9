/// Reads a pattern by the grammar of ECMA-262 (§22.2.1, edition 2024) with the flag `u` and without `v`. The time and
/// the memory it takes are linear in the pattern; what can not be matched (backreferences) is read all the same.
struct RegexParser {
    private let pattern: [Unicode.Scalar]
    var at = 0
    private var depth = 0
    private var groups = 0
    private var lookarounds = 0
    /// The names are compared by their code points, where `String` would take equivalent ones for equal.
    private var groupNames: Set<[UInt32]> = []
    private var namedReferences: [(name: [UInt32], offset: Int)] = []
    private var highestReference = (number: 0, offset: 0)

    /// How deep groups may nest; keeps the recursion of this parser and of its reader small.
    private static let maximumDepth = 100

    /// - Throws: ``RegexError`` where ECMA-262 has a SyntaxError, and for groups that nest too deeply.
    static func parse(_ text: String) throws(RegexError) -> RegexSyntax {
        var parser = RegexParser(pattern: Array(text.unicodeScalars))
        let syntax = try parser.alternatives()
        guard parser.at == parser.pattern.count else { throw parser.fault("a parenthesis that nothing opens") }
        try parser.checkReferences()
        return syntax
    }

    private init(pattern: [Unicode.Scalar]) { self.pattern = pattern }

    private func checkReferences() throws(RegexError) {
        guard highestReference.number <= groups else {
            throw RegexError(offset: highestReference.offset, detail: "a backreference to a group that is missing")
        }
        for (name, offset) in namedReferences where !groupNames.contains(name) {
            throw RegexError(offset: offset, detail: "a backreference to a group that is missing")
        }
    }

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
        return .joining(parts)
    }

    private mutating func term(_ first: Unicode.Scalar) throws(RegexError) -> RegexSyntax {
        let start = at
        let part: RegexSyntax
        var isAssertion = false
        switch first {
        case "^": (part, isAssertion) = (accept(.start), true)
        case "$": (part, isAssertion) = (accept(.end), true)
        case ".": part = accept(.set(.any))
        case "(": (part, isAssertion) = try group()
        case "[": part = .set(try characterClass())
        case "\\":
            part = try escape()
            if case .wordBoundary = part { isAssertion = true }
        case "*", "+", "?", "{": throw fault("a quantifier without anything to repeat")
        case "]", "}": throw fault("a bracket that nothing opens")
        default: part = accept(.character(first.value))
        }
        guard let (minimum, maximum) = try quantifier() else { return part }
        if isAssertion { throw RegexError(offset: start, detail: "an assertion repeats") }
        return part.repeated(minimum, maximum)
    }

    mutating func accept(_ syntax: RegexSyntax) -> RegexSyntax {
        at += 1
        return syntax
    }

    // MARK: Groups

    /// - Returns: the group, and whether it is a lookaround, which may not repeat; a group around one may.
    private mutating func group() throws(RegexError) -> (RegexSyntax, isAssertion: Bool) {
        at += 1
        guard take("?") else {
            groups += 1
            return (try groupBody(), false)
        }
        if take(":") { return (try groupBody(), false) }
        if take("=") { return (try lookaround(behind: false, negated: false), true) }
        if take("!") { return (try lookaround(behind: false, negated: true), true) }
        guard take("<") else { throw fault("a kind of group that is not supported") }
        if take("=") { return (try lookaround(behind: true, negated: false), true) }
        if take("!") { return (try lookaround(behind: true, negated: true), true) }
        guard groupNames.insert(try groupName()).inserted else { throw fault("a group name that is used twice") }
        groups += 1
        return (try groupBody(), false)
    }

    private mutating func lookaround(behind: Bool, negated: Bool) throws(RegexError) -> RegexSyntax {
        lookarounds += 1
        let number = lookarounds
        return .lookaround(try groupBody(), behind: behind, negated: negated, number: number)
    }

    private mutating func groupBody() throws(RegexError) -> RegexSyntax {
        let inner = try alternatives()
        guard take(")") else { throw fault("a group without end") }
        return inner
    }

    // MARK: References

    /// `\k<name>` and `\1`; the position is on the letter behind the backslash.
    mutating func backreference() throws(RegexError) -> RegexSyntax {
        let start = at
        if take("k") {
            guard take("<") else { throw fault("a backreference without a name") }
            namedReferences.append((try groupName(), start))
        } else if let number = number(), number.value > highestReference.number {
            highestReference = (number.value, start)
        }
        return .backreference(offset: start)
    }

    /// RegExpIdentifierName and the `>` behind it.
    private mutating func groupName() throws(RegexError) -> [UInt32] {
        var name: [UInt32] = []
        while peek != ">" {
            guard let next = Unicode.Scalar(try nameCharacter()),
                name.isEmpty ? Self.startsName(next) : Self.continuesName(next)
            else { throw fault("a group name that is malformed") }
            name.append(next.value)
        }
        guard take(">"), !name.isEmpty else { throw fault("a group name that is empty") }
        return name
    }

    private mutating func nameCharacter() throws(RegexError) -> UInt32 {
        guard let next = peek else { throw fault("a group name without end") }
        at += 1
        guard next == "\\" else { return next.value }
        guard take("u") else { throw fault("a group name that is malformed") }
        return try unicodeEscape()
    }

    private static func startsName(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar == "$" || scalar.properties.isIDStart
    }

    private static func continuesName(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "$" || scalar == "\u{200C}" || scalar == "\u{200D}" || scalar.properties.isIDContinue
    }

    // MARK: Small steps

    var peek: Unicode.Scalar? { at < pattern.count ? pattern[at] : nil }
    var following: Unicode.Scalar? { at + 1 < pattern.count ? pattern[at + 1] : nil }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == scalar else { return false }
        at += 1
        return true
    }

    func fault(_ detail: String) -> RegexError { RegexError(offset: at, detail: detail) }
}
