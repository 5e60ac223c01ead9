import NIOCore
import NIOEmbedded
import NIOHTTP1
import Testing

@testable import SimpulServer

@Suite struct RequestGuardTests {
    private let channel: EmbeddedChannel

    init() throws {
        let bounds = ServerBounds(idleSeconds: 90, invitedBytes: 10)
        let settings = RequestGuard.Settings(bounds: bounds) { Array("{}".utf8) }
        channel = EmbeddedChannel(handler: RequestGuard(settings))
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/test")).wait()
    }

    private func read(_ fields: [(String, String)] = [], hasEnd: Bool = true) throws {
        let headers = HTTPHeaders([("host", "hub")] + fields)
        try channel.writeInbound(
            HTTPServerRequestPart.head(
                HTTPRequestHead(version: .http1_1, method: .POST, uri: "/", headers: headers)))
        if hasEnd { try channel.writeInbound(HTTPServerRequestPart.end(nil)) }
    }

    private func answer(_ fields: HTTPHeaders = [:]) throws {
        try channel.writeOutbound(
            HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .ok, headers: fields)))
        try channel.writeOutbound(HTTPServerResponsePart.end(nil))
    }

    private func writtenHead() throws -> HTTPResponseHead? {
        guard case .head(let head)? = try channel.readOutbound(as: HTTPServerResponsePart.self) else { return nil }
        return head
    }

    @Test func `a request without a host is answered with a problem, and the connection closes`() throws {
        try channel.writeInbound(
            HTTPServerRequestPart.head(HTTPRequestHead(version: .http1_1, method: .GET, uri: "/")))
        let head = try writtenHead()
        #expect(head?.status == .badRequest)
        #expect(head?.headers["content-type"] == ["application/problem+json"])
        #expect(!channel.isActive)
    }

    @Test func `octets that are no HTTP are not answered in the midst of another answer`() throws {
        try read(hasEnd: false)
        try channel.writeOutbound(HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .ok)))
        channel.pipeline.fireErrorCaught(HTTPParserError.invalidHeaderToken)
        #expect(try writtenHead()?.status == .ok)
        #expect(try writtenHead() == nil)
        #expect(!channel.isActive)
    }

    @Test func `what comes behind a request waits for its answer`() throws {
        try read()
        try read()
        #expect(try handedOn() == 2)
        try answer()
        #expect(try handedOn() == 2)
        try answer()
        #expect(channel.isActive)
    }

    @Test(arguments: ["application/json", "text/event-stream"])
    func `only beside an answer without an end is the socket read, and no further than to the next request`(
        type: String
    ) throws {
        let reads = AskedReads()
        try channel.pipeline.syncOperations.addHandler(reads, position: .first)
        let isEndless = type == "text/event-stream"
        try read()
        let before = reads.count
        channel.read()
        #expect(reads.count == before)
        try channel.writeOutbound(
            HTTPServerResponsePart.head(
                HTTPResponseHead(version: .http1_1, status: .ok, headers: ["content-type": type])))
        #expect(reads.count == before + (isEndless ? 1 : 0))
        channel.read()
        #expect(reads.count == before + (isEndless ? 2 : 0))
        try read()
        let asked = reads.count
        channel.read()
        #expect(try reads.count == asked && handedOn() == 2)
        try channel.writeOutbound(HTTPServerResponsePart.end(nil))
        #expect(try handedOn() == 2)
        channel.read()
        #expect(reads.count == asked, "the next answer has an end, for all that is known")
        try answer()
        #expect(reads.count == asked + 1)
    }

    @Test func `nothing that comes while a last answer is on its way is handed on`() throws {
        let kernel = FullKernel()
        try channel.pipeline.syncOperations.addHandler(kernel, position: .first)
        try read([("connection", "close")])
        channel.write(HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .ok)), promise: nil)
        channel.write(HTTPServerResponsePart.end(nil), promise: nil)
        #expect(try handedOn() == 2)
        try read()
        #expect(try handedOn() == 0)
        kernel.takeAll()
        #expect(!channel.isActive)
    }

    @Test func `what was held is told as a read of its own`() throws {
        let reads = CompletedReads()
        try channel.pipeline.syncOperations.addHandler(reads)
        try read()
        try read()
        let before = reads.count
        try answer()
        #expect(reads.count == before + 1)
    }

    @Test func `nothing behind a last answer is handed on`() throws {
        try read()
        try read()
        #expect(try handedOn() == 2)
        try answer(["connection": "close"])
        #expect(try handedOn() == 0)
        #expect(!channel.isActive)
    }

    @Test func `a request keeps its answer whatever follows, and what follows gets its own`() throws {
        try read()
        channel.pipeline.fireErrorCaught(HTTPParserError.invalidMethod)
        #expect(channel.isActive)
        try answer()
        #expect(try writtenHead()?.status == .ok)
        _ = try channel.readOutbound(as: HTTPServerResponsePart.self)
        #expect(try writtenHead()?.status == .badRequest)
        #expect(!channel.isActive)
    }

    @Test(arguments: [("0", 0), ("9223372036854775808", Int.max), ("18446744073709551616", Int.max)])
    func `a length beyond counting is the largest there is`(field: String, octets: Int) {
        #expect(ContentLength.octets(field) == octets)
        #expect(ContentLength.octets("-" + field) == nil && ContentLength.octets(field + "x") == nil)
    }

    /// How many parts reached the handlers behind.
    private func handedOn() throws -> Int {
        var count = 0
        while try channel.readInbound(as: HTTPServerRequestPart.self) != nil { count += 1 }
        return count
    }

    @Test func `a body that does not end in time closes the connection`() throws {
        try read(hasEnd: false)
        channel.embeddedEventLoop.advanceTime(by: .seconds(29))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!channel.isActive)
    }

    @Test func `an answer that nobody reads closes the connection`() throws {
        let kernel = FullKernel()
        try channel.pipeline.syncOperations.addHandler(kernel, position: .first)
        try read()
        channel.write(HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .ok)), promise: nil)
        channel.write(HTTPServerResponsePart.end(nil), promise: nil)
        channel.embeddedEventLoop.advanceTime(by: .seconds(59))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!channel.isActive)
        kernel.takeAll()
    }

    @Test func `an answer that is read in time keeps the connection, and the next has its own time`() throws {
        let kernel = FullKernel()
        try channel.pipeline.syncOperations.addHandler(kernel, position: .first)
        for _ in 0..<2 {
            try read()
            channel.write(HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .ok)), promise: nil)
            channel.write(HTTPServerResponsePart.end(nil), promise: nil)
            channel.embeddedEventLoop.advanceTime(by: .seconds(40))
            kernel.takeAll()
        }
        channel.embeddedEventLoop.advanceTime(by: .seconds(80))
        #expect(channel.isActive)
    }

    @Test func `an answer in pieces lasts as long as each piece is taken in its time`() throws {
        let kernel = FullKernel()
        try channel.pipeline.syncOperations.addHandler(kernel, position: .first)
        try read()
        channel.write(HTTPServerResponsePart.head(HTTPResponseHead(version: .http1_1, status: .ok)), promise: nil)
        for _ in 0..<3 {
            channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: "a"))), promise: nil)
            channel.embeddedEventLoop.advanceTime(by: .seconds(59))
            kernel.takeAll()
            channel.embeddedEventLoop.advanceTime(by: .seconds(120))
        }
        #expect(channel.isActive)
        channel.write(HTTPServerResponsePart.body(.byteBuffer(ByteBuffer(string: "a"))), promise: nil)
        channel.embeddedEventLoop.advanceTime(by: .seconds(61))
        #expect(!channel.isActive)
        kernel.takeAll()
    }

    @Test func `an answer before the end of the body leaves a moment for the rest`() throws {
        try read(hasEnd: false)
        try answer()
        channel.embeddedEventLoop.advanceTime(by: .seconds(1))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!channel.isActive)
    }

    @Test func `a body that ends after its answer keeps the connection`() throws {
        try read(hasEnd: false)
        try answer()
        try channel.writeInbound(HTTPServerRequestPart.end(nil))
        channel.embeddedEventLoop.advanceTime(by: .seconds(60))
        #expect(channel.isActive)
    }

    @Test func `a client that asks to close is closed after its answer`() throws {
        try read([("connection", "close")])
        #expect(channel.isActive)
        try answer()
        #expect(try writtenHead()?.headers["connection"] == ["close"])
        #expect(!channel.isActive)
    }

    @Test(arguments: [("10", true), ("11", false)])
    func `a body is invited within the bound only`(length: String, isInvited: Bool) throws {
        try read([("expect", "100-continue"), ("content-length", length)], hasEnd: false)
        #expect((try writtenHead()?.status == .continue) == isInvited)
    }
}

/// A kernel whose buffers are full until it takes what was written.
private final class FullKernel: ChannelOutboundHandler {
    typealias OutboundIn = HTTPServerResponsePart

    private var held: [EventLoopPromise<Void>] = []

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if let promise { held.append(promise) }
    }

    func takeAll() {
        for promise in held { promise.succeed() }
        held = []
    }
}

/// Counts how often the socket is asked for more.
private final class AskedReads: ChannelOutboundHandler {
    typealias OutboundIn = ByteBuffer
    var count = 0

    func read(context: ChannelHandlerContext) {
        count += 1
        context.read()
    }
}

/// Counts the ends of reads that reach the handlers behind.
private final class CompletedReads: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart

    private(set) var count = 0

    func channelReadComplete(context: ChannelHandlerContext) { count += 1 }
}
