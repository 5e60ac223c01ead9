import Testing

@testable import JSONSchema

@Suite struct URITemplateFormatTests {
    @Test(arguments: ["{", "}", "a{", "a}", "{a", "a}b", "{a}}", "{{a}}", "{a{b}}", "}{", "{a}{", "{a}b}", "{a\n}"])
    func `braces that do not pair (RFC 6570 §2.2) are refused`(_ text: String) {
        #expect(!Format.uriTemplate.accepts(text))
    }

    @Test(arguments: [
        "{}", "{+}", "{#}", "{?}", "{,}", "{a,}", "{,a,}", "{a,,b}", "{+,a}", "{.}", "{..a}", "{a.}", "{a..b}", "{++a}",
        "{#?a}", "{?&a}",
    ])
    func `a missing variable (RFC 6570 §2.3) is refused`(_ text: String) {
        #expect(!Format.uriTemplate.accepts(text))
    }

    @Test(arguments: [
        "{a b}", "{ a}", "{a }", "{a-b}", "{a/b}", "{é}", "{$a}", "{(a)}", "{^a}", "{~a}", "{-a}", "{a=b}", "{a+}",
        "{%}", "{%4}", "{%g1}",
        "{a%}", "{a'}", "{\"a\"}", "{a|b}", "{a?}", "{*a}", "{:1}", "{a!}", "{a\u{301}}",
    ])
    func `a variable's name that is not of letters, digits, low lines and escapes (RFC 6570 §2.3) is refused`(
        _ text: String
    ) {
        #expect(!Format.uriTemplate.accepts(text))
    }

    @Test(arguments: [
        "{a:}", "{a:0}", "{a:01}", "{a:10000}", "{a:-1}", "{a:b}", "{a:1b}", "{a:*}", "{a*:1}", "{a:1*}", "{a**}",
        "{a:1:2}", "{a:٣}", "{a: 1}",
        "{a:1.5}", "{a*b}",
    ])
    func `a prefix that is not 1 to 9999, or beside a star (RFC 6570 §2.4), is refused`(_ text: String) {
        #expect(!Format.uriTemplate.accepts(text))
    }

    @Test(arguments: [
        " ", "a b", "\"", "<", ">", "\\", "^", "`", "|", "%", "%2", "%zz", "%%41", "\0", "\u{1F}", "\u{7F}", "\n",
        "\u{80}", "\u{9F}",
        "\u{FFFD}", "\u{E0001}",
    ])
    func `a character that is no literal (RFC 6570 §2.1) is refused`(_ text: String) {
        #expect(!Format.uriTemplate.accepts(text))
        #expect(!Format.uriTemplate.accepts("{a}" + text + "z"))
    }

    @Test(arguments: [0xFDD0, 0xFFF0, 0xFFFE, 0x1_FFFF, 0xE_0FFF, 0xF_FFFE, 0x10_FFFF] as [UInt32])
    func `a code point that no IRI holds (RFC 3987 §2.2) is no literal`(_ codePoint: UInt32) throws {
        #expect(!Format.uriTemplate.accepts(String(Character(try #require(Unicode.Scalar(codePoint))))))
    }

    @Test(arguments: [
        "", "a", "http://a/b?c#d", "[a]", "!#$&()*+,-./:;=?@_~", "a%20b", "%C3%A9", "é", "\u{A0}", "\u{E000}",
        "\u{10FFFD}", "\u{E1000}", "\u{202E}",
        "漢字", "//", ":",
    ])
    func `literals (RFC 6570 §2.1) are accepted`(_ text: String) {
        #expect(Format.uriTemplate.accepts(text))
    }

    @Test(arguments: ["'", "it's", "'{a}'"])
    func `an apostrophe is a literal (RFC 6570 erratum 6937)`(_ text: String) {
        #expect(Format.uriTemplate.accepts(text))
    }

    @Test(arguments: [
        "{a}", "{a,b}", "{+a}", "{#a}", "{.a}", "{/a}", "{;a}", "{?a}", "{&a}", "{?a,b*,c:3}", "{a.b}", "{a_b.c1}",
        "{_}", "{1}", "{%41}",
        "{a%20b}", "{%c3%A9.x}", "{a:1}", "{a:9999}", "{a*}", "{/a:2,b*}", "x{a}y{b}z", "{a}{b}",
        "http://a/{b}{?c,d*}{#e}", "é{a}",
    ])
    func `expressions of every level (RFC 6570 §2.2) are accepted`(_ text: String) {
        #expect(Format.uriTemplate.accepts(text))
    }

    @Test(arguments: ["{=a}", "{,a}", "{!a}", "{@a}", "{|a}", "{|a,b*}"])
    func `an operator that the grammar reserves (RFC 6570 §2.2) is of the grammar`(_ text: String) {
        #expect(Format.uriTemplate.accepts(text))
    }
}
