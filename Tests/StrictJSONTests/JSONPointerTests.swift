import StrictJSON
import Testing

@Suite struct JSONPointerTests {
    @Test(arguments: ["a", "/~", "/a~", "/~2", "/a/~x/b", "#/a", " /a"])
    func `a bad escape or a missing slash is refused`(_ text: String) {
        #expect(JSONPointer(parsing: text) == nil)
    }

    @Test(
        arguments: [
            ("", []), ("/", [""]), ("/a/b", ["a", "b"]), ("//", ["", ""]), ("/~0~1", ["~/"]), ("/~01", ["~1"]),
            ("/a~1b/m~0n/%25/ /\"", ["a/b", "m~n", "%25", " ", "\""]), ("/\u{1F600}/é", ["\u{1F600}", "é"]),
        ] as [(String, [String])])
    func `a pointer survives the round trip`(_ text: String, _ tokens: [String]) throws {
        let pointer = try #require(JSONPointer(parsing: text))
        #expect(pointer.tokens == tokens)
        #expect(pointer.description == text)
        #expect(JSONPointer(tokens).description == text)
    }

    @Test(arguments: [
        ("/\u{E9}", "/e\u{301}"), ("/K", "/\u{212A}"), ("/a/b", "/a~1b"), ("/", ""), ("/0", "/00"),
    ])
    func `pointers to names with other octets are different`(_ one: String, _ other: String) throws {
        let (first, second) = (try #require(JSONPointer(parsing: one)), try #require(JSONPointer(parsing: other)))
        #expect(first != second)
        #expect(Set([first, second, JSONPointer(first.tokens)]).count == 2)
    }

    @Test func `a pointer grows by names and by indexes`() {
        #expect(JSONPointer().appending("a/b").appending(3).description == "/a~1b/3")
    }

    private static let document = "{\"foo\":[\"bar\",\"baz\"],\"\":0,\"a/b\":1,\"c%d\":2,\"m~n\":8,\"0\":{\"1\":7}}"

    @Test(arguments: [
        ("/foo/0", "bar"), ("/foo/1", "baz"), ("/", "0"), ("/a~1b", "1"), ("/c%d", "2"), ("/m~0n", "8"), ("/0/1", "7"),
    ])
    func `a pointer finds its value`(_ text: String, _ expected: String) throws {
        let root = try JSONDocument(Array(Self.document.utf8)).root
        let pointer = try #require(JSONPointer(parsing: text))
        let value = try #require(root[pointer])
        #expect(String(decoding: value.source, as: UTF8.self) == expected)
    }

    @Test(arguments: [
        "/foo/2", "/foo/00", "/foo/01", "/foo/-", "/foo/+1", "/foo/", "/foo/0/x", "/FOO", "/foo/99999999999999999999",
        "/foo/٠",
    ])
    func `a pointer to nothing finds nothing`(_ text: String) throws {
        let root = try JSONDocument(Array(Self.document.utf8)).root
        let pointer = try #require(JSONPointer(parsing: text))
        #expect(root[pointer] == nil)
    }
}
