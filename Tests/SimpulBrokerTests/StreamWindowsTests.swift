import SimpulCore
import Testing

@testable import SimpulBroker

@Suite struct StreamWindowsTests {
    private let windows = Holder()
    private let start = Timestamp(milliseconds: 1_000_000)

    private func flights(_ count: Int, seconds: Int64 = 60) -> [StreamWindows.Flight] {
        (0..<count).map { _ in
            StreamWindows.Flight(token: DeliveryToken(), message: nil, until: start.advanced(bySeconds: seconds))
        }
    }

    private func open(_ ids: StreamWindows.StreamID..., window: Int = 2) {
        for id in ids {
            windows.join(id, window: window, content: .everything)
            windows.ask(id)
        }
    }

    private func give(_ flights: [StreamWindows.Flight], octets: Int = 10) -> StreamWindows.Turn? {
        guard let turn = windows.next(for: .everything) else { return nil }
        return windows.give(flights, octets: octets, to: turn.stream) ? turn : nil
    }

    @Test func `a stream that does not ask gets nothing`() {
        windows.join(1, window: 2, content: .everything)
        #expect(windows.next(for: .everything) == nil && windows.asked.isEmpty)
    }

    @Test func `a stream is given no more than its window, and more only when it asks again`() {
        open(1)
        #expect(give(flights(1))?.room == 2)
        #expect(windows.next(for: .everything) == nil)
        windows.ask(1)
        #expect(give(flights(1))?.room == 1)
        windows.ask(1)
        #expect(windows.next(for: .everything) == nil)
        #expect(windows.inFlight(on: 1) == 2)
    }

    @Test func `what is settled makes room, once`() {
        open(1, window: 1)
        let flight = flights(1)
        _ = give(flight)
        windows.ask(1)
        #expect(windows.next(for: .everything) == nil)
        #expect(windows.end(flight[0].token))
        #expect(!windows.end(flight[0].token))
        #expect(windows.next(for: .everything) == StreamWindows.Turn(stream: 1, room: 1))
    }

    @Test func `a message that is settled without its lease makes room`() throws {
        open(1, window: 1)
        var flight = flights(1)
        let key = MessageKey(
            sender: try #require(AgencyID("id-1709.imigrasi")),
            id: try #require(MessageID("019cd107-1c40-720b-8a5e-79b97f4a7c15")))
        flight[0].message = key
        _ = give(flight)
        windows.ask(1)
        #expect(windows.end(key) && !windows.end(key))
        #expect(windows.next(for: .everything)?.room == 1)
    }

    @Test func `the end of a lease makes room, an extended one later`() {
        open(1, window: 1)
        let flight = flights(1, seconds: 60)
        _ = give(flight)
        windows.ask(1)
        #expect(windows.firstEnd == start.advanced(bySeconds: 60))
        windows.extend(flight[0].token, until: start.advanced(bySeconds: 90))
        windows.expire(at: start.advanced(bySeconds: 60))
        #expect(windows.next(for: .everything) == nil)
        #expect(windows.firstEnd == start.advanced(bySeconds: 90))
        windows.expire(at: start.advanced(bySeconds: 90))
        #expect(windows.next(for: .everything)?.room == 1)
        #expect(windows.firstEnd == nil)
    }

    @Test func `streams take turns, and one for which nothing was there keeps its turn`() {
        open(1, 2)
        #expect(give(flights(1))?.stream == 1)
        windows.ask(1)
        #expect(windows.next(for: .everything)?.stream == 2)
        windows.putBack(2)
        #expect(windows.next(for: .everything)?.stream == 2)
        #expect(windows.next(for: .everything)?.stream == 1)
    }

    @Test func `each content has its own turns`() {
        windows.join(1, window: 1, content: .messages(.alert))
        windows.ask(1)
        #expect(windows.next(for: .everything) == nil)
        #expect(windows.asked == [.messages(.alert)])
        #expect(windows.next(for: .messages(.alert))?.stream == 1)
    }

    @Test func `a stream that leaves tells what was in flight, and is given nothing more`() {
        open(1)
        let flight = flights(2)
        _ = give(flight)
        #expect(Set(windows.leave(1)) == Set(flight.map(\.token)))
        #expect(windows.leave(1).isEmpty && windows.count == 0)
        #expect(!windows.end(flight[0].token))
        #expect(!windows.give(flights(1), octets: 1, to: 1))
    }

    @Test func `one that leaves while it is looked for is given nothing`() throws {
        open(1)
        let turn = try #require(windows.next(for: .everything))
        _ = windows.leave(1)
        #expect(!windows.give(flights(1), octets: 1, to: turn.stream))
        windows.putBack(turn.stream)
        #expect(windows.next(for: .everything) == nil)
    }

    @Test func `room that comes while it is looked for does not give a second turn`() throws {
        open(1, window: 2)
        let first = flights(1)
        _ = give(first)
        windows.ask(1)
        let turn = try #require(windows.next(for: .everything))
        _ = windows.end(first[0].token)
        #expect(windows.give(flights(1), octets: 1, to: turn.stream))
        #expect(windows.next(for: .everything) == nil)
    }

    @Test func `what is not written holds up all streams beyond its bound`() {
        open(1, 2)
        #expect(give(flights(1), octets: 1000)?.stream == 1)
        #expect(windows.next(for: .everything) == nil)
        windows.ask(1)
        #expect(windows.next(for: .everything)?.stream == 2)
        windows.putBack(2)
        _ = give(flights(1), octets: 1000)
        #expect(windows.next(for: .everything) == nil)
        _ = windows.leave(2)
        #expect(windows.next(for: .everything)?.stream == 1)
    }
}

/// Lets an expectation call what changes the value.
private final class Holder {
    private var value = StreamWindows(mostOctets: 1000)

    var asked: [InboxContent] { value.asked }
    var count: Int { value.count }
    var firstEnd: Timestamp? { value.firstEnd }

    func inFlight(on stream: StreamWindows.StreamID) -> Int? { value.inFlight(on: stream) }
    func join(_ id: StreamWindows.StreamID, window: Int, content: InboxContent) {
        value.join(id, window: window, content: content)
    }
    func leave(_ id: StreamWindows.StreamID) -> [DeliveryToken] { value.leave(id) }
    func ask(_ id: StreamWindows.StreamID) { value.ask(id) }
    func next(for content: InboxContent) -> StreamWindows.Turn? { value.next(for: content) }
    func give(_ flights: [StreamWindows.Flight], octets: Int, to id: StreamWindows.StreamID) -> Bool {
        value.give(flights, octets: octets, to: id)
    }
    func putBack(_ id: StreamWindows.StreamID) { value.putBack(id) }
    func end(_ token: DeliveryToken) -> Bool { value.end(token) }
    func end(_ message: MessageKey) -> Bool { value.end(message) }
    func extend(_ token: DeliveryToken, until: Timestamp) { value.extend(token, until: until) }
    func expire(at now: Timestamp) { value.expire(at: now) }
}

@Suite struct TurnQueueTests {
    @Test func `an element waits once, in the order of coming`() {
        var queue = TurnQueue<Int>()
        for element in [1, 2, 1, 3] { queue.append(element) }
        queue.remove(2)
        queue.prepend(4)
        let order = (0..<4).map { _ in queue.popFirst() }
        #expect(order == [4, 1, 3, nil])
        #expect(queue.isEmpty)
    }

    @Test func `coming and leaving again and again loses nobody`() {
        var queue = TurnQueue<Int>()
        queue.append(-1)
        for element in 0..<1000 {
            queue.append(element)
            queue.remove(element)
        }
        queue.append(5)
        let order = (0..<3).map { _ in queue.popFirst() }
        #expect(order == [-1, 5, nil])
    }
}
