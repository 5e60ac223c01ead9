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

    @Test func `a piece is confirmed once it is written, and not by the end of an answer`() throws {
        connection.requestBegan()
        let piece = connection.pieceWritten()
        var isDone = false
        piece.assumeIsolated().whenSuccess { isDone = true }
        channel.writeAndFlush(
            HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .ok)), promise: nil)
        channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: "x"))), promise: nil)
        #expect(!isDone)
        channel.flush()
        #expect(isDone)
        let lost = connection.pieceWritten()
        try channel.close().wait()
        #expect(throws: ChannelError.self) { try lost.wait() }
        #expect(throws: ChannelError.self) { try connection.pieceWritten().wait() }
    }

    @Test func `who waits for the client's leaving is told once, now or later, unless it is forgotten`() {
        let box = NIOLoopBoundBox(0, eventLoop: channel.eventLoop)
        connection.whenGone { box.value += 10 }
        connection.whenGone { box.value += 1 }
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        connection.closed()
        #expect(box.value == 1)
        connection.whenGone { box.value += 100 }
        #expect(box.value == 101)
    }

    @Test func `a forgotten wait is told nothing`() {
        let box = NIOLoopBoundBox(0, eventLoop: channel.eventLoop)
        connection.whenGone { box.value += 1 }
        connection.whenGone(nil)
        connection.closed()
        #expect(box.value == 0)
    }
}
