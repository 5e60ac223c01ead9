import NIOCore
import Testing

@testable import SimpulServer

@Suite struct LineReaderTests {
    private func lines(_ pieces: [String], limit: Int = 8) -> [LineReader.Line] {
        var reader = LineReader(lineLimit: limit)
        var lines = pieces.flatMap { reader.read(ByteBuffer(string: $0).readableBytesView) }
        if let last = reader.end() { lines.append(last) }
        return lines
    }

    private func octets(_ text: String) -> LineReader.Line { .octets(Array(text.utf8)) }

    @Test func `nothing has no line, and an empty line is one`() {
        #expect(lines([]) == [])
        #expect(lines([""]) == [])
        #expect(lines(["\n"]) == [octets("")])
        #expect(lines(["a\n\nb"]) == [octets("a"), octets(""), octets("b")])
    }

    @Test func `the last line may lack its end`() {
        #expect(lines(["a\nb"]) == [octets("a"), octets("b")])
        #expect(lines(["a\nb\n"]) == [octets("a"), octets("b")])
    }

    @Test func `lines may be cut anywhere`() {
        #expect(lines(["a", "b\nc", "\n", "d"]) == [octets("ab"), octets("c"), octets("d")])
    }

    @Test func `a carriage return belongs to its line`() {
        #expect(lines(["a\r\n"]) == [octets("a\r")])
    }

    @Test func `a line that is too long is one fault, however it comes, and the next one is whole`() {
        #expect(lines(["123456789\nab\n"]) == [.tooLong, octets("ab")])
        #expect(lines(["1234", "5678", "9", "0\nab"]) == [.tooLong, octets("ab")])
        #expect(lines(["12345678\n"]) == [octets("12345678")])
        #expect(lines(["123456789"]) == [.tooLong])
    }
}

@Suite struct LineQueueTests {
    private func octets(_ text: String) -> LineReader.Line { .octets(Array(text.utf8)) }

    @Test func `all that is there is taken together, and nothing after the end`() async {
        let queue = LineQueue(capacity: 3)
        for text in ["a", "b"] { #expect(await queue.put(octets(text))) }
        #expect(await queue.take() == [octets("a"), octets("b")])
        #expect(await queue.put(octets("c")))
        queue.end()
        #expect(await queue.take() == [octets("c")])
        #expect(await queue.take() == [])
    }

    @Test func `who puts into a full queue waits until something is taken`() async {
        let queue = LineQueue(capacity: 1)
        async let putting: Void = {
            for text in ["a", "b", "c"] { _ = await queue.put(octets(text)) }
            queue.end()
        }()
        var taken: [LineReader.Line] = []
        while case let lines = await queue.take(), !lines.isEmpty {
            #expect(lines.count == 1)
            taken += lines
        }
        await putting
        #expect(taken == [octets("a"), octets("b"), octets("c")])
    }

    @Test func `who puts into an abandoned queue is told so`() async {
        let queue = LineQueue(capacity: 1)
        #expect(await queue.put(octets("a")))
        async let second = queue.put(octets("b"))
        queue.abandon()
        #expect(await second == false)
    }
}
