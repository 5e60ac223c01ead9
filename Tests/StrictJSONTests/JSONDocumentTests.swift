import StrictJSON
import Testing

@Suite struct JSONDocumentTests {
    @Test(arguments: [(0, 1, 1), (2, 2, 1), (4, 2, 3), (6, 4, 1), (7, 4, 2)])
    func `an offset becomes a line and a column in bytes`(_ offset: Int, _ line: Int, _ column: Int) throws {
        let document = try JSONDocument(Array("[\n1,\n\n2]".utf8))
        let position = document.position(of: offset)
        #expect(position.line == line)
        #expect(position.column == column)
    }

    @Test func `a value knows where it stands and of which octets it is made`() throws {
        let root = try JSONDocument(Array(" {\"a\": [ 1.50 , \"x\\n\"]}".utf8)).root
        let array = try #require(root["a"])
        #expect(root.offset == 1)
        #expect(String(decoding: array.source, as: UTF8.self) == "[ 1.50 , \"x\\n\"]")
        #expect(array.elements.map(\.offset) == [9, 16])
        #expect(array.elements.map { String(decoding: $0.source, as: UTF8.self) } == ["1.50", "x\\n"])
    }

    @Test func `an error's text names the place and never the text`() {
        let error = #expect(throws: JSONError.self) { try JSONDocument(Array("[\n\"rahasia\\q\"]".utf8)) }
        #expect(error?.description == "2:9: an escape that RFC 8259 does not know")
    }
}
