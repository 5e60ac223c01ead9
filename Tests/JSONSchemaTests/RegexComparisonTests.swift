import Testing

@testable import JSONSchema

/// Patterns and texts made by chance, the same in every run: the table, the automaton and a plain backtracking reader
/// of the syntax must agree.
@Suite struct RegexComparisonTests {
    @Test func `the table, the automaton and a backtracking reader agree`() throws {
        var chance = Chance(seed: 20_250_101)
        var tables = 0
        var matches = 0
        for _ in 0..<500 {
            let pattern = chance.pattern()
            let (table, automaton) = (try RegexProgram(pattern), try RegexProgram(pattern, usesTables: false))
            if table.parts.allSatisfy({ if case .table = $0.engine { true } else { false } }) { tables += 1 }
            let syntax = try RegexParser.parse(pattern)
            for _ in 0..<6 {
                let text = chance.text()
                let expected = Backtracking(text).finds(syntax)
                let octets = Array(String(String.UnicodeScalarView(text)).utf8)
                #expect(table.matches(octets[...]) == expected, "\(pattern) \(octets)")
                #expect(automaton.matches(octets[...]) == expected, "\(pattern) \(octets)")
                matches += expected ? 1 : 0
            }
        }
        #expect(tables > 250 && (500..<2500).contains(matches))
    }
}

/// SplitMix64, and what it makes.
private struct Chance {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func below(_ limit: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(limit))
    }

    mutating func pick<Element>(_ list: [Element]) -> Element { list[below(list.count)] }

    private static let characters: [Unicode.Scalar] = ["a", "b", "1", "_", " ", "é", "\u{1F600}", "\n"]
    private static let atoms = [
        "a", "b", "1", "_", "é", "\u{1F600}", ".", "\\d", "\\W", "\\s", "[ab]", "[^a]", "[\\w-]", "[é-\u{1F600}]",
        "\\p{L}", "\\P{L}",
        "[^\\p{Emoji}a]", "\\u{61}", "[]", "[^]",
    ]
    private static let quantifiers = ["*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}", "{0}", "*?", "{1,2}?"]
    private static let assertions = ["^", "$", "\\b", "\\B"]
    private static let lookarounds = ["(?=", "(?!", "(?<=", "(?<!"]

    mutating func text() -> [Unicode.Scalar] { (0..<below(7)).map { _ in pick(Self.characters) } }

    mutating func pattern() -> String {
        let start = pick(["", "", "^", "^(?!" + alternatives(1) + ")"])
        return start + alternatives(2) + pick(["", "", "$", "(?<!" + alternatives(1) + ")$"])
    }

    private mutating func alternatives(_ depth: Int) -> String {
        var pattern = sequence(depth)
        while below(4) == 0 { pattern += "|" + sequence(depth) }
        return pattern.contains("|") && depth == 2 ? "(?:" + pattern + ")" : pattern
    }

    private mutating func sequence(_ depth: Int) -> String { (0..<below(4)).map { _ in term(depth) }.joined() }

    private mutating func term(_ depth: Int) -> String {
        let kind = below(16)
        if kind == 0 { return pick(Self.assertions) }
        if kind == 1, depth > 0 { return pick(Self.lookarounds) + alternatives(depth - 1) + ")" }
        let atom = kind < 5 && depth > 0 ? "(" + alternatives(depth - 1) + ")" : pick(Self.atoms)
        return below(3) == 0 ? atom + pick(Self.quantifiers) : atom
    }
}

/// Tries every way through the syntax, as the matchers of ECMA-262 §22.2.2 do; for short texts only.
private struct Backtracking {
    private let text: [Unicode.Scalar]

    init(_ text: [Unicode.Scalar]) { self.text = text }

    func finds(_ syntax: RegexSyntax) -> Bool { (0...text.count).contains { tries(syntax, $0) { _ in true } } }

    private func tries(_ syntax: RegexSyntax, _ at: Int, _ then: (Int) -> Bool) -> Bool {
        switch syntax {
        case .empty: then(at)
        case .character(let value): at < text.count && text[at].value == value && then(at + 1)
        case .set(let characters): at < text.count && has(characters, text[at].value) && then(at + 1)
        case .sequence(let parts): tries(parts[...], at, then)
        case .alternatives(let branches): branches.contains { tries($0, at, then) }
        case .repetition(let body, let minimum, let maximum): repeats(body, minimum, maximum, at, then)
        case .start: at == 0 && then(at)
        case .end: at == text.count && then(at)
        case .wordBoundary(let negated): (isWord(at - 1) != isWord(at)) != negated && then(at)
        case .lookaround(let body, behind: false, let negated, _): tries(body, at) { _ in true } != negated && then(at)
        case .lookaround(let body, behind: true, let negated, _):
            (0...at).contains { start in tries(body, start) { $0 == at } } != negated && then(at)
        case .backreference: false
        }
    }

    private func tries(_ parts: ArraySlice<RegexSyntax>, _ at: Int, _ then: (Int) -> Bool) -> Bool {
        guard let first = parts.first else { return then(at) }
        return tries(first, at) { tries(parts.dropFirst(), $0, then) }
    }

    private func repeats(_ body: RegexSyntax, _ least: Int, _ most: Int?, _ at: Int, _ then: (Int) -> Bool) -> Bool {
        let again =
            most != 0
            && tries(body, at) { next in
                (least > 0 || next > at) && repeats(body, max(least - 1, 0), most.map { $0 - 1 }, next, then)
            }
        return again || least == 0 && then(at)
    }

    private func has(_ characters: CharacterClass, _ value: UInt32) -> Bool {
        characters.resolve().ranges.contains { $0.contains(value) }
    }

    private func isWord(_ at: Int) -> Bool {
        text.indices.contains(at) && CharacterSet.wordCharacters.ranges.contains { $0.contains(text[at].value) }
    }
}
