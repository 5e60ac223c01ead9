import Testing

@testable import JSONSchema

@Suite struct PunycodeTests {
    @Test(arguments: ["-", "a-!", "A", "kvaä", "9", "zz", "bcher-kv", "99999", String(repeating: "9", count: 63)])
    func `what is no Punycode (RFC 3492 §6.2) is not decoded`(_ text: String) {
        #expect(Punycode.decode(text.unicodeScalars.map(\.value)[...]) == nil)
    }

    @Test func `more than 63 digits are not read`() {
        #expect(Punycode.decode(Array(repeating: 0x61, count: 64)[...]) == nil)
    }

    @Test(arguments: [
        ("bücher", "bcher-kva"), ("ü", "tda"), ("ü-ü", "--dhab"), ("例え", "r8jz45g"), ("пример", "e1afmkfd"),
        ("abc", "abc-"),
        ("a1-ö", "a1--una"), ("\u{80}", "a"), ("öa", "a-0ga"), ("aö", "a-1ga"),
    ])
    func `a label is encoded, and decoded again`(_ label: String, _ text: String) {
        let codePoints = label.unicodeScalars.map(\.value)
        #expect(String(String.UnicodeScalarView(Punycode.encode(codePoints).compactMap(Unicode.Scalar.init))) == text)
        #expect(Punycode.decode(text.unicodeScalars.map(\.value)[...]) == codePoints)
    }
}
