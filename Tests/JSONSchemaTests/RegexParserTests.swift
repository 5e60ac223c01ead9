import Testing

@testable import JSONSchema

/// ECMA-262 §22.2.1 and its early errors, with the flag `u`.
@Suite struct RegexParserTests {
    @Test(arguments: ["(", ")", "a)", "(a", "(?:a", "(?=a", "[", "[a", "]", "{", "}", "a{1}}", "|)", "\\"])
    func `a bracket without its partner is refused`(_ pattern: String) { refuses(pattern) }

    @Test(arguments: [
        "*", "+a", "?", "a**", "a+*", "a{1}{2}", "a???", "|*", "(*)", "a{", "a{,2}", "a{1", "a{1,", "a{a}", "{1}",
        "a{2,1}", "a{10000000000000000000,9999999999999999999}", "a{ 1}", "a{1, 2}", "a{-1}", "a{1,2,3}", "x{}",
    ])
    func `a quantifier that is malformed, out of order or has nothing to repeat is refused`(_ pattern: String) {
        refuses(pattern)
    }

    @Test(arguments: ["^*", "$+", "\\b+", "\\B{2}", "(?=a)*", "(?!a)?", "(?<=a)+", "(?<!a){1}"])
    func `an assertion may not repeat`(_ pattern: String) { refuses(pattern) }

    @Test(arguments: [
        "\\a", "\\e", "\\-", "\\_", "\\ ", "\\é", "\\\"", "\\#", "\\,", "\\c", "\\c1", "\\cé", "\\c_", "\\x", "\\x4",
        "\\xG0",
        "\\u", "\\u12", "\\u{}", "\\u{110000}", "\\u{FFFFFFFFFFFFFFFFF}", "\\u{12", "\\u{-1}", "\\uD83D\\u", "\\01",
        "\\00",
        "[\\a]", "[\\B]", "[\\1]", "[\\k]", "[\\c]", "[\\01]", "[\\u{110000}]",
    ])
    func `an escape that the flag u does not allow is refused`(_ pattern: String) { refuses(pattern) }

    @Test(arguments: [
        "[b-a]", "[\\d-z]", "[a-\\d]", "[\\w-\\d]", "[--\\s]", "[\\p{L}-z]", "[a--]", "[\\u{10001}-\\u{10000}]",
    ])
    func `a range out of order or with a set for an end is refused`(_ pattern: String) { refuses(pattern) }

    @Test(arguments: [
        "(?", "(?a)", "(?<", "(?<>a)", "(?<1>a)", "(?<a", "(?<a-b>c)", "(?< a>b)", "(?<a\\x62>c)", "(?<\\u0031>a)",
        "(?<\\uD83D>a)", "(?<\u{1F600}>a)", "(?<a>b)(?<a>c)", "(?<a>b)|(?<a>c)", "(?<a>b)(?<\\u0061>c)", "(?P<a>b)",
        "(?#a)",
        "(?>a)",
    ])
    func `a kind of group that is unknown, or a name that is malformed or used twice, is refused`(_ pattern: String) {
        refuses(pattern)
    }

    @Test(arguments: ["(?i:a)", "(?-i:a)", "(?s:.)", "(?m:^a)", "(?i)a"])
    func `modifiers, which came with the edition of 2025, are refused`(_ pattern: String) { refuses(pattern) }

    @Test(arguments: [
        "\\1", "(a)\\2", "\\9()", "\\k", "\\k<", "\\k<a>", "(?<a>b)\\k<c>", "(?<a>b)\\k", "\\99999999999999999999",
    ])
    func `a backreference to a group that is missing is refused`(_ pattern: String) { refuses(pattern) }

    @Test(arguments: [
        "\\p", "\\pL", "\\p{", "\\p{}", "\\p{L", "\\p{Foo}", "\\p{l}", "\\p{lu}", "\\p{ L}", "\\p{L }", "\\p{^L}",
        "\\P{Foo}",
        "\\p{gc}", "\\p{gc=}", "\\p{=L}", "\\p{gc=L=L}", "\\p{GC=L}", "\\p{General_Category}", "\\p{gc=Alphabetic}",
        "\\p{Latin}", "\\p{Latn}", "\\p{Script}", "\\p{sc=}", "\\p{sc=latin}", "\\p{script=Latin}",
        "\\p{Script=Klingon}",
        "\\p{scx=L}", "\\p{IsLatin}", "\\p{InBasic_Latin}", "\\p{Block=Basic_Latin}", "\\p{ASCII=Yes}",
        "\\p{alphabetic}",
        "\\p{any}", "\\p{Other_Alphabetic}", "\\p{Line_Break}", "\\p{Composition_Exclusion}", "\\p{RGI_Emoji}",
        "\\p{WSpace}",
        "[\\p{Foo}]",
    ])
    func `a property that ECMA-262 does not name, or names otherwise, is refused`(_ pattern: String) {
        refuses(pattern)
    }

    @Test(arguments: [
        "", "|", "()", "(?:)", "a|", "(?:|)", "a?", "a??", "a{0}", "a{00,001}", "a{2,}?", "a{9999999999,9999999999}",
        "/", "\\/",
        "-", ",", ":", "=", "!", "<", ">", "'", "(?:^)*", "(?:(?=a))+", "(\\b)?", "(?<$>a)", "(?<_1>a)",
        "(?<\u{E9}\u{200D}>a)",
        "(?<\\u0061\\u{62}>c)\\k<ab>", "(?<\\uD835\\uDC9C>a)\\k<\u{1D49C}>", "\\k<a>(?<a>b)", "\\2(a)(b)",
        "(?<e\u{301}>a)(?<\u{E9}>b)",
        "[]", "[^]", "[-]", "[a-]", "[-a]", "[^-]", "[.*+?(){}|$^]", "[\\]\\[\\^\\-\\/\\b]", "\\uD83D",
        "\\uDE00\\uD83D",
        "\\uD83D\\u0041", "[\\uD800-\\uDFFF]", "\\0", "\\0a", "\\cA\\cz", "(?<!(?<=a)b)c",
    ])
    func `what the grammar allows is read`(_ pattern: String) {
        #expect(throws: Never.self) { try RegexParser.parse(pattern) }
    }

    @Test func `the offset of an error counts code points`() {
        #expect { try RegexParser.parse("\u{1F600}\u{1F600}\\a") } throws: { ($0 as? RegexError)?.offset == 3 }
    }

    @Test func `groups that nest more than a hundred deep are refused`() {
        refuses(String(repeating: "(", count: 100_000))
        refuses(String(repeating: "(?:", count: 100) + String(repeating: ")", count: 100))
        #expect(throws: Never.self) {
            try RegexParser.parse(String(repeating: "(?:", count: 99) + String(repeating: ")", count: 99))
        }
    }

    private func refuses(_ pattern: String) {
        #expect(throws: RegexError.self, "\(pattern.prefix(40))") { try RegexParser.parse(pattern) }
    }
}
