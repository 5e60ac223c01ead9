import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import SimpulServer

@Suite struct ConnectionTests {
    private let channel = EmbeddedChannel()
    private let connection: Connection

    init() throws {
        connection = Connection(eventLoop: channel.eventLoop)
        try channel.pipeline.syncOperations.addHandler(ConnectionObserver(connection))
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/test")).wait()
    }

    @Test func `an answer that cannot be written any more fails`() throws {
        connection.requestBegan()
        let answer = connection.answerWritten()
        try channel.close().wait()
        #expect(throws: ChannelError.self) { try answer.wait() }
        connection.requestBegan()
        #expect(throws: ChannelError.self) { try connection.answerWritten().wait() }
    }

    @Test func `the end of an earlier answer does not confirm a later one`() throws {
        connection.requestBegan()
        connection.requestBegan()
        let answer = connection.answerWritten()
        var isDone = false
        answer.assumeIsolated().whenSuccess { isDone = true }
        channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
        #expect(!isDone)
        channel.writeAndFlush(HTTPServerResponsePart.end(nil), promise: nil)
        #expect(isDone)
    }

    @Test func `an answer is confirmed by its end, once it is written`() throws {
        connection.requestBegan()
        let answer = connection.answerWritten()
        var isDone = false
        answer.assumeIsolated().whenSuccess { isDone = true }
        channel.write(HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .ok)), promise: nil)
        channel.write(HTTPServerResponsePart.end(nil), promise: nil)
        #expect(!isDone)
        channel.flush()
        #expect(isDone)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a client that closes its side ends the wait, now and later`() async {
        async let wait: Void = connection.untilGone()
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        await wait
        await connection.untilGone()
    }
}
