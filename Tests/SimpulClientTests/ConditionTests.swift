import SimpulCore
import StrictJSON
import Testing

@testable import SimpulClient

/// What decides whether a member is required, while a message is being written.
@Suite struct ConditionTests {
    private func condition(_ text: String) throws -> Condition {
        try #require(Condition(try JSONDocument(Array(text.utf8)).root), "\(text)")
    }

    private func known(_ text: String) throws -> Known { Known(JSON(try JSONDocument(Array(text.utf8)).root)) }

    @Test(arguments: [
        "{\"minimum\":3}", "{\"properties\":{\"a\":{\"pattern\":\"x\"}}}", "{\"not\":{\"type\":\"null\"}}", "true",
        String(repeating: "{\"not\":", count: 9) + "{\"const\":1}" + String(repeating: "}", count: 9),
    ])
    func `a condition that uses more than messages need is not guessed at`(text: String) throws {
        #expect(Condition(try JSONDocument(Array(text.utf8)).root) == nil)
    }

    @Test(arguments: [
        ("{\"required\":[\"a\"]}", "{}", false, false), ("{\"required\":[\"a\"]}", "{\"a\":null}", true, true),
        ("{\"properties\":{\"a\":{\"const\":1}}}", "{}", true, false),
        ("{\"properties\":{\"a\":{\"const\":1}}}", "{\"a\":1}", true, true),
        ("{\"properties\":{\"a\":{\"const\":1}}}", "{\"a\":2}", false, true),
        ("{\"properties\":{\"a\":{\"not\":{\"enum\":[\"x\",\"y\"]}}}}", "{\"a\":\"y\"}", false, true),
        ("{\"properties\":{\"a\":{\"items\":{\"const\":1}}}}", "{\"a\":[]}", true, false),
        ("{\"properties\":{\"a\":{\"items\":{\"const\":1}}}}", "{\"a\":[1,2]}", false, true),
        ("{\"properties\":{\"a\":{\"const\":1},\"b\":{\"const\":1}}}", "{\"a\":2}", false, true),
        ("{\"required\":[\"a\"],\"properties\":{\"a\":{\"const\":1}}}", "{\"b\":1}", false, false),
    ])
    func `it holds as in JSON Schema, and is settled where nothing that is added changes it`(
        text: String, value: String, holds: Bool, isSettled: Bool
    ) throws {
        #expect(try condition(text).finding(for: known(value)) == Finding(holds: holds, isSettled: isSettled))
    }

    @Test func `what is still open decides nothing, unless something else does`() throws {
        let both = try condition("{\"properties\":{\"a\":{\"const\":1},\"b\":{\"const\":1}}}")
        let one = Known.scalar(.integer(1))
        #expect(both.finding(for: .object([("a", .open), ("b", one)])).holds == nil)
        #expect(both.finding(for: .object([("a", .open), ("b", .scalar(.integer(2)))])).holds == false)
        #expect(both.finding(for: .object([("a", one), ("b", one)])).holds == true)
    }

    @Test func `a member that is refused will never be added`() throws {
        let given = try condition("{\"required\":[\"a\"]}")
        #expect(given.finding(for: .object([]), refused: ["a"]).isSettled)
        #expect(!given.finding(for: .object([]), refused: ["b"]).isSettled)
    }

    @Test(arguments: [
        ("{\"required\":[\"a\"]}", "a is given", "a is not given", "a tidak diisi"),
        (
            "{\"properties\":{\"a\":{\"not\":{\"const\":\"x\"}}}}", "a is not x", "a is x", "a berisi x"
        ),
        (
            "{\"properties\":{\"a\":{\"properties\":{\"b\":{\"enum\":[\"x\",\"y\"]}}}}}", "a/b is one of x, y",
            "a/b is none of x, y", "a/b bukan salah satu dari x, y"
        ),
        (
            "{\"properties\":{\"a\":{\"items\":{\"properties\":{\"b\":{\"not\":{\"const\":true}}}}}}}",
            "a/b is not true in every entry", "a/b is true in an entry", "a/b berisi true dalam suatu entri"
        ),
        (
            "{\"properties\":{\"a\":{\"const\":1},\"b\":{\"const\":2}}}", "a is 1 and b is 2",
            "a is not 1 or b is not 2",
            "a bukan 1 atau b bukan 2"
        ),
    ])
    func `it and its contrary are told in words`(
        text: String, holding: String, failing: String, indonesian: String
    ) throws {
        let condition = try condition(text)
        #expect(condition.text(holds: true).english == holding)
        #expect(condition.text(holds: false) == LocalizedText(failing, indonesian))
    }
}
