import SimpulCore
import StrictJSON
import Testing

@testable import SimpulClient

@Suite struct DraftCommentsTests {
    private func blanked(_ text: String) -> String {
        String(decoding: DraftComments.blanked(Array(text.utf8)), as: UTF8.self)
    }

    @Test(arguments: [
        "{\"a\":1/}", "{\"a\":1,}", "{\"a\" /* no */ :1}", "{\"a\":1}/", "{#\n\"a\":1}", "{\"a\":1,// last\n}",
        "{\"a//\":\"x\ny\"}", "//", "{\"a\":\"\\\"// in\"",
    ])
    func `what is no JSON beside its comments stays none`(text: String) {
        #expect(throws: JSONError.self) { try JSONDocument(DraftComments.blanked(Array(text.utf8))) }
    }

    @Test(arguments: [
        "{\"a\":\"//x\"}", "{\"a\":\"\\\"//x\"}", "{\"a\":\"\\\\\",\"b\":\"//\"}", "{\"https://x\":1}", "1 / 2", "/",
        "\"//", "",
    ])
    func `nothing inside of a string is a comment, nor is a single slash`(text: String) {
        #expect(blanked(text) == text)
    }

    @Test(arguments: [
        ("// a\n{}", "    \n{}"), ("{}// a", "{}    "), ("{ // \"a\": 1,\r\n}", "{           \r\n}"),
        ("{}///", "{}   "), ("//é\n1", "    \n1"), ("\"\\\\\"//\"", "\"\\\\\"   "),
    ])
    func `a comment becomes as many spaces as it has octets, and its line end stays`(text: String, expected: String) {
        #expect(blanked(text) == expected)
    }

    @Test func `comments are taken by the file's name alone`() throws {
        let bytes = Array("// draft\n{}".utf8)
        #expect(DraftSource(file: "a.jsonc", bytes: bytes).jsonFault == nil)
        for name in ["a.json", "-", "a.jsonc.json", "jsonc"] {
            let fault = try #require(DraftSource(file: name, bytes: bytes).jsonFault)
            #expect(fault.place == FilePlace(line: 1, column: 1))
            #expect(fault.fault.detail.english.contains(".jsonc") && fault.fault.detail.indonesian.contains(".jsonc"))
        }
    }

    @Test func `places count the octets of comments`() throws {
        let text = "{ // é\n  \"header\": {// more\n    \"a\": 1, \"b\": [0, 7]}}"
        let source = DraftSource(file: "a.jsonc", bytes: Array(text.utf8))
        func place(_ pointer: String, _ keyword: String = "type") -> FilePlace? {
            source.place(of: DocumentFault(pointer: pointer, keyword: keyword, detail: .empty))
        }
        #expect(place("/header/a") == FilePlace(line: 3, column: 10))
        #expect(place("/header/a", "additionalProperties") == FilePlace(line: 3, column: 5))
        #expect(place("/header/b/1") == FilePlace(line: 3, column: 22))
        #expect(place("/header/c") == FilePlace(line: 2, column: 13))
        #expect(place("/body") == FilePlace(line: 1, column: 1))
        #expect(place("") == FilePlace(line: 1, column: 1))
        #expect(place("no pointer") == nil)
    }
}
