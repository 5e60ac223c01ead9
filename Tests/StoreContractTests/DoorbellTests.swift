import SimpulBroker
import SimpulCore
import Testing

@Suite(.storesInTurn) struct DoorbellTests {
    private let bell = Doorbell()
    private let police: AgencyID
    private let shelter: AgencyID

    init() throws {
        police = try #require(AgencyID("id-1709.polres"))
        shelter = try #require(AgencyID("id-1709.rumah-aman"))
    }

    @Test func `a ring for one agency is not heard by another`() async {
        let stream = bell.changes(for: shelter)
        bell.ring([police])
        bell.ring([shelter])
        var heard = 0
        for await _ in stream {
            heard += 1
            break
        }
        #expect(heard == 1)
    }

    @Test func `rings are merged into one signal`() async {
        let stream = bell.changes(for: police)
        for _ in 0..<1000 { bell.ring([police, police]) }
        let task = Task {
            var heard = 0
            for await _ in stream { heard += 1 }
            return heard
        }
        // The stream ends when its task is cancelled; what was buffered by then is at most one signal.
        task.cancel()
        #expect(await task.value <= 1)
    }

    @Test func `a ring before the look is not lost`() async {
        let stream = bell.changes(for: police)
        bell.ring([police])
        #expect(await stream.first { true } != nil)
    }

    @Test func `every waiter hears`() async {
        let streams = (0..<3).map { _ in bell.changes(for: police) }
        bell.ring([police])
        for stream in streams { #expect(await stream.first { true } != nil) }
    }

    @Test func `a waiter that is dropped or cancelled costs nothing any more`() async {
        do {
            let stream = bell.changes(for: police)
            #expect(bell.waiting(for: police) == 1)
            withExtendedLifetime(stream) {}
        }
        #expect(bell.waiting(for: police) == 0)
        let stream = bell.changes(for: police)
        let task = Task { for await _ in stream {} }
        task.cancel()
        await task.value
        #expect(bell.waiting(for: police) == 0)
    }
}
