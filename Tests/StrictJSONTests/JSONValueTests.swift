import StrictJSON
import Testing

@Suite struct JSONValueTests {
    private func value(_ text: String) throws -> JSONValue { try JSONDocument(Array(text.utf8)).root }

    @Test(arguments: [
        ("null", "false"), ("true", "false"), ("0", "false"), ("\"1\"", "1"), ("[1,2]", "[2,1]"), ("[1]", "[1,1]"),
        ("{\"a\":1}", "{\"a\":2}"), ("{\"a\":1}", "{\"b\":1}"), ("{\"a\":1}", "{\"a\":1,\"b\":1}"), ("[]", "{}"),
        ("\"\u{E9}\"", "\"e\u{301}\""), ("{\"\u{E9}\":1}", "{\"e\u{301}\":1}"),
        ("9007199254740992", "9007199254740993"),
    ])
    func `different values are different, also where Unicode would fold them`(_ one: String, _ other: String) throws {
        #expect(try value(one) != value(other))
    }

    @Test(arguments: [
        ("1", "1.0"), ("\"a\"", "\"\\u0061\""), ("{\"a\":1,\"b\":[2]}", "{\"b\":[2.0],\"\\u0061\":1e0}"), ("[]", "[ ]"),
    ])
    func `equal values are equal however they are written, and hash alike`(_ one: String, _ other: String) throws {
        #expect(try value(one) == value(other))
        #expect(try Set([value(one), value(other)]).count == 1)
    }

    @Test func `large objects are compared without regard to order`() throws {
        let members = (0..<20_000).map { "\"n\($0)\":\($0)" }
        let one = try value("{\(members.joined(separator: ","))}")
        #expect(try one == value("{\(members.reversed().joined(separator: ","))}"))
        #expect(try one != value("{\(members.dropLast().joined(separator: ",")),\"n19999\":0}"))
        #expect(try one != value("{\(members.dropLast().joined(separator: ",")),\"x\":0}"))
    }

    @Test func `escapes are undone to the very octets`() throws {
        let string = try value("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\u00e9\\u20AC\\uD83D\\uDE00\\uFFFF é\"")
        #expect(string.string == "\"\\/\u{8}\u{C}\n\r\t\0\u{E9}\u{20AC}\u{1F600}\u{FFFF} é")
        #expect(string.isString(string.string ?? ""))
    }

    @Test func `a string is compared octet by octet`() throws {
        #expect(try !value("\"e\u{301}\"").isString("\u{E9}"))
        #expect(try value("\"e\\u0301\"").isString("e\u{301}"))
        #expect(try !value("\"ab\"").isString("a"))
        #expect(try !value("1").isString("1"))
    }

    @Test func `a question of the wrong kind is answered with nil or nothing`() throws {
        let number = try value("1")
        #expect(number.string == nil)
        #expect(number.bool == nil)
        #expect(number["a"] == nil)
        #expect(number.count == 0)
        #expect(Array(number.elements).isEmpty)
        #expect(try value("\"1\"").number == nil)
        #expect(try value("\"1\"").int == nil)
        #expect(try value("{\"a\":1}").elements.map(\.offset) == [])
        #expect(try value("[1]").members.map(\.value.offset) == [])
    }

    @Test func `members and elements come in the order of the text, over nested ones`() throws {
        let root = try value("{\"b\":[1,[2,3],{\"x\":{}}],\"a\":{\"b\":0},\"c\":null}")
        #expect(root.members.map { $0.name.string ?? "" } == ["b", "a", "c"])
        #expect(root.count == 3)
        #expect(root["b"]?.elements.map(\.kind) == [.number, .array, .object])
        #expect(root["b"]?.count == 3)
        #expect(root["c"]?.isNull == true)
        #expect(root["b"]?["x"] == nil)
    }
}
