import Testing

@testable import JSONSchema

@Suite struct HostnameFormatTests {
    private static let both: [Format] = [.hostname, .idnHostname]

    @Test(
        arguments: both,
        [
            "", ".", "..", "a.", ".a", "a..b", "a.b.", ".a.b", " ", "a b", " a", "a ", "a_b", "_a", "a/b", "a:80",
            "a@b", "a\\b",
            "a,b", "*.a", "a!", "[::1]", "a%62", "a\0", "a\tb", "a\u{7F}",
        ])
    func `a text that is not of labels of letters, digits and hyphens (RFC 1123 §2.1) is refused`(
        _ format: Format, _ text: String
    ) {
        #expect(!format.accepts(text))
    }

    @Test(arguments: both, ["-", "--", "-a", "a-", "a.-b", "a-.b", "a.b-", "-a-", "1-", "-1"])
    func `a hyphen at the edge of a label (RFC 952) is refused`(_ format: Format, _ text: String) {
        #expect(!format.accepts(text))
    }

    @Test(arguments: both)
    func `a label of 64 octets or a name of 254 (RFC 1035 §2.3.4) is refused`(_ format: Format) {
        let label = String(repeating: "a", count: 63)
        let name = [label, label, label, String(repeating: "b", count: 61)].joined(separator: ".")
        #expect(format.accepts(label))
        #expect(!format.accepts(label + "a"))
        #expect(format.accepts(label + ".b"))
        #expect(!format.accepts("b." + label + "a"))
        #expect(name.utf8.count == 253)
        #expect(format.accepts(name))
        #expect(!format.accepts(name + "b"))
        #expect(!format.accepts(String(repeating: "a.", count: 127) + "b"))
        #expect(format.accepts(String(repeating: "a.", count: 126) + "b"))
    }

    @Test(arguments: both, ["1.2.3.4", "127.0.0.1", "256.256.256.256", "0.0.0.0", "01.02.03.04", "1.2.3.12345"])
    func `the dotted-decimal form, which no host name can have (RFC 1123 §2.1), is refused`(
        _ format: Format, _ text: String
    ) {
        #expect(!format.accepts(text))
    }

    @Test(
        arguments: both,
        ["ab--c", "aa--", "12--34", "--a", "a---b", "zn--bcher-kva", "xm--a", "a.bc--d.e", "qq--bcher-kva"])
    func `hyphens in the third and fourth places of what is no A-label (RFC 5891 §4.2.3.1) are refused`(
        _ format: Format, _ text: String
    ) {
        #expect(!format.accepts(text))
    }

    @Test(
        arguments: both,
        [
            "xn--", "xn--a", "xn---", "xn--a-", "xn--abc-", "xn--0", "xn--9", "xn--zzzzzzzzzzz", "xn--99999999",
            "xn--bcher-kva-",
            "xn--bcher-kv", "xn---bcher", "xn--bücher", "xn--999999999999999999999999999999999999999999999999999999999",
        ])
    func `an A-label whose Punycode (RFC 3492) does not decode to a U-label is refused`(
        _ format: Format, _ text: String
    ) {
        #expect(!format.accepts(text))
    }

    @Test(
        "an A-label of what is no U-label (RFC 5890 §2.3.2.1) is refused",
        arguments: [
            ("xn--wca", "an upper-case letter"), ("xn--jm6c", "a ligature"), ("xn--i-7iq", "a heart"),
            ("xn--e28h", "an emoji"),
            ("xn--a-wbb", "a leading mark"), ("xn----dha", "a hyphen at the end"),
            ("xn----eha", "a hyphen at the start"),
            ("xn--ab---3ra", "hyphens in the third and fourth places"), ("xn--xn---3ra", "the sign of an A-label"),
            ("xn--lda23i", "no NFC"), ("xn--ypd8q", "conjoining jamo"), ("xn--lja", "what NFKC takes apart"),
            ("xn--ab-0ea", "a middle dot between other letters"), ("xn--a-jib", "a keraia before another script"),
            ("xn--a-0jc", "a geresh after another script"), ("xn--vek", "a lone Katakana middle dot"),
            ("xn--mgb0j6q", "digits of both kinds"), ("xn--0ug", "a lone zero width non-joiner"),
            ("xn--mgb3c", "tatweel"),
            ("xn--11b2e898f", "a non-joiner between Devanagari letters"), ("xn--ab-m1t", "a joiner between letters"),
            ("xn--1-0hc", "Bidi condition 1"), ("xn--a-zhc", "Bidi condition 2"), ("xn--1-zhc05b", "Bidi condition 4"),
            ("xn--a-0hc", "Bidi condition 5"),
        ])
    func brokenALabel(_ text: String, _ reason: String) {
        #expect(!Format.hostname.accepts(text), "\(reason)")
        #expect(!Format.idnHostname.accepts("a." + text), "\(reason)")
    }

    @Test(arguments: ["é", "a.é", "ａ", "a。b", "a．b", "a｡b", "١", "a\u{AD}b", "a\u{200B}b", "ß", "İ", "\u{212A}"])
    func `a text beyond ASCII is no host name`(_ text: String) {
        #expect(!Format.hostname.accepts(text))
    }

    @Test(
        arguments: both,
        [
            "a", "A", "1", "0", "123", "1.2", "1.2.3", "1.2.3.4.5", "1.2.3.a", "1a", "a1", "a-b", "a--b", "a-b-c.d",
            "1-2",
            "a.b.c.d.e", "localhost", "EXAMPLE.Id", "3com.id", "a-b---c",
        ])
    func `a host name of RFC 1123 §2.1 is accepted`(_ format: Format, _ text: String) {
        #expect(format.accepts(text))
    }

    @Test(
        arguments: both,
        [
            "xn--bcher-kva", "XN--BCHER-KVA", "Xn--Bcher-Kva.ID", "a.xn--bcher-kva.b", "xn--smrgs-pra0j",
            "xn--strae-oqa",
            "xn--nxasmm1c", "xn--e1afmkfd", "xn--6dbbec0c", "xn--mgbh0fb", "xn--r8jz45g", "xn--zckzah",
            "xn--h2bhs4b8d8a",
            "xn--11b2ezcw70k", "xn--mgba3gch31f060k", "xn--ll-0ea", "xn--wva4j", "xn--4db4e", "xn--ccke4x", "xn--w6j",
            "xn--9ca",
            "xn--8lg", "xn--o39a", "xn--d67c",
        ])
    func `an A-label of either case (RFC 5890 §2.3.2.1) is accepted`(_ format: Format, _ text: String) {
        #expect(format.accepts(text))
    }
}
