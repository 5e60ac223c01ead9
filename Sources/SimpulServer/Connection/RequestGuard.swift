internal import NIOCore
internal import NIOHTTP1
internal import SimpulCore

/// Holds a client to HTTP/1.1: a body comes within its time, a body that is waited for is invited, what was answered
/// before its end does not go on for ever, an answer is read within its time, and octets that are no HTTP get a problem
/// document before the connection closes.
final class RequestGuard: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// What all connections of a listener share.
    struct Settings: Sendable {
        var bounds: ServerBounds
        /// Counts and logs octets that are no HTTP, and gives the body of their answer.
        var malformed: @Sendable () -> [UInt8]
    }

    private let settings: Settings
    /// The head of a request was read, and its end was not.
    private var isReceiving = false
    /// Requests whose answer has not ended.
    private var unanswered = 0
    /// The head of an answer was written, and its end was not.
    private var isAnswering = false
    /// The connection closes after the answers that are due.
    private var isLast = false
    /// Nothing is read or written any more.
    private var isOver = false
    /// The answer in hand comes in pieces.
    private var isStreaming = false
    private let body: BodyClock
    private let answer: AnswerClock

    init(_ settings: Settings) {
        self.settings = settings
        body = BodyClock(settings.bounds)
        answer = AnswerClock(settings.bounds)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isOver { return }
        switch Self.unwrapInboundIn(data) {
        case .head(let head):
            guard head.version != .http1_1 || head.headers["host"].count == 1 else { return refuse(context) }
            begin(head, context)
        case .body(let part): body.received(part.readableBytes)
        case .end: end(context)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if isOver {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch Self.unwrapOutboundIn(data) {
        case .head(var head):
            isAnswering = true
            isStreaming = head.headers[canonicalForm: "transfer-encoding"].contains("chunked")
            if !isStreaming { answer.writeBegan(context) }
            if head.headers[canonicalForm: "connection"].contains("close") { isLast = true }
            if isLast, unanswered == 1 { head.headers.replaceOrAdd(name: "connection", value: "close") }
            context.write(Self.wrapOutboundOut(.head(head)), promise: promise)
        case .body where !isStreaming: context.write(data, promise: promise)
        case .body:
            answer.writeBegan(context)
            let written = promise ?? context.eventLoop.makePromise()
            written.futureResult.assumeIsolated().whenSuccess { [self] _ in answer.writeEnded(context) }
            context.write(data, promise: written)
        case .end: finishAnswer(data, context, promise)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        if error is HTTPParserError, !isOver { refuse(context) }
        context.fireErrorCaught(error)
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        body.stop()
        answer.stop()
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        isReceiving = true
        unanswered += 1
        if !head.isKeepAlive { isLast = true }
        body.start(context)
        let isInvitation = head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
        let length = head.headers["content-length"].first.flatMap { Int($0) } ?? 0
        guard isInvitation, head.version == .http1_1, length <= settings.bounds.invitedBytes else { return }
        let invitation = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(Self.wrapOutboundOut(.head(invitation)), promise: nil)
    }

    private func end(_ context: ChannelHandlerContext) {
        isReceiving = false
        body.stop()
        if isLast, unanswered == 0 { context.close(promise: nil) }
    }

    private func finishAnswer(_ data: NIOAny, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        isAnswering = false
        unanswered -= 1
        let closes = unanswered == 0 && isLast && !isReceiving
        if unanswered == 0, isReceiving { body.close(context, after: settings.bounds.lingerSeconds) }
        if isStreaming { answer.writeBegan(context) }
        let written = promise ?? context.eventLoop.makePromise()
        written.futureResult.assumeIsolated().whenComplete { [self] result in
            if case .success = result { answer.writeEnded(context) }
            if closes { context.close(promise: nil) }
        }
        context.write(data, promise: written)
    }

    /// Answers what is no request, unless that would be taken for the answer to an earlier one, and closes.
    private func refuse(_ context: ChannelHandlerContext) {
        isOver = true
        body.close(context, after: settings.bounds.answerSeconds)
        let mayAnswer = unanswered == 0 || (unanswered == 1 && isReceiving && !isAnswering)
        guard mayAnswer else { return context.close(promise: nil) }
        let problem = settings.malformed()
        let head = HTTPResponseHead(
            version: .http1_1, status: .badRequest,
            headers: [
                "content-type": "application/problem+json", "content-length": "\(problem.count)",
                "cache-control": "no-store", "connection": "close",
            ])
        context.write(Self.wrapOutboundOut(.head(head)), promise: nil)
        context.write(Self.wrapOutboundOut(.body(.byteBuffer(ByteBuffer(bytes: problem)))), promise: nil)
        let written = context.eventLoop.makePromise(of: Void.self)
        written.futureResult.assumeIsolated().whenComplete { _ in context.close(promise: nil) }
        context.writeAndFlush(Self.wrapOutboundOut(.end(nil)), promise: written)
    }
}
