import Testing

@testable import JSONSchema

@Suite struct RegexEngineTests {
    @Test(
        arguments: [
            "((a{100}){100}){100}", "(a{1000}){1000}", "a{8192}", "a{999999999999999999999}", "(?:a{3000}|b{3000}){2}",
            "(?:(?:(?:a?){99}){99}){99}", "(?:a|b){1,4000}",
        ] as [String])
    func `a pattern that needs more than 8192 states is refused before memory is spent`(_ pattern: String) {
        #expect { try RegexProgram(pattern) } throws: { error in
            (error as? RegexError)?.detail == "a pattern that needs more than 8192 states"
        }
    }

    @Test func `lookaheads at the start share the limit of states`() {
        #expect(throws: RegexError.self) { try RegexProgram("^(?!a{5000})b{5000}") }
        #expect(throws: Never.self) { try RegexProgram("^(?!a{4000})b{4000}") }
    }

    @Test func `too many kinds of characters, sets or ranges are refused`() {
        let many = (0x4E00..<0x4E00 + 1025).compactMap { Unicode.Scalar($0).map(String.init) }
        #expect(throws: RegexError.self) { try RegexProgram(many.joined()) }
        #expect(throws: RegexError.self) { try RegexProgram(many.dropLast().joined()) }
        #expect(throws: Never.self) { try RegexProgram(many.dropLast(2).joined()) }
        #expect(throws: Never.self) { try RegexProgram("[" + many.joined() + "]") }
        let large = many.prefix(200).map { "[\\p{L}\\p{N}\\p{S}\($0)a-\($0)]" }.joined()
        #expect(throws: Never.self) { try RegexProgram(large) }
        let ranges = many.prefix(1000).map { "[\\p{Lu}\\p{Ll}\($0)]" }.joined()
        #expect(throws: RegexError.self) { try RegexProgram(ranges) }
    }

    @Test(arguments: ["(?:){999999999999}", "(?:(?:){9999}a?){2000}", "(?:a{0}b){4000}", "^[a-z]{1,4000}$"])
    func `what repeats nothing costs nothing, and long repetitions fit`(_ pattern: String) {
        #expect(throws: Never.self) { try RegexProgram(pattern) }
    }

    @Test(arguments: ["(a|b)*a(a|b){14}", "a{1,2000}b", "(?:.*a.*b.*c){50}$"])
    func `a pattern whose table would be too large is matched by its automaton`(_ pattern: String) throws {
        let isTable = try RegexProgram(pattern).parts.map { part in
            if case .table = part.engine { true } else { false }
        }
        #expect(isTable == [false])
    }

    @Test(arguments: [
        "^[A-Za-z0-9_-]{43}$", "^id-[0-9]{2,4}(\\.[a-z0-9-]{1,32}){1,4}$", "^(?!0000)[0-9]{4}$", "\\bfoo\\b",
        "^[a-z]{1,4000}$",
        "^(?=.*\\d)(?=.*[a-z]).{8,64}$", "^[a-z.]{1,80}(?<!\\.)$", "^\\p{L}[\\p{L}\\p{M}' -]{0,99}$",
    ])
    func `usual patterns become tables`(_ pattern: String) throws {
        let isTable = try RegexProgram(pattern).parts.map { part in
            if case .table = part.engine { true } else { false }
        }
        #expect(isTable.allSatisfy { $0 })
    }

    @Test(arguments: [
        "^(a+)+$", "(a+)+$", "^(a|aa)*$", "^(a|a?)+$", "(a|aa)+$", "^(?:a*)*b", "(.*a){10}$", "(a*)(a*)(a*)(a*)b",
        "^(([a-z])+.)+[A-Z]$",
        "(?:\\p{L}+\\p{L}+)+1", "(a|b)*a(a|b){14}c",
    ])
    func `no text makes a pattern explode`(_ pattern: String) throws {
        let text = Array((String(repeating: "a", count: 100_000) + "!").utf8)
        for usesTables in [true, false] {
            #expect(try RegexProgram(pattern, usesTables: usesTables).matches(text[...]) == false)
        }
    }

    @Test func `a match that needs too much work is given up, not answered`() throws {
        let text = Array(String(repeating: "a", count: 20_000).utf8)
        #expect(try RegexProgram("a{1,4000}b").matches(text[...]) == nil)
        #expect(try RegexProgram("^(?!.*a{1,3000}b)a").matches(text[...]) == nil)
        #expect(try RegexProgram("(?<=a{1,3000}b)a").matches(text[...]) == nil)
    }

    @Test(
        arguments: [[0x80], [0xC3], [0xF0, 0x9F], [0xFF, 0xFF], [0x61, 0xE2, 0x82], [0xF7, 0xBF, 0xBF, 0xBF]]
            as [[UInt8]])
    func `octets that are not UTF-8 do no harm`(_ text: [UInt8]) throws {
        for pattern in ["^.*$", "(?<=.)x", "(?=.x)", "\\bx", "^\\p{L}+$"] {
            for usesTables in [true, false] {
                #expect(try RegexProgram(pattern, usesTables: usesTables).matches(text[...]) != nil)
            }
        }
    }

    @Test func `a slice is matched, not what is around it`() throws {
        let text = Array("xabcx".utf8)
        for pattern in ["^abc$", "^(?!x)\\babc\\b(?<=c)$", "(?<!x)abc(?!x)"] {
            #expect(try RegexProgram(pattern).matches(text[1..<4]) == true)
        }
    }
}
