import Testing

@testable import JSONSchema

@Suite struct EmailFormatTests {
    private static let both: [Format] = [.email, .idnEmail]

    @Test(
        arguments: both,
        [
            "a", "@", "@b", "a@", "a@@b", "a@b@c", "a b@c", "a @b", "a@ b", " a@b", "a@b ", "a\t@b", "<a@b>", "A <a@b>",
            "a@b, c@d", "mailto:a@b@c", "a(c)@b", "a,b@c", "a;b@c", "a:b@c", "a[b]@c", "a\\b@c", "a\u{7F}@b", "a\0@b",
        ])
    func `a text that is no Mailbox (RFC 5321 §4.1.2) is refused`(_ format: Format, _ text: String) {
        #expect(!format.accepts(text))
    }

    @Test(arguments: both, [".a@b", "a.@b", "a..b@c", ".@b"])
    func `an empty atom of the local part is refused`(_ format: Format, _ text: String) {
        #expect(!format.accepts(text))
    }

    @Test(
        arguments: both,
        [
            "\"a@b", "a\"@b", "\"a\"b@c", "a\"b\"@c", "\"a\".b@c", "\"\"\"@b", "\"\\\"@b", "\"a\\\"@b", "\"a\n\"@b",
            "\"\\\n\"@b",
            "\"\u{7F}\"@b", "\"\\é\"@b", "\"a\"@", "\"a@b\"",
        ])
    func `a Quoted-string that does not end, or holds what it may not (RFC 5321 §4.1.2), is refused`(
        _ format: Format, _ text: String
    ) {
        #expect(!format.accepts(text))
    }

    @Test(
        arguments: both,
        [
            "a@b.", "a@.b", "a@b..c", "a@-b", "a@b-", "a@b-.c", "a@b_c", "a@b=c", "a@b c", "a@b/c", "a@b%63", "a@b:25",
            "a@b,c",
            "a@" + String(repeating: "b", count: 64), "a@b。c", "a@．b",
        ])
    func `a domain that is not of sub-domains (RFC 5321 §4.1.2) is refused`(_ format: Format, _ text: String) {
        #expect(!format.accepts(text))
    }

    @Test(
        arguments: both,
        [
            "a@[]", "a@[", "a@]", "a@[127.0.0.1", "a@127.0.0.1]", "a@[127.0.0.256]", "a@[127.0.0]", "a@[1.2.3.4.5]",
            "a@[127.0.0.0001]", "a@[127.0.0.1].b", "a@b[127.0.0.1]", "a@[ 127.0.0.1]", "a@[127.0.0.٢]", "a@[b]",
            "a@[x:y]",
            "a@[::1]", "a@[IPv6]", "a@[IPv6:]", "a@[IPv6:::1", "a@[IPv6::1]", "a@[IPv6:1]", "a@[IPv6 ::1]",
            "a@[IPv4:1.2.3.4]",
            "a@[IPv6\u{1A}::1]", "a@[\u{49}Pv\u{16}:::1]", "a@[IPv6:fe80::1%eth0]", "a@[IPv6:g::]", "a@[IPv6:1.2.3.4]",
        ])
    func `an address literal that is none (RFC 5321 §4.1.3) is refused`(_ format: Format, _ text: String) {
        #expect(!format.accepts(text))
    }

    @Test(arguments: [
        "a@[IPv6:1:2:3:4:5:6:7::]", "a@[IPv6:1::3:4:5:6:7:8]", "a@[IPv6:1:2:3:4:5::1.2.3.4]",
        "a@[IPv6:1::2:3:4:5:1.2.3.4]",
    ])
    func `a double colon for one group alone, which RFC 5321 §4.1.3 does not know, is refused`(_ text: String) {
        #expect(!Format.email.accepts(text))
    }

    @Test(arguments: both)
    func `more than 64 octets of local part, or 254 in all (RFC 5321 §4.5.3.1), are refused`(_ format: Format) {
        let local = String(repeating: "a", count: 64)
        let domain = String(repeating: String(repeating: "b", count: 61) + ".", count: 3) + "c.d"
        #expect(format.accepts(local + "@" + domain))
        #expect(!format.accepts("a" + local + "@b"))
        #expect(!format.accepts("\"" + local + "\"@b"))
        #expect(format.accepts("\"" + local.dropLast(2) + "\"@b"))
        #expect(!format.accepts(local + "@b" + domain.dropFirst() + "ee"))
    }

    @Test(arguments: ["é@b", "a@é", "a@b.é", "\"é\"@b", "Ａ@b", "a@bé", "a@b\u{300}", "ⅰ@b"])
    func `a text beyond ASCII is an email of RFC 6531 only`(_ text: String) {
        #expect(!Format.email.accepts(text))
    }

    @Test(
        arguments: both,
        [
            "a@b", "a@b.c", "a.b@c", "a.b.c@d", "a+b@c", "a-b@c-d.e", "-@b", "1@2", "a@1.2.3.4", "A@B.C", "~a~@b",
            "{a}@b",
            "!#$%&'*+-/=?^_`{|}~@x", "a@b--c.d", "a@xn--a", "a@1b",
        ])
    func `a Dot-string at a domain is accepted`(_ format: Format, _ text: String) {
        #expect(format.accepts(text))
    }

    @Test(
        arguments: both,
        [
            "\"\"@b", "\"a b\"@c", "\"a@b\"@c", "\"a\\\"b\"@c", "\"\\\\\"@b", "\"..\"@b", "\"a,(b)[c]\"@d",
            "\"\\a\\ \"@b", "\" \"@b",
        ])
    func `a Quoted-string at a domain is accepted`(_ format: Format, _ text: String) {
        #expect(format.accepts(text))
    }

    @Test(
        arguments: both,
        [
            "a@[127.0.0.1]", "a@[127.000.000.001]", "a@[255.255.255.255]", "a@[IPv6:::]", "a@[IPv6:::1]",
            "a@[ipv6:1::]",
            "a@[IPV6:1:2:3:4:5:6:7:8]", "a@[IPv6:1:2:3:4:5:6::]", "a@[IPv6:::ffff:192.0.2.1]",
            "a@[IPv6:1:2:3:4:5:6:1.2.3.04]",
            "\"a\"@[IPv6:1:2:3:4::1.2.3.4]",
        ])
    func `a local part at an address literal is accepted`(_ format: Format, _ text: String) {
        #expect(format.accepts(text))
    }

    @Test(arguments: [
        "a@É.b", "a@é-", "a@-é", "a@ab--é", "a@é_b", "a@é..b", "é..a@b", ".é@b", "é é@b", "a@\u{301}b", "a@e\u{301}",
        "a@ﬁ.b", "a@b。é", "é@[é]", "a@a·b", "a@א1١", "a@1.א", "a@☃.b", "é", "a@" + String(repeating: "ö", count: 58),
    ])
    func `a text that is no Mailbox of RFC 6531 §3.3 is refused`(_ text: String) {
        #expect(!Format.idnEmail.accepts(text))
    }

    @Test(arguments: [
        "é@b", "a@é", "é.ü@ö.ä", "\"é ü\"@b", "用户@例子.广告", "अजय@डाटा.भारत", "квіточка@пошта.укр", "θσερ@εχαμπλε.ψομ",
        "a@א.ב",
        "Ü@b", "e\u{301}@b", "☃@b", "a@l·l.b", "ﬁ@[127.0.0.1]", "a@Bb.é",
    ])
    func `a Mailbox of RFC 6531 §3.3 is accepted`(_ text: String) {
        #expect(Format.idnEmail.accepts(text))
    }

    @Test func `the local part is measured in octets`() {
        #expect(Format.idnEmail.accepts(String(repeating: "é", count: 32) + "@b"))
        #expect(!Format.idnEmail.accepts(String(repeating: "é", count: 33) + "@b"))
    }
}
