import Testing

@testable import JSONSchema

@Suite struct IdentifierFormatTests {
    @Test(arguments: [
        "00000000-0000-0000-0000-00000000000", "00000000-0000-0000-0000-0000000000000",
        "00000000000000000000000000000000",
        "g0000000-0000-0000-0000-000000000000", "{00000000-0000-0000-0000-000000000000}",
        "urn:uuid:00000000-0000-0000-0000-000000000000", "0000-00000000-0000-0000-000000000000",
        "00000000-0000-0000-0000000000000-000", "00000000-00000-000-0000-000000000000",
        "00000000_0000_0000_0000_000000000000",
        "00000000--000-0000-0000-000000000000", "00000000-0000-0000-0000-00000000000٠", "00000000-0000-0000-0000-",
        "00000000‐0000‐0000‐0000‐000000000000", " 0000000-0000-0000-0000-000000000000",
        "00000000-0000-0000-0000-000000000000-",
    ])
    func `a text that is no UUID (RFC 4122 §3) is refused`(_ text: String) {
        #expect(!Format.uuid.accepts(text))
    }

    @Test(arguments: [
        "00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff",
        "0A1b2C3d-4e5F-6a7B-8c9D-0E1f2A3b4C5d",
        "01234567-89ab-f000-0000-000000000000",
    ])
    func `a UUID of any variant and version is accepted`(_ text: String) {
        #expect(Format.uuid.accepts(text))
    }

    @Test(arguments: [
        "a", "a/b", "#", "#/a", "/~", "/~2", "/a~", "/~~0", "/a/~", "/~a", "~0", " /a", "~/", "/~٠", "0", "/~ 0",
    ])
    func `a text that is no JSON pointer (RFC 6901 §3) is refused`(_ text: String) {
        #expect(!Format.jsonPointer.accepts(text))
    }

    @Test(arguments: [
        "", "/", "//", "/a", "/a/", "/a/b/0", "/~0", "/~1", "/~01", "/a~0b~1c", "/é \"%^|\\'", "/\0", "/#", "/a//b",
        "/-",
        "/\u{10FFFD}", "/ ", "/{}",
    ])
    func `a JSON pointer is accepted`(_ text: String) {
        #expect(Format.jsonPointer.accepts(text))
    }

    @Test(arguments: [
        "", "/a", "#", "a", "-1", "+1", "+1/a", "-1/a", "01", "00", "01/a", "01#", "1.5", "1##", "1#/a", "1/a~", "0a",
        "1 ",
        " 1", "٠", "1/~2", "0x1", "#1",
    ])
    func `a text that is no relative JSON pointer (draft-bhutton-relative-json-pointer-00 §3) is refused`(
        _ text: String
    ) {
        #expect(!Format.relativeJSONPointer.accepts(text))
    }

    @Test(arguments: [
        "0+", "0-", "0+/a", "0-#", "0+01", "0--1", "0+-1", "0+1-1", "0+a", "0+1a", "0 +1", "0+1##", "0−1", "0+٠",
    ])
    func `a step among items that is no number without leading zeros is refused`(_ text: String) {
        #expect(!Format.relativeJSONPointer.accepts(text))
    }

    @Test(arguments: [
        "0", "1", "10", "120", "0#", "1#", "10#", "0/", "1/a", "2/a/~0", "0/a/b", "12345678901234567890123456789/x",
        "0//",
    ])
    func `a relative JSON pointer is accepted`(_ text: String) {
        #expect(Format.relativeJSONPointer.accepts(text))
    }

    @Test(arguments: ["0+1", "0-1", "1-1/foo", "2+10/a/0", "0+0", "0-1#", "10+10#"])
    func `a step among items is accepted`(_ text: String) {
        #expect(Format.relativeJSONPointer.accepts(text))
    }
}
