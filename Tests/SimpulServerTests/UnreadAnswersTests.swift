import NIOCore
import NIOEmbedded
import SimpulCore
import SimpulTesting
import Testing

@testable import SimpulServer

@Suite struct UnreadAnswersTests {
    private let channel = EmbeddedChannel()
    private let unread = UnreadAnswers(atMost: 10_000)
    private let network: TestNetwork

    init() throws { network = try TestNetwork.shared.get() }

    @Test func `an agency that does not read gets no further answer, and another one does`() throws {
        let answer = channel.eventLoop.makePromise(of: Void.self)
        unread.add(10_000, of: network.police.id, until: answer.futureResult)
        let refusal = #expect(throws: Refusal.self) { try unread.requireRoom(for: network.police.id) }
        #expect(refusal?.code == .quota && refusal?.retryAfter == 1)
        try unread.requireRoom(for: network.shelter.id)
        answer.succeed()
        try unread.requireRoom(for: network.police.id)
    }

    @Test func `an answer that is lost is no more waited for`() throws {
        let answer = channel.eventLoop.makePromise(of: Void.self)
        unread.add(10_000, of: network.police.id, until: answer.futureResult)
        answer.fail(ChannelError.ioOnClosedChannel)
        try unread.requireRoom(for: network.police.id)
    }

    @Test func `all who ask for the end of one answer get the same`() throws {
        let connection = Connection(eventLoop: channel.eventLoop)
        connection.requestBegan()
        let (one, other) = (connection.answerWritten(), connection.answerWritten())
        connection.answerEnds()?.succeed()
        try one.wait()
        try other.wait()
    }
}
