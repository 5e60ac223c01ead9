import Testing

@testable import JSONSchema

extension Format {
    func accepts(_ text: String) -> Bool { accepts(Array(text.utf8)[...]) }
}

@Suite struct FormatTests {
    @Test(arguments: ["", "Date", "date ", "datetime", "phone", "color", "uri_reference"])
    func `a name that draft 2020-12 §7.3 does not have is no format`(_ name: String) {
        #expect(Format(rawValue: name) == nil)
    }

    @Test func `every name of draft 2020-12 §7.3 is a format`() {
        let names: Set = [
            "date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4", "ipv6",
            "uri", "uri-reference", "iri", "iri-reference", "uuid", "uri-template", "json-pointer",
            "relative-json-pointer", "regex",
        ]
        #expect(Set(Format.allCases.map(\.rawValue)) == names)
    }

    @Test func `the empty text is of those formats only whose grammar has it`() {
        let empty: Set<Format> = [.uriReference, .iriReference, .uriTemplate, .jsonPointer, .regex]
        #expect(Set(Format.allCases.filter { $0.accepts("") }) == empty)
    }

    @Test func `a line feed after the text is no part of it`() {
        let texts: [(Format, String)] = [
            (.dateTime, "2025-01-01T00:00:00Z"), (.date, "2025-01-01"), (.time, "00:00:00Z"), (.duration, "P1D"),
            (.email, "a@b"), (.idnEmail, "a@b"), (.hostname, "a"), (.idnHostname, "ä"), (.ipv4, "1.2.3.4"),
            (.ipv6, "::"), (.uri, "a:"), (.uriReference, "a"), (.iri, "a:"), (.iriReference, "ä"),
            (.uriTemplate, "{a}"),
            (.uuid, "00000000-0000-0000-0000-000000000000"), (.relativeJSONPointer, "0"),
        ]
        for (format, text) in texts {
            #expect(format.accepts(text), "\(format)")
            #expect(!format.accepts(text + "\n"), "\(format)")
            #expect(!format.accepts("\n" + text), "\(format)")
            #expect(!format.accepts(text + "\0"), "\(format)")
        }
    }

    @Test(arguments: Format.allCases)
    func `no octets end the program`(_ format: Format) {
        let pieces: [[UInt8]] = [
            Array("xn--".utf8), Array("[::".utf8), Array("{a".utf8), [0x80], [0xE0, 0x80], [0xED, 0xA0, 0x80], [0xF4],
            [0xFF], [0xC0, 0xAF], Array("%".utf8), Array("P1".utf8), Array("\"\\".utf8), Array("@".utf8), [0], [0x2D],
        ]
        for first in pieces {
            for second in pieces {
                for third in pieces { _ = format.accepts((first + second + third)[...]) }
            }
        }
        for byte in UInt8.min...UInt8.max { _ = format.accepts([byte, byte, byte][1...]) }
    }

    @Test(
        arguments: [
            [0x80], [0xC3], [0xC3, 0x41], [0xC0, 0xAF], [0xE0, 0x80, 0xAF], [0xED, 0xA0, 0x80],
            [0xF0, 0x8F, 0xBF, 0xBF],
            [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xE4, 0xBD],
        ] as [[UInt8]])
    func `octets that are no UTF-8 (RFC 3629 §4) are of no format that looks at code points`(_ octets: [UInt8]) {
        for format in [Format.idnHostname, .iriReference, .uriTemplate, .uriReference] {
            #expect(!format.accepts(octets[...]), "\(format)")
            #expect(!format.accepts((Array("a".utf8) + octets)[...]), "\(format)")
        }
    }

    @Test(arguments: ["(", "\\a", "[b-a]", "^(abc]"])
    func `a text that is no regular expression is refused`(_ text: String) {
        #expect(!Format.regex.accepts(text))
    }

    @Test(arguments: ["([abc])+\\s+$", "\\d{2,}"])
    func `a regular expression is accepted`(_ text: String) {
        #expect(Format.regex.accepts(text))
    }
}
