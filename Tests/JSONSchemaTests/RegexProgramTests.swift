import Testing

@testable import JSONSchema

@Suite struct RegexProgramTests {
    @Test(arguments: ["(a)\\1", "(?<n>a)\\k<n>", "\\1(a)", "^(?!(a)\\1)"])
    func `a backreference, which no linear engine keeps, is refused`(_ pattern: String) {
        #expect(throws: Never.self) { try RegexParser.parse(pattern) }
        #expect { try RegexProgram(pattern) } throws: { error in
            (error as? RegexError)?.detail == "a backreference, which is not supported"
        }
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
            ("^a|^b", ["ax", "bx"], ["xa", "xb"]),
            ("a$|b$", ["xa", "xb"], ["ax", "a\n"]),
            ("(?:$)^", [""], ["a"]),
            ("x{0}y", ["y"], ["x"]),
            ("^(?:)*a$", ["a"], ["", "aa"]),
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
            ("^\\u{0000061}[\\u{1F600}-\\uD83D\\uDE02]$", ["a\u{1F601}"], ["a\u{1F603}", "a"]),
            ("^[^\\uD800-\\uDFFF]+$", ["a\u{1F600}"], [""]),
            ("\\uD83D", [], ["\u{1F600}", "\u{FFFD}"]),
            ("^[+--]$", ["+", ",", "-"], ["."]),
            ("^[a-c-e]$", ["b", "-", "e"], ["d"]),
            ("^[\\d-]$", ["7", "-"], ["."]),
            ("^\\u{1F600}\\uD83D\\uDE00$", ["\u{1F600}\u{1F600}"], ["\u{1F600}"]),
            ("^\\^\\$\\\\\\.\\*\\+\\?\\(\\)\\[\\]\\{\\}\\|\\/$", ["^$\\.*+?()[]{}|/"], [""]),
            ("^\\p{Lu}\\p{Ll}\\P{L}$", ["Éa1", "Aß-"], ["aA1", "Aaa"]),
            ("^\\p{Letter}\\p{gc=Nd}[\\p{P}\\p{Sc}]$", ["é٣€", "a1!"], ["1a!"]),
            ("^\\p{Alphabetic}\\p{White_Space}\\p{ASCII}$", ["é\u{2003}a"], ["éaa"]),
            ("^..$", ["\u{1F600}\u{1F600}", "e\u{301}"], ["\u{1F600}", "é"]),
            ("\\bfoo\\b", ["foo", "a foo.", "éfoo"], ["foot", "_foo"]),
            ("o\\Bo", ["foo"], ["o o"]),
        ] as [(String, [String], [String])])
    func `classes, escapes and boundaries`(_ pattern: String, _ matching: [String], _ other: [String]) throws {
        try check(pattern, matching, other)
    }

    private func check(_ pattern: String, _ matching: [String], _ other: [String]) throws {
        let program = try RegexProgram(pattern)
        for text in matching { #expect(program.matches(Array(text.utf8)[...]) == true, "\(pattern) \(text)") }
        for text in other { #expect(program.matches(Array(text.utf8)[...]) == false, "\(pattern) \(text)") }
    }
}
