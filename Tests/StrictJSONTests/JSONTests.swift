import StrictJSON
import Testing

@Suite struct JSONTests {
    @Test(
        arguments: [
            (.null, "null"), (true, "true"), (.integer(.min), "-9223372036854775808"), (.number(0.1), "0.1"),
            (.number(-0.0), "-0.0"), (.number(1e300), "1e+300"), (.number(.leastNonzeroMagnitude), "5e-324"),
            ([], "[]"), ([:], "{}"),
            (["a", 1, [false]], "[\"a\",1,[false]]"), (["b": 1, "a": ["x": .null]], "{\"b\":1,\"a\":{\"x\":null}}"),
            ("\"\\/\n\r\t\u{8}\u{1F}\u{7F}é\u{1F600}", "\"\\\"\\\\/\\n\\r\\t\\u0008\\u001f\u{7F}é\u{1F600}\""),
            (.verbatim(Array("[1.50]".utf8)), "[1.50]"), (["\"": 1], "{\"\\\"\":1}"),
        ] as [(JSON, String)])
    func `a value is written without white space and read back equal`(_ value: JSON, _ expected: String) throws {
        #expect(value.text == expected)
        #expect(try JSON(JSONDocument(value.bytes).root).text == expected)
    }

    @Test func `every control character survives writing and reading`() throws {
        let text = String(String.UnicodeScalarView((0...0x20).compactMap { Unicode.Scalar(UInt8($0)) }))
        #expect(try JSONDocument(JSON.string(text).bytes).root.string == text)
    }

    @Test(arguments: [
        1.0, -1.5, 0.1, 1e21, 1.7976931348623157e308, .leastNonzeroMagnitude, 9007199254740992, 123456.789e-30,
    ])
    func `a binary64 survives writing and reading`(_ value: Double) throws {
        #expect(try JSONDocument(JSON.number(value).bytes).root.number?.double == value)
    }

    @Test func `members are replaced in their place, appended and removed`() {
        var object: JSON = ["a": 1, "b": 2]
        object["a"] = "x"
        object["c"] = .null
        #expect(object.text == "{\"a\":\"x\",\"b\":2,\"c\":null}")
        object["a"] = nil
        object["z"] = nil
        #expect(object.text == "{\"b\":2,\"c\":null}")
        #expect(object["b"] == 2)
        #expect(object["a"] == nil)
    }

    @Test func `names that Unicode would fold stay two members`() {
        var object: JSON = ["\u{E9}": 1]
        #expect(object["e\u{301}"] == nil)
        object["e\u{301}"] = 2
        #expect(object.text == "{\"\u{E9}\":1,\"e\u{301}\":2}")
    }

    @Test func `what is not an object has no members and takes none`() {
        var array: JSON = [1]
        array["a"] = 2
        #expect(array == [1])
        #expect(array["a"] == nil)
    }

    @Test func `members without a value are left out`() {
        #expect(JSON.object(["a": 1, "b": nil, "c": .null]).text == "{\"a\":1,\"c\":null}")
    }
}
