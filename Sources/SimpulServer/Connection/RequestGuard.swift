internal import NIOCore
internal import NIOHTTP1
internal import SimpulCore

/// Holds a client to HTTP/1.1: one request is handed on at a time, and the next one only after its answer, so that nothing
/// behind a last answer is ever done; a body comes within its time, a body that is waited for is invited, what was
/// answered before its end does not go on for ever, an answer is read within its time, and octets that are no HTTP get a
/// problem document, after the answers that are due, before the connection closes.
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
    /// The request in hand has no answer yet, or none that has ended.
    private var isDue = false
    /// The head of an answer was written, and its end was not.
    private var isAnswering = false
    /// The answer in hand comes in pieces.
    private var isStreaming = false
    /// The answer in hand goes on for as long as its reader stays. A reader that says goodbye in TLS may keep its
    /// connection for seconds; only reading tells.
    private var isEndless = false
    /// The connection closes after the answer that is due.
    private var isLast = false
    /// Nothing is read or written any more.
    private var isOver = false
    /// What came behind the request in hand: what one read of the socket brought, since no other follows meanwhile.
    private var held = CircularBuffer<HTTPServerRequestPart>()
    /// What came behind it, and behind all that is held, is no HTTP.
    private var isMalformed = false
    private var wantsRead = false
    private let body: BodyClock
    private let answer: AnswerClock

    init(_ settings: Settings) {
        self.settings = settings
        body = BodyClock(settings.bounds)
        answer = AnswerClock(settings.bounds)
    }

    /// Whether what comes is passed over: the last answer was given, or what came before was no HTTP.
    private var isDeaf: Bool { isOver || isMalformed || isLast && !isDue && !isReceiving }

    /// Whether what comes belongs behind an answer that is due.
    private var isHolding: Bool { isDue && !isReceiving || !held.isEmpty }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        if isDeaf { return }
        let part = Self.unwrapInboundIn(data)
        if isHolding { held.append(part) } else { handOn(part, context) }
    }

    /// Whether the socket may be read now: while an answer is due no further than to the beginning of a next request.
    private var mayRead: Bool { !isHolding || isEndless && held.isEmpty && !isMalformed }

    func read(context: ChannelHandlerContext) {
        if mayRead { context.read() } else { wantsRead = true }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Told to those behind, it would cost the answers that are due.
        guard error is HTTPParserError else { return context.fireErrorCaught(error) }
        if isDeaf { return }
        if isHolding { isMalformed = true } else { refuse(context) }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        body.stop()
        answer.stop()
    }

    // MARK: Requests

    private func handOn(_ part: HTTPServerRequestPart, _ context: ChannelHandlerContext) {
        switch part {
        case .head(let head):
            guard head.version != .http1_1 || head.headers["host"].count == 1 else { return refuse(context) }
            begin(head, context)
        case .body(let part): body.received(part.readableBytes)
        case .end: end(context)
        }
        if !isOver { context.fireChannelRead(Self.wrapInboundOut(part)) }
    }

    private func begin(_ head: HTTPRequestHead, _ context: ChannelHandlerContext) {
        isReceiving = true
        isDue = true
        if !head.isKeepAlive { isLast = true }
        body.start(context)
        let isInvitation = head.headers[canonicalForm: "expect"].contains { $0.lowercased() == "100-continue" }
        let length = ContentLength.octets(head.headers["content-length"].first)
        guard isInvitation, head.version == .http1_1,
            settings.bounds.invites(length ?? 0, method: head.method.rawValue, path: head.uri)
        else { return }
        let invitation = HTTPResponseHead(version: .http1_1, status: .continue)
        context.writeAndFlush(Self.wrapOutboundOut(.head(invitation)), promise: nil)
    }

    private func end(_ context: ChannelHandlerContext) {
        isReceiving = false
        body.stop()
        if isLast, !isDue { close(context) }
    }

    /// The answer has ended: what is held is handed on, up to the end of the next request.
    private func goOn(_ context: ChannelHandlerContext) {
        guard !held.isEmpty || isMalformed || wantsRead else { return }
        while !isOver, !(isDue && !isReceiving), let part = held.popFirst() { handOn(part, context) }
        // Hummingbird's side takes what it was handed at the end of a read only.
        context.fireChannelReadComplete()
        guard !isOver, !isHolding else { return }
        if isMalformed { return refuse(context) }
        readIfWanted(context)
    }

    private func readIfWanted(_ context: ChannelHandlerContext) {
        guard wantsRead, mayRead else { return }
        wantsRead = false
        context.read()
    }

    // MARK: Answers

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if isOver {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch Self.unwrapOutboundIn(data) {
        case .head(var head):
            isAnswering = true
            // The encoder, which is nearer to the socket, then sends it in chunks.
            isStreaming = settings.bounds.isStreamed(ContentLength.octets(head.headers["content-length"].first))
            if !isStreaming { answer.writeBegan(context) }
            if head.headers[canonicalForm: "connection"].contains("close") { isLast = true }
            if isLast { head.headers.replaceOrAdd(name: "connection", value: "close") }
            context.write(Self.wrapOutboundOut(.head(head)), promise: promise)
            isEndless = head.headers["content-type"].contains(MediaTypeName.events)
            if isEndless { readIfWanted(context) }
        case .body where !isStreaming: context.write(data, promise: promise)
        case .body:
            answer.writeBegan(context)
            let written = promise ?? context.eventLoop.makePromise()
            written.futureResult.assumeIsolated().whenSuccess { [self] _ in answer.writeEnded(context) }
            context.write(data, promise: written)
        case .end: finishAnswer(data, context, promise)
        }
    }

    private func finishAnswer(_ data: NIOAny, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?) {
        isAnswering = false
        isDue = false
        isEndless = false
        let closes = isLast && !isReceiving
        if isReceiving { body.close(context, after: settings.bounds.limits.lingerSeconds) }
        if isStreaming { answer.writeBegan(context) }
        let written = promise ?? context.eventLoop.makePromise()
        written.futureResult.assumeIsolated().whenComplete { [self] result in
            if case .success = result { answer.writeEnded(context) }
            if closes { close(context) }
        }
        context.write(data, promise: written)
        if isLast { held.removeAll() } else { goOn(context) }
    }

    private func close(_ context: ChannelHandlerContext) {
        isOver = true
        context.close(promise: nil)
    }

    /// Answers what is no request, unless that would be taken for the answer to an earlier one, and closes.
    private func refuse(_ context: ChannelHandlerContext) {
        guard !isAnswering, isDue || !isReceiving else { return close(context) }
        isOver = true
        body.close(context, after: settings.bounds.limits.answerSeconds)
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

enum ContentLength {
    /// What a `Content-Length` field says (RFC 9110 §8.6); more than can be counted is the most that can. Nil where
    /// there is none, or what it says is no number.
    static func octets(_ field: String?) -> Int? {
        guard let field, !field.isEmpty, field.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int(field) ?? .max
    }
}
