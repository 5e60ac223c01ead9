import Testing

@testable import JSONSchema

@Suite struct URIFormatTests {
    private static let references: [Format] = [.uriReference, .iriReference]
    private static let all: [Format] = [.uri, .uriReference, .iri, .iriReference]

    @Test(
        arguments: all,
        [":", ":a", "1a:b", "-a:b", "+:", ".a:b", "a_b:c", "a%62:c", "a b:c", "a^:b", "://a", "a~:", "a!b:c"])
    func `a scheme that is none (RFC 3986 §3.1), or a colon in the first segment (§4.2), is refused`(
        _ format: Format, _ text: String
    ) {
        #expect(!format.accepts(text))
    }

    @Test(
        arguments: all,
        [
            "a:%", "a:%2", "a:%g0", "a:%0g", "a:%%20", "a:%2%30", "http://a/%", "http://a/?%zz", "http://a/#%1",
            "http://%/",
            "http://a%5/", "http://%4@a/", "a:%u0041", "a:%-1", "a:%٢0",
        ])
    func `a percent sign without two hexadecimal digits (RFC 3986 §2.1) is refused`(_ format: Format, _ text: String) {
        #expect(!format.accepts(text))
    }

    @Test(arguments: all, [" ", "\"", "<", ">", "\\", "^", "`", "{", "|", "}", "\0", "\n", "\t", "\u{7F}", "\u{1F}"])
    func `a character that no URI holds (RFC 3986 §2) is refused in every part`(_ format: Format, _ text: String) {
        for part in ["a:/", "a:/b", "http://", "http://a/?", "http://a/#", "http://u", "a:"] {
            #expect(!format.accepts(part + text), "\(part)")
            #expect(!format.accepts(part + text + "c"), "\(part)")
        }
        #expect(!format.accepts("http://u" + text + "@a/"))
        #expect(!format.accepts(text + "a:b"))
    }

    @Test(
        arguments: all,
        [
            "a:[", "a:]", "a:b[c]", "http://a/[b]", "http://a/?[b]", "http://a/#[b]", "http://[u]@a/", "http://u[@a/",
            "http://a[b]/", "http://a]/", "a:/#b#c", "http://a#b#c", "http://a/##",
        ])
    func `brackets outside an IP literal, and a second number sign (RFC 3986 §3), are refused`(
        _ format: Format, _ text: String
    ) {
        #expect(!format.accepts(text))
    }

    @Test(
        arguments: all,
        [
            "http://a:b/", "http://a:80:80/", "http://a:-1/", "http://a:+1/", "http://a:8 0/", "http://a:0x50/",
            "http://a:٨٠/",
            "http://:a/", "http://[::1]:a/", "http://[::1]80/", "http://[::1]:80:/", "http://::1/", "http://1:2:3/",
            "http://a:8%30/",
        ])
    func `a port that is not of digits (RFC 3986 §3.2.3) is refused`(_ format: Format, _ text: String) {
        #expect(!format.accepts(text))
    }

    @Test(
        arguments: all,
        [
            "http://u@v@a/", "http://@@/", "http://a:b@c:d/", "http://u@a@", "http://u:p@v:q@a/",
        ])
    func `a second at sign in an authority (RFC 3986 §3.2) is refused`(_ format: Format, _ text: String) {
        #expect(!format.accepts(text))
    }

    @Test(
        arguments: all,
        [
            "http://[::1", "http://[", "http://[]/", "http://[1]/", "http://[1.2.3.4]/", "http://[::1]x/",
            "http://x[::1]/",
            "http://[::1]]/", "http://[[::1]]/", "http://[::g]/", "http://[1:2:3:4:5:6:7:8:9]/", "http://[::1::]/",
            "http://[fe80::1%25eth0]/", "http://[fe80::1%eth0]/", "http://[::%31]/", "http://[::1/", "http://[:]/",
            "http://[a]/",
            "http://[::1.2.3]/", "http://[::01.2.3.4]/", "http://[::1]@a/",
        ])
    func `an IP literal that is no IPv6 address (RFC 3986 §3.2.2) is refused`(_ format: Format, _ text: String) {
        #expect(!format.accepts(text))
    }

    @Test(
        arguments: all,
        [
            "http://[v]/", "http://[v.]/", "http://[v1]/", "http://[v1.]/", "http://[vg.a]/", "http://[v.a]/",
            "http://[v1.%41]/",
            "http://[v1.a/b]/", "http://[v1.a@b]/", "http://[v1.é]/", "http://[1.a]/", "http://[v1.[]]/",
        ])
    func `an IP literal that is no IPvFuture (RFC 3986 §3.2.2) is refused`(_ format: Format, _ text: String) {
        #expect(!format.accepts(text))
    }

    @Test(
        arguments: [Format.uri, .iri], ["", "a", "/a", "//a/b", "?a", "#a", "./a:b", "a/b:c", "../", "a.b", "//a:80"])
    func `a reference without a scheme (RFC 3986 §4.2) is no URI`(_ format: Format, _ text: String) {
        #expect(!format.accepts(text))
    }

    @Test(
        arguments: all,
        [
            "a:", "a:b", "a:/b", "a:/b//c", "a:b:c", "A+-.9:b", "http:", "http:/", "http:a", "http://", "http:///a",
            "http://a",
            "http://a/", "http://a?b", "http://a#b", "http://a/?", "http://a/#", "http://a/?#",
            "http://a/b;c=1,2/d?e=f/?g#h/?i",
            "mailto:a@b.id", "urn:isbn:0", "tel:+62", "file:///a/b", "data:,a%20b", "a:%2f%2F", "a:-._~!$&'()*+,;=:@/",
            "http://a/-._~!$&'()*+,;=:@?-._~!$&'()*+,;=:@/?#-._~!$&'()*+,;=:@/?", "ftp://a/..//.", "a:@", "about:blank",
            "x:?", "x:#",
        ])
    func `a URI (RFC 3986 §3) is accepted`(_ format: Format, _ text: String) {
        #expect(format.accepts(text))
    }

    @Test(
        arguments: all,
        [
            "http://a:80", "http://a:/", "http://:80/", "http://a:00080", "http://a:99999999999/", "http://1.2.3.4:80",
            "http://999.1.1.1/", "http://u@a", "http://u:p@a", "http://u:@a", "http://:@a", "http://@a",
            "http://u:p:q@a",
            "http://%41%ff/", "http://a_b/", "http://-a.-/", "http://a..b/", "http://!$&'()*+,;=/",
            "http://!$&'()*+,;=:%20@a",
            "http://[::1]", "http://[::1]:80/", "http://[::1]:", "http://u@[::]:1", "http://[1:2:3:4:5:6:7::]/",
            "http://[::ffff:1.2.3.4]/", "http://[v1.a]/", "http://[V1F.a:b!$&'()*+,;=-._~]:1",
        ])
    func `an authority (RFC 3986 §3.2) is accepted`(_ format: Format, _ text: String) {
        #expect(format.accepts(text))
    }

    @Test(
        arguments: references,
        [
            "", "a", "/", "/a", "//", "//a", "//a:1/b", "//[::1]", "?", "?a", "#", "#a", "?#", ".", "..", "../b",
            "./a:b", "a/b:c",
            "/a:b", "//:1", "a;b", "@", "a@b", "?:", "#:", "*", "%41", "a//b", "///a",
        ])
    func `a relative reference (RFC 3986 §4.2) is accepted`(_ format: Format, _ text: String) {
        #expect(format.accepts(text))
    }
}

@Suite struct IRIFormatTests {
    @Test(arguments: [
        "a:é", "http://é/", "http://a/é", "http://a/?é", "http://a/#é", "http://é@a/", "é:a", "a:\u{A0}", "a:\u{E000}",
    ])
    func `a text beyond ASCII is no URI (RFC 3986 §2)`(_ text: String) {
        #expect(!Format.uri.accepts(text))
        #expect(!Format.uriReference.accepts(text))
    }

    @Test(
        arguments: [
            0x80, 0x9F, 0xE000, 0xF8FF, 0xFDD0, 0xFDEF, 0xFFF0, 0xFFFD, 0xFFFE, 0xFFFF, 0x1_FFFE, 0x1_FFFF, 0x8_FFFE,
            0xD_FFFF,
            0xE_0000, 0xE_0001, 0xE_0FFF, 0xE_FFFE, 0xF_0000, 0xF_FFFD, 0x10_0000, 0x10_FFFD, 0x10_FFFF,
        ] as [UInt32])
    func `a code point outside ucschar (RFC 3987 §2.2) is refused outside the query`(_ codePoint: UInt32) throws {
        let character = String(Character(try #require(Unicode.Scalar(codePoint))))
        for text in [
            "a:" + character, "http://" + character, "http://u\(character)@a", "a:#" + character, "a:/b" + character,
        ] {
            #expect(!Format.iri.accepts(text))
            #expect(!Format.iriReference.accepts(text))
        }
    }

    @Test(arguments: [0xE000, 0xF8FF, 0xF_0000, 0xF_FFFD, 0x10_0000, 0x10_FFFD] as [UInt32])
    func `a code point for private use (RFC 3987 §2.2) is accepted in the query`(_ codePoint: UInt32) throws {
        let character = String(Character(try #require(Unicode.Scalar(codePoint))))
        #expect(Format.iri.accepts("a:?" + character))
        #expect(Format.iriReference.accepts("?" + character))
    }

    @Test(arguments: [0x80, 0xFDD0, 0xFFFD, 0xFFFE, 0x1_FFFE, 0xE_0001, 0xF_FFFE, 0x10_FFFF] as [UInt32])
    func `a code point neither of ucschar nor for private use is refused in the query`(_ codePoint: UInt32) throws {
        let character = String(Character(try #require(Unicode.Scalar(codePoint))))
        #expect(!Format.iri.accepts("a:?" + character))
    }

    @Test(arguments: [0x200E, 0x200F, 0x202A, 0x202B, 0x202C, 0x202D, 0x202E] as [UInt32])
    func `a bidirectional formatting character (RFC 3987 §4.1) is refused`(_ codePoint: UInt32) throws {
        let character = String(Character(try #require(Unicode.Scalar(codePoint))))
        for text in ["a:" + character, "a:?" + character, "a:#" + character, "http://" + character] {
            #expect(!Format.iri.accepts(text))
        }
    }

    @Test(arguments: [
        "é:a", "aé:b", "http://a:é/", "http://[é]/", "http://[::é]/", "http://[v1.é]/", "é b", "\\é", "é\u{7F}", "%é1",
    ])
    func `what is ASCII in an IRI too is refused beyond it (RFC 3987 §2.2)`(_ text: String) {
        #expect(!Format.iri.accepts(text))
        #expect(!Format.iriReference.accepts(text))
    }

    @Test(
        arguments: [
            0xA0, 0xAD, 0xE9, 0x3A9, 0xD7FF, 0xF900, 0xFDCF, 0xFDF0, 0xFFEF, 0x1_0000, 0x1_F600, 0x1_FFFD, 0x2_0000,
            0xD_FFFD,
            0xE_1000, 0xE_FFFD, 0x2066, 0x200D, 0x301,
        ] as [UInt32])
    func `a code point of ucschar (RFC 3987 §2.2) is accepted in every part`(_ codePoint: UInt32) throws {
        let character = String(Character(try #require(Unicode.Scalar(codePoint))))
        for text in [
            "a:" + character, "http://\(character)@a/", "http://" + character, "a:?" + character, "a:#" + character,
        ] {
            #expect(Format.iri.accepts(text))
        }
        #expect(Format.iriReference.accepts(character))
    }

    @Test(arguments: ["a/\u{301}:b", "/\u{301}:b", "a?\u{301}:b", "#\u{301}:", "//\u{301}/:", "é/b:c", ""])
    func `a combining mark after a delimiter does not hide it`(_ text: String) {
        #expect(Format.iriReference.accepts(text))
    }
}
