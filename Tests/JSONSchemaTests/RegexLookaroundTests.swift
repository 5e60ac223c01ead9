import Testing

@testable import JSONSchema

@Suite struct RegexLookaroundTests {
    @Test(
        arguments: [
            ("^(?!0000)[0-9]{4}$", ["0001", "1000"], ["0000", "000"]),
            ("^(?!.*\\.\\.)[a-z.]+$", ["a.b"], ["a..b"]),
            ("^(?=.*\\d)(?=.*[a-z]).{4,}$", ["abc1"], ["abcd", "a1"]),
            ("^(?!a|b)(?!c$).", ["cd", "d"], ["ad", "bd", "c", ""]),
            ("^(?!admin$)", ["", "administrator"], ["admin"]),
            ("^(?=)a", ["a"], ["b"]),
            ("^(?!)", [], ["", "a"]),
            ("a(?=b)", ["ab"], ["ac", "a"]),
            ("a(?!b)", ["ac", "a", "aba"], ["ab"]),
            ("^(?!(?!a))", ["a"], ["b", ""]),
            ("(?=^b)b", ["ba"], ["ab"]),
            ("^(?:a(?=[ab]))*b$", ["aab", "b"], ["a", "aa"]),
            ("^(?:(?!--)[a-z-]){1,100}$", ["a-b-c"], ["a--b", ""]),
            ("x(?=ab$)", ["xab"], ["xabc", "ab"]),
        ] as [(String, [String], [String])])
    func `a lookahead looks from its position on`(_ pattern: String, _ matching: [String], _ other: [String]) throws {
        try check(pattern, matching, other)
    }

    @Test(
        arguments: [
            ("(?<=a)b", ["ab", "xab"], ["b", "cb", "ba"]),
            ("(?<!a)b", ["b", "cb", "abb"], ["ab", ""]),
            ("(?<=^a)b", ["ab"], ["aab", "b"]),
            ("(?<=\\$)\\d+(?:\\.\\d\\d)?", ["$1.50"], ["1.50", "€1.50"]),
            ("(?<!^|x)y", ["ay"], ["y", "xy"]),
            ("(?<=a.{2,3})z", ["abcz", "abcdz"], ["abz", "abcdez"]),
            ("(?<=(?:ab)+)c", ["abc", "ababc"], ["ac", "bc"]),
            ("(?<=\u{1F600}é)x", ["\u{1F600}éx"], ["éx", "\u{1F600}x"]),
            ("^[a-z.]+(?<!\\.)$", ["a.b"], ["a.b.", "a."]),
            ("^.*(?<=\\.json|\\.txt)$", ["a.json", ".txt"], ["a.xml", "json"]),
            ("(?<!a)(?<!b)$", ["", "abc"], ["a", "b"]),
            ("(?<=)", ["", "a"], []),
            ("(?<!)", [], ["", "a"]),
            ("(?<=$)a", [], ["a", ""]),
        ] as [(String, [String], [String])])
    func `a lookbehind looks back to its position`(_ pattern: String, _ matching: [String], _ other: [String]) throws {
        try check(pattern, matching, other)
    }

    @Test(
        arguments: [
            ("(?<=a(?=b))b", ["ab"], ["ac", "b"]),
            ("(?=b(?<=ab))", ["ab"], ["b", "cb"]),
            ("(?<=(?<!x)a)b", ["ab", "yab"], ["xab"]),
            ("(?<=\\b)a", ["a", "-a"], ["ba"]),
            ("^(?:(?<=a)b|(?<!a)a)+$", ["ab", "aba"], ["b", "aa", "abb"]),
            ("(?:(?=a)(?<=b))a", ["ba"], ["a", "ca"]),
        ] as [(String, [String], [String])])
    func `lookarounds nest, in both directions`(_ pattern: String, _ matching: [String], _ other: [String]) throws {
        try check(pattern, matching, other)
    }

    @Test func `a lookaround that repeats counts once, and more than 64 are refused`() throws {
        #expect(throws: Never.self) { try RegexProgram("(?:(?!ab)[a-z]){1,500}") }
        #expect(throws: Never.self) { try RegexProgram(String(repeating: "(?=a)", count: 64)) }
        #expect(throws: RegexError.self) { try RegexProgram(String(repeating: "(?=a)", count: 65)) }
        #expect(throws: RegexError.self) { try RegexProgram("^" + String(repeating: "(?=a)", count: 65)) }
        #expect(throws: RegexError.self) { try RegexProgram("^" + String(repeating: "(?=a)", count: 100_000)) }
        #expect(throws: RegexError.self) { try RegexProgram(String(repeating: "(?<=a)", count: 100_000) + "$") }
    }

    @Test(arguments: ["^(?:a(?!a*b))*$", "(?:a(?=a*))+$", "(?=(?=(?=a*$)a*$)a*$)", "(?<=^(?:a|aa)+)$", "(?<!a+b)$"])
    func `a lookaround in a loop takes time in proportion to the text`(_ pattern: String) throws {
        let text = Array(String(repeating: "a", count: 100_000).utf8)
        #expect(try RegexProgram(pattern).matches(text[...]) == true)
    }

    private func check(_ pattern: String, _ matching: [String], _ other: [String]) throws {
        let program = try RegexProgram(pattern)
        for text in matching { #expect(program.matches(Array(text.utf8)[...]) == true, "\(pattern) \(text)") }
        for text in other { #expect(program.matches(Array(text.utf8)[...]) == false, "\(pattern) \(text)") }
    }
}
