import HTTPTypes
import NIOCore
import NIOEmbedded
import NIOHTTPTypes
import Testing

@testable import SimpulServer

@Suite struct StreamGuardTests {
    private let channel = EmbeddedChannel()
    private let parent = EmbeddedChannel()
    private let streams: Streams
    private let stream: Connection

    init() throws {
        try parent.connect(to: SocketAddress(unixDomainSocketPath: "/test")).wait()
        streams = Streams(of: parent, idleSeconds: 95)
        stream = Connection(eventLoop: channel.eventLoop, isStream: true)
        let bounds = ServerBounds(idleSeconds: 90, invitedBytes: 10)
        try channel.pipeline.syncOperations.addHandler(StreamGuard(bounds, streams: streams, connection: stream))
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/test")).wait()
    }

    private func read(_ fields: HTTPFields = [:]) throws {
        try channel.writeInbound(
            HTTPRequestPart.head(
                HTTPRequest(method: .post, scheme: "https", authority: "hub", path: "/", headerFields: fields)))
    }

    private func advance(_ seconds: Int64) { channel.embeddedEventLoop.advanceTime(by: .seconds(seconds)) }

    @Test func `a connection without a stream is closed in its time, one with a stream is not`() throws {
        parent.embeddedEventLoop.advanceTime(by: .seconds(600))
        #expect(parent.isActive)
        _ = try channel.finish()
        parent.embeddedEventLoop.advanceTime(by: .seconds(94))
        #expect(parent.isActive)
        parent.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!parent.isActive)
    }

    @Test func `a body that does not come closes the stream in its time`() throws {
        try read()
        advance(29)
        #expect(channel.isActive)
        advance(2)
        #expect(!channel.isActive)
    }

    @Test func `octets of a body buy time, and no more than their rate`() throws {
        try read()
        try channel.writeInbound(HTTPRequestPart.body(ByteBuffer(repeating: 0, count: 4096 * 10)))
        advance(39)
        #expect(channel.isActive)
        advance(2)
        #expect(!channel.isActive)
    }

    @Test func `a body that has ended is not waited for`() throws {
        try read()
        try channel.writeInbound(HTTPRequestPart.end(nil))
        advance(600)
        #expect(channel.isActive)
    }

    // MARK: Answers

    private func begin(_ fields: HTTPFields = [:]) throws -> UnreadingPeer {
        let peer = UnreadingPeer()
        try channel.pipeline.syncOperations.addHandler(peer, position: .first)
        try read()
        try channel.writeInbound(HTTPRequestPart.end(nil))
        channel.write(HTTPResponsePart.head(HTTPResponse(status: .ok, headerFields: fields)), promise: nil)
        return peer
    }

    private func writePiece() {
        channel.write(HTTPResponsePart.body(ByteBuffer(string: "event: delivery\n")), promise: nil)
    }

    @Test func `a stream of events lasts as long as each piece is read in its time, however long nothing comes`() throws
    {
        let peer = try begin()
        peer.readAll()
        for _ in 0..<3 {
            advance(86_400)
            writePiece()
            advance(59)
            #expect(channel.isActive)
            peer.readAll()
        }
        advance(86_400)
        #expect(channel.isActive)
    }

    @Test func `a stream of events that its reader does not read is cut, and what waits for its pieces is told`() throws
    {
        let peer = try begin()
        peer.readAll()
        let piece = stream.pieceWritten()
        let box = NIOLoopBoundBox(false, eventLoop: channel.eventLoop)
        stream.whenGone { box.value = true }
        writePiece()
        advance(30)
        // Another piece buys no time.
        writePiece()
        advance(29)
        #expect(channel.isActive && !box.value)
        advance(2)
        #expect(!channel.isActive && box.value)
        // As a channel does with what it has not written.
        peer.forget()
        #expect(throws: (any Error).self) { try piece.wait() }
    }

    @Test func `an answer of known length that nobody reads is cut, too`() throws {
        let peer = try begin([.contentLength: "2"])
        writePiece()
        channel.write(HTTPResponsePart.end(nil), promise: nil)
        advance(61)
        #expect(!channel.isActive)
        peer.forget()
    }

    @Test func `a body that is waited for is invited, one that is too large is not`() throws {
        try read([.expect: "100-continue", .contentLength: "11"])
        #expect(try channel.readOutbound(as: HTTPResponsePart.self) == nil)
        try read([.expect: "100-continue", .contentLength: "10"])
        guard case .head(let head)? = try channel.readOutbound(as: HTTPResponsePart.self) else {
            Issue.record("no invitation")
            return
        }
        #expect(head.status == .continue)
    }

    @Test func `a request finds its own stream, and after its end one that is gone`() throws {
        #expect(streams.stream(of: channel) === stream)
        stream.requestBegan()
        let answer = stream.answerWritten()
        _ = try channel.finish()
        #expect(throws: ChannelError.self) { try answer.wait() }
        let gone = streams.stream(of: channel)
        #expect(gone !== stream)
        #expect(throws: ChannelError.self) { try gone.answerWritten().wait() }
    }
}

/// A peer that reads nothing until it is told to.
private final class UnreadingPeer: ChannelOutboundHandler {
    typealias OutboundIn = HTTPResponsePart

    private var held: [EventLoopPromise<Void>] = []

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if let promise { held.append(promise) }
    }

    func readAll() {
        for promise in held { promise.succeed() }
        held = []
    }

    func forget() {
        for promise in held { promise.fail(ChannelError.ioOnClosedChannel) }
        held = []
    }
}

/// What a stream owes where its answer was lost, on channels that may be used from any thread.
@Suite(.timeLimit(.minutes(1))) struct StreamAmendsTests {
    private let channel = NIOAsyncTestingChannel()
    private let streams: Streams
    private let stream: Connection

    init() async throws {
        let parent = NIOAsyncTestingChannel()
        let streams = Streams(of: parent, idleSeconds: 95)
        let stream = Connection(eventLoop: channel.eventLoop, isStream: true)
        (self.streams, self.stream) = (streams, stream)
        try await channel.testingEventLoop.executeInContext { [channel] in
            let bounds = ServerBounds(idleSeconds: 90, invitedBytes: 10)
            try channel.pipeline.syncOperations.addHandler(StreamGuard(bounds, streams: streams, connection: stream))
        }
        stream.requestBegan()
    }

    /// Returns once what is owed was done.
    private func amends(_ made: AsyncStream<Void>) async {
        streams.finish()
        for await ended in streams.ended { await ended.makeAmends() }
        for await _ in made {}
    }

    @Test func `what a lost answer owes is made good while other streams go on`() async throws {
        let (made, signal) = AsyncStream.makeStream(of: Void.self)
        stream.ifAnswerIsLost { signal.finish() }
        _ = try await channel.finish()
        await amends(made)
    }

    @Test func `what is owed only after the end is made good, too`() async throws {
        _ = try await channel.finish()
        let (made, signal) = AsyncStream.makeStream(of: Void.self)
        stream.ifAnswerIsLost { signal.finish() }
        await amends(made)
    }
}

@Suite struct AgencyConnectionsTests {
    @Test func `an agency gets no more connections than its share, and one back for each that closes`() throws {
        let connections = AgencyConnections(atMost: 1)
        let (first, second) = (EmbeddedChannel(), EmbeddedChannel())
        #expect(connections.admit(first, of: nil))
        #expect(!connections.admit(second, of: nil))
        _ = try first.finish()
        #expect(connections.admit(second, of: nil))
    }
}
