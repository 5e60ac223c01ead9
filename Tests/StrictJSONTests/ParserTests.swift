import StrictJSON
import Testing

/// What the parser accepts and refuses, and where exactly it stops.
@Suite struct ParserTests {
    struct Refusal: Sendable, CustomTestStringConvertible {
        var text: [UInt8]
        var code: JSONError.Code
        var offset: Int
        var line: Int
        var column: Int
        var testDescription: String { String(decoding: text, as: UTF8.self) }

        init(_ text: String, _ code: JSONError.Code, _ offset: Int, line: Int = 1, column: Int? = nil) {
            self.init(Array(text.utf8), code, offset, line: line, column: column)
        }

        init(_ text: [UInt8], _ code: JSONError.Code, _ offset: Int, line: Int = 1, column: Int? = nil) {
            (self.text, self.code, self.offset, self.line) = (text, code, offset, line)
            self.column = column ?? offset + 1
        }

        func check(limits: JSONLimits = JSONLimits()) {
            let error = #expect(throws: JSONError.self) { try JSONDocument(text, limits: limits) }
            #expect(error?.code == code)
            #expect(error?.offset == offset)
            #expect(error?.line == line)
            #expect(error?.column == column)
        }
    }

    @Test(arguments: [
        Refusal("", .empty, 0), Refusal(" \n", .empty, 2, line: 2, column: 1),
        Refusal("\u{FEFF}1", .byteOrderMark, 0), Refusal("[\u{FEFF}1]", .unexpectedByte, 1),
        Refusal("1 2", .trailingText, 2), Refusal("{}\n]", .trailingText, 3, line: 2, column: 1),
        Refusal("truex", .trailingText, 4), Refusal("nulx", .unexpectedByte, 3), Refusal("nul", .unexpectedEnd, 3),
        Refusal("True", .unexpectedByte, 0), Refusal("NaN", .unexpectedByte, 0), Refusal("'a'", .unexpectedByte, 0),
        Refusal("\u{C}1", .unexpectedByte, 0), Refusal("\u{A0}1", .unexpectedByte, 0),
        Refusal("\0", .unexpectedByte, 0),
        Refusal("// x\n1", .unexpectedByte, 0), Refusal("1\0", .trailingText, 1),
    ])
    func `a text that is no JSON value is refused at the byte that is wrong`(_ refusal: Refusal) {
        refusal.check()
    }

    @Test(arguments: [
        Refusal("[", .unexpectedEnd, 1), Refusal("[1", .unexpectedEnd, 2), Refusal("[1,", .unexpectedEnd, 3),
        Refusal("[1,]", .unexpectedByte, 3), Refusal("[,1]", .unexpectedByte, 1), Refusal("[1 2]", .unexpectedByte, 3),
        Refusal("[1}", .unexpectedByte, 2), Refusal("]", .unexpectedByte, 0), Refusal("{", .unexpectedEnd, 1),
        Refusal("{1:2}", .unexpectedByte, 1), Refusal("{\"a\"}", .unexpectedByte, 4),
        Refusal("{\"a\":}", .unexpectedByte, 5), Refusal("{\"a\":1,}", .unexpectedByte, 7),
        Refusal("{\"a\":1", .unexpectedEnd, 6), Refusal("{\"a\":1]", .unexpectedByte, 6),
        Refusal("{\"a\" 1}", .unexpectedByte, 5), Refusal("{a:1}", .unexpectedByte, 1),
        Refusal("{,}", .unexpectedByte, 1),
        Refusal("[\n1,\n  x]", .unexpectedByte, 7, line: 3, column: 3),
        Refusal("[[],[],{]", .unexpectedByte, 8),
    ])
    func `an unfinished or badly separated container is refused`(_ refusal: Refusal) {
        refusal.check()
    }

    @Test(arguments: [
        Refusal("01", .invalidNumber, 0), Refusal("-01", .invalidNumber, 0), Refusal("-", .unexpectedEnd, 1),
        Refusal("-x", .invalidNumber, 0), Refusal("+1", .unexpectedByte, 0), Refusal(".5", .unexpectedByte, 0),
        Refusal("1.", .unexpectedEnd, 2), Refusal("[1.]", .invalidNumber, 1), Refusal("[1.e1]", .invalidNumber, 1),
        Refusal("1e", .unexpectedEnd, 2), Refusal("[1e]", .invalidNumber, 1), Refusal("[1e+]", .invalidNumber, 1),
        Refusal("0x10", .trailingText, 1), Refusal("-Infinity", .invalidNumber, 0), Refusal("1_000", .trailingText, 1),
        Refusal("[1e1.5]", .unexpectedByte, 4), Refusal("[-]", .invalidNumber, 1), Refusal("00", .invalidNumber, 0),
    ])
    func `a number that RFC 8259 does not know is refused`(_ refusal: Refusal) {
        refusal.check()
    }

    @Test(arguments: [
        Refusal("\"", .unexpectedEnd, 1), Refusal("\"a", .unexpectedEnd, 2), Refusal("\"\\", .unexpectedEnd, 2),
        Refusal("\"\t\"", .controlCharacter, 1), Refusal("\"a\nb\"", .controlCharacter, 2),
        Refusal("\"\u{1F}\"", .controlCharacter, 1), Refusal("\"\0\"", .controlCharacter, 1),
        Refusal("\"\\a\"", .invalidEscape, 1), Refusal("\"\\'\"", .invalidEscape, 1),
        Refusal("\"\\U0041\"", .invalidEscape, 1), Refusal("\"\\u004\"", .invalidEscape, 1),
        Refusal("\"\\u00G0\"", .invalidEscape, 1), Refusal("\"\\u{41}\"", .invalidEscape, 1),
        Refusal("\"\\u12", .unexpectedEnd, 5), Refusal("\"\\x41\"", .invalidEscape, 1),
        Refusal("\"a\\uD800\"", .loneSurrogate, 2), Refusal("\"\\uDC00\"", .loneSurrogate, 1),
        Refusal("\"\\uD800\\uD800\"", .loneSurrogate, 1), Refusal("\"\\uD800\\n\"", .loneSurrogate, 1),
        Refusal("\"\\uDFFF\\uD800\"", .loneSurrogate, 1), Refusal("\"\\uD83D\\u0041\"", .loneSurrogate, 1),
        Refusal("\"\\uDBFFx\"", .loneSurrogate, 1), Refusal("\"\\uD83Du\"", .loneSurrogate, 1),
        Refusal("{\"\\uD800\":1}", .loneSurrogate, 2),
    ])
    func `a bad escape, a control character and a lone surrogate are refused`(_ refusal: Refusal) {
        refusal.check()
    }

    @Test(
        arguments: [
            [0x80], [0xBF], [0xC0, 0x80], [0xC1, 0xBF], [0xC2], [0xC2, 0x22], [0xC3, 0x28], [0xE0, 0x80, 0x80],
            [0xE0, 0x9F, 0xBF], [0xE2, 0x82], [0xE2, 0x28, 0xA1], [0xE2, 0x82, 0x28], [0xED, 0xA0, 0x80],
            [0xED, 0xBF, 0xBF], [0xF0, 0x80, 0x80, 0x80], [0xF0, 0x8F, 0xBF, 0xBF], [0xF0, 0x9F, 0x98],
            [0xF0, 0x28, 0x8C, 0xBC], [0xF0, 0x90, 0x28, 0xBC], [0xF0, 0x90, 0x8C, 0x28], [0xF4, 0x90, 0x80, 0x80],
            [0xF5, 0x80, 0x80, 0x80], [0xF8, 0x88, 0x80, 0x80, 0x80], [0xFE], [0xFF],
        ] as [[UInt8]])
    func `octets that are not UTF-8 are refused inside a string and at its end`(_ octets: [UInt8]) {
        Refusal([0x22, 0x61] + octets + [0x22], .invalidUTF8, 2).check()
        Refusal([0x22, 0x61] + octets, .invalidUTF8, 2).check()
        Refusal([0x7B, 0x22] + octets + Array("\":1}".utf8), .invalidUTF8, 2).check()
    }

    @Test func `a bad octet is found at every place of a string, however its neighbours look`() {
        for place in 0..<48 {
            for length in [place + 1, 48, 64] where length > place {
                var text = [0x22] + Array(repeating: UInt8(ascii: "z"), count: length) + [0x22]
                for octet in 0..<0x20 as Range<UInt8> {
                    text[1 + place] = octet
                    Refusal(text, .controlCharacter, 1 + place).check()
                }
                for octet in [0x80, 0xC0, 0xFE] as [UInt8] {
                    text[1 + place] = octet
                    Refusal(text, .invalidUTF8, 1 + place).check()
                }
                text[1 + place] = UInt8(ascii: "\"")
                Refusal(text, .trailingText, 2 + place).check()
            }
        }
    }

    @Test(arguments: [
        "0", "-0", "0.0", "1e0", "1E+9", "-1.5e-10", " [ ] ", "{}", "\r\n\t null ", "\"\"", "\"\u{7F}\"",
        "\"\u{80}\u{7FF}\u{800}\u{FFFF}\u{10000}\u{10FFFF}\u{FEFF}\"", "\"\\/\\b\\f\\u0000\"", "[[],{},[{}]]",
        "{\"\":{\"\":0}}", "{\"a\":1,\"A\":1,\"\u{E9}\":1,\"e\u{301}\":1}", "[0,-1,true,false,null,\"x\"]",
        "\"\\uFFFF\"",
    ])
    func `every form that RFC 8259 knows is accepted`(_ text: String) throws {
        #expect(try JSONDocument(Array(text.utf8)).bytes == Array(text.utf8))
    }

    @Test(arguments: [
        Refusal("{\"a\":1,\"a\":2}", .duplicateName, 7),
        Refusal("{\"a\":1,\"\\u0061\":2}", .duplicateName, 7),
        Refusal("{\"\\u0061\":1,\"a\":2}", .duplicateName, 12),
        Refusal("{\"/\":1,\"\\/\":2}", .duplicateName, 7),
        Refusal("{\"\u{1F600}\":1,\"\\uD83D\\uDE00\":2}", .duplicateName, 10),
        Refusal("{\"\":1,\"\":2}", .duplicateName, 6),
        Refusal("[{},\n{\"x\":{\"b\":1,\"b\":1}}]", .duplicateName, 17, line: 2, column: 13),
        Refusal("{\"a\":1,\"b\":1,\"b\":1,\"a\":1}", .duplicateName, 13),
        Refusal("{\"a\":{\"a\":1},\"a\":1}", .duplicateName, 13),
    ])
    func `a name that an object has twice is refused, also when its escapes differ`(_ refusal: Refusal) {
        refusal.check()
    }

    @Test func `the second of two equal names is found among thousands`() {
        let names = (0..<5000).map { "\"n\($0)\":0" }.joined(separator: ",")
        let text = "{\(names),\"n17\":1,\"n16\":1}"
        Refusal(text, .duplicateName, names.utf8.count + 2).check()
    }

    @Test func `one level more than the limit is refused at its bracket`() throws {
        #expect(throws: Never.self) { try JSONDocument(Array("[{\"a\":[]}]".utf8), limits: JSONLimits(depth: 3)) }
        Refusal("[{\"a\":[[]]}]", .tooDeep, 7).check(limits: JSONLimits(depth: 3))
        Refusal("[]", .tooDeep, 0).check(limits: JSONLimits(depth: 0))
        Refusal([UInt8](repeating: 0x5B, count: 10_000), .tooDeep, 512).check()
    }

    @Test(arguments: [0x5B, 0x7B] as [UInt8]) func `the greatest depth is parsed, compared, hashed and written`(
        _ open: UInt8
    ) throws {
        let depth = JSONLimits.greatestDepth
        let level = open == 0x5B ? "[" : "{\"a\":"
        let text =
            String(repeating: level, count: depth) + "1"
            + String(repeating: open == 0x5B ? "]" : "}", count: depth)
        let root = try JSONDocument(Array(text.utf8), limits: JSONLimits(depth: depth)).root
        #expect(root.source.count == text.utf8.count)
        #expect(Set([root, try JSONDocument(Array(text.utf8), limits: JSONLimits(depth: depth)).root]).count == 1)
        #expect(try root.canonical() == Array(text.utf8))
        #expect(JSON(root).bytes == Array(text.utf8))
        Refusal(text, .tooDeep, (depth - 1) * level.utf8.count).check(limits: JSONLimits(depth: depth - 1))
    }

    @Test(arguments: [
        "9007199254740992", "-9007199254740992", "123456789012345678901234567890", "1e400", "-1e400",
        "9007199254740993.0", "1e16", "9007199254740991.4", "-9007199254740991.0000001",
    ])
    func `a number outside the interoperable range is refused where that is asked for`(_ number: String) throws {
        Refusal("[\(number)]", .numberOutOfRange, 1).check(limits: JSONLimits(numbers: .interoperable))
        #expect(try JSONDocument(Array(number.utf8)).root.number?.text == number)
    }

    @Test(arguments: [
        "9007199254740991", "-9007199254740991", "0", "-0", "1e-400", "0.1", "1e15", "1.7976931348623157e-308",
    ])
    func `a number inside the interoperable range is accepted`(_ number: String) throws {
        let document = try JSONDocument(Array(number.utf8), limits: JSONLimits(numbers: .interoperable))
        #expect(document.root.number?.text == number)
    }
}
