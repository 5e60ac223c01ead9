import StrictJSON
import Testing

@Suite struct JSONNumberTests {
    private func number(_ text: String) throws -> JSONNumber {
        try #require(JSONDocument(Array(text.utf8)).root.number)
    }

    @Test(arguments: [
        ("0", "1"), ("-1", "0"), ("-2", "-1"), ("-0.5", "-0.25"), ("9", "10"), ("0.09", "0.1"), ("1e-3", "2e-3"),
        ("9007199254740992", "9007199254740993"), ("0.1", "0.10000000000000000000000000001"),
        ("123456789012345678901234567890", "123456789012345678901234567891"), ("1e400", "1e401"), ("-1e401", "-1e400"),
        ("9999e-3", "1e1"), ("1e-400", "1e-399"), ("-1e-400", "0"), ("1", "1e10000000000"),
        ("1e9999999999", "1e10000000000"), ("-1e10000000000", "-1e9999999999"),
        ("1e-10000000000", "1e-9999999999"),
    ])
    func `order is that of the mathematical values, however large`(_ smaller: String, _ larger: String) throws {
        let (one, other) = try (number(smaller), number(larger))
        #expect(one < other)
        #expect(!(other < one))
        #expect(one != other)
    }

    @Test(arguments: [
        ("0", "-0"), ("0", "0.00e9"), ("1", "1.0"), ("100", "1e2"), ("1E2", "1000e-1"), ("0.001", "1e-3"),
        ("12345678901234567890.5", "123456789012345678905e-1"), ("-2.50", "-25e-1"), ("1e00000000000000000002", "100"),
    ])
    func `one value written in two ways is equal`(_ one: String, _ other: String) throws {
        #expect(try number(one) == number(other))
        #expect(try !(number(one) < number(other)) && !(number(other) < number(one)))
    }

    @Test(arguments: [
        ("0", 0), ("-0.0", 0), ("1e2", 100), ("12.50e2", 1250), ("-7", -7), ("9223372036854775807", Int.max),
        ("-9223372036854775808", Int.min), ("-9223372036854775808.0", Int.min), ("922337203685477580.7e1", Int.max),
    ])
    func `an integer is read exactly however it is written`(_ text: String, _ expected: Int) throws {
        #expect(try number(text).int == expected)
        #expect(try JSONDocument(Array(text.utf8)).root.int == expected)
        #expect(try number(text).isInteger)
    }

    @Test(arguments: [
        "9223372036854775808", "-9223372036854775809", "9223372036854775808.0", "1e19", "1e400", "1e1000000000000",
    ])
    func `an integer outside Int is none, and is still an integer`(_ text: String) throws {
        #expect(try number(text).int == nil)
        #expect(try JSONDocument(Array(text.utf8)).root.int == nil)
        #expect(try number(text).isInteger)
    }

    @Test(arguments: ["0.5", "1e-1", "10.01e1", "1e-400", "123456789012345678901234567890.1"])
    func `a fraction is no integer`(_ text: String) throws {
        #expect(try number(text).int == nil)
        #expect(try !number(text).isInteger)
    }

    @Test func `the nearest binary64 is infinite or zero where there is none`() throws {
        #expect(try number("0.1").double == 0.1)
        #expect(try number("1e400").double == .infinity)
        #expect(try number("-1e400").double == -.infinity)
        #expect(try number("1e-400").double == 0)
    }
}
