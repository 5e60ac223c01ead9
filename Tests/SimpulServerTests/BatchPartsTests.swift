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

@Suite struct OrderedAnswersTests {
    private func text(_ answers: OrderedAnswers) -> String { String(buffer: answers.takeReady()) }

    @Test func `an answer waits for every earlier one`() {
        let answers = OrderedAnswers()
        answers.put(1, Array("b".utf8))
        answers.put(3, Array("d".utf8))
        #expect(text(answers) == "")
        answers.put(0, Array("a".utf8))
        #expect(text(answers) == "ab")
        answers.put(2, Array("c".utf8))
        #expect(text(answers) == "cd")
        #expect(text(answers) == "")
    }

    @Test func `what came before the end is signalled before the end`() async {
        let answers = OrderedAnswers()
        answers.put(0, Array("a".utf8))
        answers.finish()
        var texts: [String] = []
        for await _ in answers.arrivals { texts.append(text(answers)) }
        #expect(texts == ["a"])
    }
}

@Suite struct SlotsTests {
    @Test func `who finds no place waits until one is given back`() async {
        let slots = Slots(1)
        await slots.take()
        async let second: Void = slots.take()
        slots.give()
        await second
        slots.give()
        await slots.take()
    }
}
