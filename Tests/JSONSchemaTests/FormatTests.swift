import Testing

@testable import JSONSchema

@Suite struct FormatTests {
    struct Table: Sendable, CustomTestStringConvertible {
        var format: Format
        var refused: [String]
        var accepted: [String]
        var testDescription: String { format.rawValue }
    }

    private static let times = [
        Table(
            format: .date,
            refused: [
                "", "2025-02-29", "1900-02-29", "2025-00-01", "2025-13-01", "2025-04-31", "2025-1-01", "25-01-01",
                "2025-01-01 ", "2025/01/01", "２025-01-01", "2025-01-00", "12025-01-01",
            ],
            accepted: ["2024-02-29", "2000-02-29", "0000-01-01", "2025-12-31"]),
        Table(
            format: .time,
            refused: [
                "12:00:00", "24:00:00Z", "12:60:00Z", "12:00:61Z", "12:00:60Z", "22:59:60Z", "12:00:00.Z", "12:00Z",
                "12:00:00+24:00", "12:00:00+01:60", "12:00:00+0100", "12:00:00 Z", "12:00:00Zz", "23:59:60+01:00",
            ],
            accepted: [
                "12:00:00Z", "00:00:00.000001z", "23:59:60Z", "08:59:60+09:00", "15:59:60-08:00", "12:00:00-23:59",
            ]),
        Table(
            format: .dateTime,
            refused: [
                "2025-01-01", "2025-01-01 00:00:00Z", "2025-01-01T00:00:00", "2025-02-30T00:00:00Z", "T00:00:00Z",
                "1998-12-31T23:58:60Z", "2025-01-01T00:00:00Zx", "2025-W01-1T00:00:00Z",
            ],
            accepted: [
                "2025-01-01T00:00:00Z", "2025-01-01t00:00:00.5z", "1998-12-31T23:59:60Z", "2025-01-01T07:00:00+07:00",
            ]),
        Table(
            format: .duration,
            refused: [
                "", "P", "PT", "P1", "1D", "P1YT", "P1Y2D", "PT1H2S", "P2D1Y", "P1Y2W", "P1W2D", "P1S", "PT1D", "P1.5D",
                "P-1D", "P1DT", "p1d", "P1D ",
            ],
            accepted: ["P1Y", "P1Y2M3D", "P1Y2M", "P2M3D", "P4W", "PT0S", "PT1H2M3S", "PT2M3S", "P1DT12H", "P1YT5S"]),
    ]

    private static let network = [
        Table(
            format: .email,
            refused: [
                "", "a", "@b", "a@", "a@@b", ".a@b.id", "a.@b.id", "a..b@c.id", "a b@c.id", "a@b..id", "a@-b.id",
                "\"a@b.id", "\"a\"b@c.id", "a@[127.0.0.300]", "a@[::1]", "a@b.id ", "a@[IPv6:::1", "é@b.id",
                String(repeating: "a", count: 65) + "@b.id", "a@[IPv6\u{1A}::1]",
            ],
            accepted: [
                "a@b.id", "a.b+c@sub.contoh.id", "\"a b\\\"\"@c.id", "!#$%&'*+-/=?^_`{|}~@x", "a@[127.0.0.1]",
                "a@[IPv6:::1]",
            ]),
        Table(
            format: .hostname,
            refused: [
                "", ".", "a.", ".a", "a..b", "-a", "a-", "a_b", "a b", String(repeating: "a", count: 64), "é.id",
                String(repeating: "abcdefg.", count: 32) + "a",
            ],
            accepted: ["a", "a-b.id", "1.2", String(repeating: "a", count: 63) + ".id", "XN--A"]),
        Table(
            format: .ipv4,
            refused: [
                "", "1.2.3", "1.2.3.4.5", "256.0.0.1", "01.2.3.4", "1.2.3.4/8", "1.2..4", "0x1.2.3.4", "1.2.3.٤",
            ],
            accepted: ["0.0.0.0", "255.255.255.255", "10.1.2.3"]),
        Table(
            format: .ipv6,
            refused: [
                "", ":", ":::", "1", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1::2::3", "12345::", "g::", "::1%eth0",
                "1:2:3:4:5:6:7:", ":1:2:3:4:5:6:7", "::1.2.3", "1.2.3.4::", "1:2:3:4:5:6:7:1.2.3.4", "::ffff:256.0.0.1",
                "1:2:3:4:5:6:7:8::", "::1 ", "fe80::/64",
            ],
            accepted: [
                "::", "::1", "1::", "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "::ffff:1.2.3.4",
                "1:2:3:4:5:6:1.2.3.4", "fe80::A:b",
            ]),
        Table(
            format: .uuid,
            refused: [
                "", "00000000-0000-0000-0000-00000000000", "00000000-0000-0000-0000-0000000000000",
                "00000000000000000000000000000000", "g0000000-0000-0000-0000-000000000000",
                "{00000000-0000-0000-0000-000000000000}", "0000-00000000-0000-0000-000000000000",
            ],
            accepted: ["00000000-0000-0000-0000-000000000000", "2EB8AA08-aa98-11ea-b4aa-73B441D16380"]),
    ]

    private static let references = [
        Table(
            format: .uri,
            refused: [
                "", "a", "/a", "//a.id/x", "1a:b", ":a", "http://a b", "http://a/%", "http://a/%2G", "http://a/<>",
                "a:é",
                "http://[::1", "http://[1]/", "http://a:b/", "http://a/\\", "http://a/#b#c", "a:\"", "http://[::1]x",
                "a:[b]", "http://a:80:80/",
            ],
            accepted: [
                "http://a.id:80/b;c=1/d?e=f/?#g/?", "urn:uuid:2eb8aa08", "a:", "mailto:a@b.id", "http://[::1]:8080/",
                "http://[v1.a:b]/", "http://u:p@a/%C3%A9", "file:///a", "ldap://[2001:db8::7]/c=GB?objectClass?one",
            ]),
        Table(
            format: .uriReference, refused: ["\\a", "a b", "%", "1a:b", ":a", "#a#b", "é", "{x}"],
            accepted: ["", "a", "/a", "//a.id/x", "#a", "?a", "../b", "./a:b", "a/b:c", "http://a"]),
        Table(format: .iri, refused: ["é", "http://a b", "http://é/<"], accepted: ["http://é.id/ü?ö#ä", "a:b"]),
        Table(format: .iriReference, refused: ["é b", "\\é"], accepted: ["é", "//é/a", "#é", ""]),
        Table(
            format: .uriTemplate,
            refused: [
                "{", "}", "{}", "a{b", "{a}}", "{a b}", "{a,}", "{a:0}", "{a:10000}", "{+}", "{a..b}", "a b", "%",
            ],
            accepted: ["", "http://a/{b}", "{+a,b}", "{?a*,b:3}", "{a.b_1%20}", "a%20b", "{/x}{#y}"]),
        Table(
            format: .jsonPointer, refused: ["a", "#", "/~", "/~2", "/a~", "#/a"],
            accepted: ["", "/", "/a/~0~1", "//", "/é \"%"]),
        Table(
            format: .relativeJSONPointer, refused: ["", "/a", "#", "01", "-1", "1##", "0a", "+1/a", "1#/a"],
            accepted: ["0", "1", "10", "0#", "1/a", "2/~0"]),
        Table(format: .regex, refused: ["(", "\\a", "[b-a]", "^(abc]"], accepted: ["", "([abc])+\\s+$", "\\d{2,}"]),
    ]

    @Test(arguments: times + network + references)
    func `a format refuses and accepts`(_ table: Table) {
        for text in table.refused {
            #expect(!table.format.accepts(Array(text.utf8)[...]), "\(table.format.rawValue) refuses \(text)")
        }
        for text in table.accepted {
            #expect(table.format.accepts(Array(text.utf8)[...]), "\(table.format.rawValue) accepts \(text)")
        }
    }

    @Test func `every format has its table`() {
        #expect(Set((Self.times + Self.network + Self.references).map(\.format)) == Set(Format.allCases))
    }
}
