import Testing

@testable import JSONSchema

@Suite struct RegexPropertyTests {
    @Test(
        arguments: [
            ("\\p{L}", ["a", "é", "日"], ["1", " "]),
            ("\\p{LC}", ["a", "ǅ"], ["日"]),
            ("\\p{Letter}", ["a"], ["1"]),
            ("\\p{General_Category=Lowercase_Letter}", ["a"], ["A"]),
            ("\\p{gc=Cased_Letter}", ["A"], ["日"]),
            ("\\p{digit}", ["1", "٣"], ["a"]),
            ("\\p{punct}", ["!", "—"], ["a", "+"]),
            ("\\p{cntrl}", ["\n", "\u{85}"], ["a"]),
            ("\\p{Combining_Mark}", ["\u{301}"], ["a"]),
            ("\\P{Cn}", ["a"], ["\u{378}"]),
            ("\\p{C}", ["\0", "\u{E000}", "\u{AD}", "\u{378}"], ["a"]),
            ("\\p{Cs}", [], ["a", "\u{FFFD}", "\u{1F600}"]),
            ("\\p{Surrogate}", [], ["a"]),
            ("[^\\p{L}\\P{ASCII}]", ["1"], ["a", "é", "٣"]),
        ] as [(String, [String], [String])])
    func `general categories`(_ pattern: String, _ members: [String], _ others: [String]) throws {
        try check(pattern, members, others)
    }

    @Test(
        arguments: [
            ("\\p{Script=Latin}", ["a", "é", "ﬀ"], ["α", "1", "µ"]),
            ("\\p{sc=Grek}", ["α"], ["a", "\u{342}"]),
            ("\\p{Script_Extensions=Greek}", ["α", "\u{342}"], ["a"]),
            ("\\p{scx=Hira}", ["ひ", "ー"], ["カ", "a"]),
            ("\\p{sc=Hira}", ["ひ"], ["ー"]),
            ("\\p{Script=Common}", ["1", "ー", "\u{1F600}"], ["a"]),
            ("\\p{scx=Zyyy}", ["1"], ["ー", "a"]),
            ("\\p{sc=Qaai}", ["\u{301}"], ["a"]),
            ("\\p{Script=Coptic}\\p{sc=Qaac}", ["ⲀⲀ"], ["AA"]),
            ("\\p{Script=Unknown}", ["\u{378}", "\u{10FFFF}"], ["a"]),
            ("\\p{Script=Katakana_Or_Hiragana}", [], ["ー", "カ"]),
            ("\\P{sc=Latin}", ["1", "α"], ["a"]),
            ("\\p{Script=Sidetic}", ["\u{10940}"], ["a"]),
        ] as [(String, [String], [String])])
    func `scripts and script extensions`(_ pattern: String, _ members: [String], _ others: [String]) throws {
        try check(pattern, members, others)
    }

    @Test(
        arguments: [
            ("\\p{ASCII}", ["a", "\u{7F}"], ["\u{80}"]),
            ("\\p{Any}", ["a", "\u{10FFFF}", "\n"], []),
            ("\\P{Any}", [], ["a", "\n"]),
            ("\\p{Assigned}", ["a"], ["\u{378}"]),
            ("\\p{Alphabetic}", ["a", "\u{345}"], ["1"]),
            ("\\p{Lower}\\p{Uppercase}", ["ªⅣ"], ["Aa"]),
            ("\\p{AHex}", ["f", "9"], ["g", "ｆ"]),
            ("\\p{Hex_Digit}", ["ｆ"], ["g"]),
            ("\\p{space}", ["\u{85}", " "], ["\u{FEFF}"]),
            ("\\p{ID_Start}\\p{IDC}", ["a1", "℘·"], ["1a"]),
            ("\\p{Emoji}", ["\u{1F600}", "1"], ["a"]),
            ("\\p{EPres}", ["\u{1F600}"], ["1"]),
            ("\\p{Emoji_Component}", ["#", "\u{200D}", "\u{1F1E6}"], ["a"]),
            ("\\p{ExtPict}", ["©", "\u{1F600}"], ["1", "\u{1F1E6}"]),
            ("\\p{Regional_Indicator}", ["\u{1F1E6}", "\u{1F1FF}"], ["\u{1F1E5}"]),
            ("\\p{Ideographic}", ["日", "〇"], ["ひ"]),
            ("\\p{Bidi_C}", ["\u{200E}"], ["a"]),
            ("\\p{NChar}", ["\u{1FFFF}"], ["\u{FFFD}"]),
            ("\\p{Dash}", ["-", "—"], ["_"]),
            ("\\p{Terminal_Punctuation}", ["!", ";"], ["-"]),
        ] as [(String, [String], [String])])
    func `binary properties`(_ pattern: String, _ members: [String], _ others: [String]) throws {
        try check(pattern, members, others)
    }

    @Test func `every row of the tables starts behind the one before it`() {
        for runs in [ScriptTables.scripts, ScriptTables.extensions, ScriptTables.emoji] {
            #expect(runs.first.map { $0 >> 8 } == 0)
            #expect(zip(runs, runs.dropFirst()).allSatisfy { $0 >> 8 < $1 >> 8 && $0 & 0xFF != $1 & 0xFF })
        }
        #expect(ScriptTables.scripts.allSatisfy { Int($0 & 0xFF) < ScriptTables.names.count })
        #expect(ScriptTables.extensions.allSatisfy { Int($0 & 0xFF) < ScriptTables.lists.count })
        #expect(ScriptTables.lists.joined().allSatisfy { Int($0) < ScriptTables.names.count })
    }

    @Test func `what the standard library calls unassigned has no script, and nothing else but private use`() {
        let unknown = UnicodeProperty("sc=Zzzz")?.characters
        #expect(unknown == GeneralCategories.characters(of: [.unassigned, .privateUse, .surrogate]))
    }

    private func check(_ pattern: String, _ members: [String], _ others: [String]) throws {
        let program = try RegexProgram("^" + pattern + "$")
        for text in members { #expect(program.matches(Array(text.utf8)[...]) == true, "\(pattern) \(text)") }
        for text in others { #expect(program.matches(Array(text.utf8)[...]) == false, "\(pattern) \(text)") }
    }
}
