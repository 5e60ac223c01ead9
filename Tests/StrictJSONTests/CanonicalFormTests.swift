import StrictJSON
import Testing

/// The canonical form of RFC 8785.
@Suite struct CanonicalFormTests {
    private func canonical(_ text: String) throws -> String {
        String(decoding: try JSONDocument(Array(text.utf8)).root.canonical(), as: UTF8.self)
    }

    @Test(arguments: [("1e309", 0), ("[0,-1e400]", 3), ("{\"a\":1e1000000}", 5)])
    func `a number without a finite binary64 has no canonical form`(_ text: String, _ offset: Int) throws {
        let value = try JSONDocument(Array(text.utf8)).root
        #expect(throws: CanonicalError.numberOutOfRange(offset: offset)) { try value.canonical() }
    }

    @Test(arguments: [
        ("0", "0"), ("-0", "0"), ("-0.0e5", "0"), ("1.0", "1"), ("10", "10"), ("1e2", "100"), ("0.50", "0.5"),
        ("1e20", "100000000000000000000"), ("1e21", "1e+21"), ("123456789012345678901", "123456789012345680000"),
        ("1e-6", "0.000001"), ("1e-7", "1e-7"), ("0.00000123", "0.00000123"), ("-1.5E-9", "-1.5e-9"),
        ("5e-324", "5e-324"), ("2e-324", "0"), ("1.7976931348623157e308", "1.7976931348623157e+308"),
        ("9007199254740993", "9007199254740992"), ("0.1", "0.1"), ("100.25", "100.25"), ("4.35", "4.35"),
        ("999999999999999900000", "999999999999999900000"), ("333333333.33333329", "333333333.3333333"),
    ])
    func `numbers are written as ECMAScript writes their binary64`(_ text: String, _ form: String) throws {
        #expect(try canonical(text) == form)
    }

    @Test func `strings have the fewest escapes, in lower case`() throws {
        let text = "\"\\u0000\\u0008\\u0009\\u000A\\u000C\\u000D\\u001F\\u0022\\u005C\\/\\u007f\\u00e9\\ud83d\\ude00\""
        let form = "\"\\u0000\\b\\t\\n\\f\\r\\u001f\\\"\\\\/\u{7F}\u{E9}\u{1F600}\""
        #expect(try canonical(text) == form)
    }

    /// U+FB33 is above U+1F600 in UTF-16, and below it by code points.
    @Test func `members are ordered by the UTF-16 code units of their names`() throws {
        let text =
            "{ \"\u{FB33}\" : 1 , \"\u{1F600}\":2, \"b\":{\"z\":[ ],\"a\":{ }}, \"\\u0061b\":3, \"a\":null, \"\":true }"
        let form = "{\"\":true,\"a\":null,\"ab\":3,\"b\":{\"a\":{},\"z\":[]},\"\u{1F600}\":2,\"\u{FB33}\":1}"
        #expect(try canonical(text) == form)
    }

    @Test func `the form of a form is itself, and equal values have one form`() throws {
        let texts = [
            "{\"b\":[1,2.50,{\"y\":0,\"x\":\"\\u00e9\"}],\"a\":1e3}",
            " {\"a\":1000,\"b\":[1.0,25e-1,{\"x\":\"é\",\"y\":-0}]} ",
        ]
        let forms = try Set(texts.map(canonical))
        #expect(forms.count == 1)
        for form in forms { #expect(try canonical(form) == form) }
    }
}
