import Testing

@testable import SimpulClient

@Suite struct EventStreamParserTests {
    private typealias Event = EventStreamParser.Event

    private func read(_ text: String, limit: Int = 1000, by size: Int = .max) throws -> [Event] {
        var parser = EventStreamParser(limit: limit)
        var (events, rest): ([Event], ArraySlice<UInt8>) = ([], Array(text.utf8)[...])
        while !rest.isEmpty {
            events += try parser.read(Array(rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return events
    }

    private func event(_ data: String, type: String = "message") -> Event { Event(type: type, data: Array(data.utf8)) }

    @Test func `the examples of the standard come out as it says`() throws {
        #expect(
            try read(": test stream\n\ndata: first event\nid: 1\n\ndata:second event\nid\n\ndata:  third event\n")
                == [event("first event"), event("second event")])
        #expect(try read("data\n\ndata\ndata\n\ndata:") == [event(""), event("\n")])
        #expect(try read("data: YHOO\ndata: +2\ndata: 10\n\n") == [event("YHOO\n+2\n10")])
        #expect(try read("event: add\ndata: 1\n\nevent: remove\ndata: 2\n\n").map(\.type) == ["add", "remove"])
    }

    @Test(arguments: ["\n", "\r", "\r\n"], [1, 2, 3, .max])
    func `lines end by LF, CR or both, however they are cut`(end: String, size: Int) throws {
        let text = ["event: delivery", "data: {}", "", ":", "data: x", "", ""].joined(separator: end)
        #expect(try read(text, by: size) == [event("{}", type: "delivery"), event("x")])
    }

    @Test func `a byte order mark is passed over at the beginning alone`() throws {
        #expect(try read("\u{FEFF}data: x\n\n") == [event("x")])
        #expect(try read("data: x\n\n\u{FEFF}data: y\n\n") == [event("x")])
    }

    @Test func `an event without data is none, and its type is forgotten`() throws {
        #expect(try read("event: delivery\n\ndata: x\n\n") == [event("x")])
    }

    @Test func `unknown fields, ids and reconnection times are passed over`() throws {
        #expect(try read("retry: 10\nfoo: bar\nDATA: y\ndata: x\n\n") == [event("x")])
    }

    @Test(arguments: ["data: 123456789", ":123456789abcdef", "data: 12345\ndata: 67890\n"])
    func `a line or an event beyond the limit is an error`(text: String) {
        #expect(throws: EventStreamParser.Fault.tooLong) { _ = try read(text, limit: 10, by: 4) }
    }

    @Test func `a type that is no UTF-8 is an error`() {
        var parser = EventStreamParser(limit: 100)
        #expect(throws: EventStreamParser.Fault.notUTF8) { _ = try parser.read(Array("event: ".utf8) + [0xFF, 0x0A]) }
    }
}
