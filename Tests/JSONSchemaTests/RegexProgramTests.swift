import Testing

@testable import JSONSchema

@Suite struct RegexProgramTests {
    @Test(arguments: [
        "(", ")", "a)", "(a", "[", "[a", "]", "{", "}", "a{", "a{,2}", "a{2,1}", "*", "+a", "?", "a**", "a{1}{2}", "|*",
        "\\", "\\a", "\\-", "\\_", "\\c", "\\c1", "\\x4", "\\xG0", "\\u12", "\\u{}", "\\u{110000}", "\\uD800",
        "\\uD800\\u0041", "\\01", "[b-a]", "[\\d-z]", "[a-\\d]", "[\\a]", "\\p", "\\p{", "\\p{Foo}", "\\pL", "\\p{}",
        "(?", "(?a)", "(?<>a)", "(?<1>a)", "(?<a>b)(?<a>c)", "(?i:a)", "^*", "\\b+", "(?=a)*", "a{1",
    ])
    func `a pattern that ECMA-262 refuses with the flag u is refused`(_ pattern: String) {
        #expect(throws: RegexError.self) { try RegexProgram(pattern) }
    }

    @Test(arguments: ["(a)\\1", "(?<n>a)\\k<n>", "(?<=a)b", "(?<!a)b", "\\p{Script=Latin}", "\\p{sc=Grek}"])
    func `what no linear engine keeps, and scripts, are refused`(_ pattern: String) {
        #expect(throws: RegexError.self) { try RegexProgram(pattern) }
    }

    @Test func `a pattern with too many states or too deep groups is refused before memory is spent`() {
        #expect(throws: RegexError.self) { try RegexProgram("(a{1000}){1000}") }
        #expect(throws: RegexError.self) { try RegexProgram("a{999999999999999999999}") }
        #expect(throws: RegexError.self) { try RegexProgram(String(repeating: "(", count: 5000)) }
        #expect(throws: Never.self) { try RegexProgram("(?:){999999999999}") }
        #expect(throws: Never.self) { try RegexProgram("a{1,2000}") }
    }

    @Test(
        arguments: [
            ("^abc$", ["abc"], ["", "ab", "abcd", "xabc", "abc\n", "ABC"]),
            ("b", ["abc", "b"], ["ac", ""]),
            ("", ["", "x"], []),
            ("^a|b$", ["ax", "xb"], ["xa", "bx"]),
            ("^(?:a|b|)$", ["a", "b", ""], ["ab"]),
            ("^a*b+c?$", ["b", "aabbc"], ["a", "abcc"]),
            ("^a{2}$", ["aa"], ["a", "aaa"]),
            ("^a{2,}$", ["aa", "aaaa"], ["a"]),
            ("^a{0,2}?$", ["", "a", "aa"], ["aaa"]),
            ("^(?<year>\\d{4})-(0[1-9]|1[0-2])$", ["2025-12"], ["2025-13", "2025-1"]),
            ("^(a*)*$", ["", "aaa"], ["b"]),
            ("^(a|b*)*c$", ["c", "abbac"], ["abba"]),
            ("^(?:a?){3}$", ["", "aaa"], ["aaaa"]),
            ("^(^a)$", ["a"], ["b"]),
            ("a^b", [], ["ab", "a\nb"]),
        ] as [(String, [String], [String])])
    func `repetition, alternation and anchors`(_ pattern: String, _ matching: [String], _ other: [String]) throws {
        try check(pattern, matching, other)
    }

    @Test(
        arguments: [
            ("^[a-c\\d_-]+$", ["a-3_c"], ["d", "+"]),
            ("^[^a-c]$", ["d", "é", "\n"], ["a", ""]),
            ("^[]$", [], ["", "]"]),
            ("^[^]$", ["a", "\n"], [""]),
            ("^[-a]$", ["-", "a"], ["b"]),
            ("^[a\\]\\\\\\b]$", ["]", "\\", "\u{8}"], ["b"]),
            ("^[\\w\\-.]+$", ["a-b.c"], ["a b"]),
            ("^[\\D]$", ["a", "٣"], ["1"]),
            ("^.$", ["a", "é", "\u{1F600}"], ["\n", "\r", "\u{2028}", "ab", ""]),
            ("^\\d\\w\\s$", ["1_ ", "9z\u{FEFF}", "0A\u{A0}"], ["١a ", "1é ", "1a\u{200B}"]),
            ("^\\S\\W\\D$", ["a-b"], [" -b", "aab", "a-1"]),
            ("^\\t\\n\\v\\f\\r\\0\\cJ\\x41\\u0042\\u{43}$", ["\t\n\u{B}\u{C}\r\0\nABC"], ["t"]),
            ("^\\u{1F600}\\uD83D\\uDE00$", ["\u{1F600}\u{1F600}"], ["\u{1F600}"]),
            ("^\\^\\$\\\\\\.\\*\\+\\?\\(\\)\\[\\]\\{\\}\\|\\/$", ["^$\\.*+?()[]{}|/"], [""]),
            ("^\\p{Lu}\\p{Ll}\\P{L}$", ["Éa1", "Aß-"], ["aA1", "Aaa"]),
            ("^\\p{Letter}\\p{gc=Nd}[\\p{P}\\p{Sc}]$", ["é٣€", "a1!"], ["1a!"]),
            ("^\\p{Alphabetic}\\p{White_Space}\\p{ASCII}$", ["é\u{2003}a"], ["éaa"]),
            ("\\bfoo\\b", ["foo", "a foo.", "éfoo"], ["foot", "_foo"]),
            ("o\\Bo", ["foo"], ["o o"]),
        ] as [(String, [String], [String])])
    func `classes, escapes and boundaries`(_ pattern: String, _ matching: [String], _ other: [String]) throws {
        try check(pattern, matching, other)
    }

    @Test(
        arguments: [
            ("^(?!.*\\.\\.)[a-z.]+$", ["a.b"], ["a..b"]),
            ("^(?=.*\\d)(?=.*[a-z]).{4,}$", ["abc1"], ["abcd", "a1"]),
            ("a(?=b)", ["ab"], ["ac", "a"]),
            ("a(?!b)", ["ac", "a", "aba"], ["ab"]),
            ("^(?!(?!a))", ["a"], ["b", ""]),
            ("(?=^b)b", ["ba"], ["ab"]),
            ("^(?:a(?=[ab]))*b$", ["aab", "b"], ["a", "aa"]),
        ] as [(String, [String], [String])])
    func `lookahead`(_ pattern: String, _ matching: [String], _ other: [String]) throws {
        try check(pattern, matching, other)
    }

    @Test func `a pattern with more than 64 states matches the same`() throws {
        try check(
            "^[a-z]{1,200}$", [String(repeating: "a", count: 200)], ["", String(repeating: "a", count: 201), "A"])
    }

    @Test(arguments: ["^(a+)+$", "^(a|aa)*$", "^(a|a?)+$", "(x+x+)+y", "^(?:a*)*b"])
    func `no text makes a pattern explode`(_ pattern: String) throws {
        let text = Array((String(repeating: pattern.contains("x") ? "x" : "a", count: 20_000) + "!").utf8)
        #expect(try RegexProgram(pattern).matches(text[...]) == false)
    }

    @Test func `a match that needs too much work is given up, not answered`() throws {
        let text = Array(String(repeating: "a", count: 20_000).utf8)
        #expect(try RegexProgram("^(?:a(?!a*b))*$").matches(text[...]) == nil)
    }

    private func check(_ pattern: String, _ matching: [String], _ other: [String]) throws {
        let program = try RegexProgram(pattern)
        for text in matching { #expect(program.matches(Array(text.utf8)[...]) == true, "\(pattern) \(text)") }
        for text in other { #expect(program.matches(Array(text.utf8)[...]) == false, "\(pattern) \(text)") }
    }
}
