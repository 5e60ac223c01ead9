internal import NIOCore
internal import NIOHTTP1
internal import NIOSSL
internal import NIOTLS
internal import SimpulBroker

/// One request and the promise of its answer.
struct Exchange: Sendable {
    let head: HTTPRequestHead
    let body: ByteBuffer
    let answer: EventLoopPromise<Answered>

    /// An answer, and whether the connection can take another request.
    struct Answered: Sendable {
        var answer: PushAnswer
        var isReusable: Bool
    }
}

/// Why an exchange failed, before it is known whether the attempt was ended from outside.
enum WireFailure: Error, Sendable, Equatable {
    case handshake(String)
    /// - hadAnswer: whether a part of the answer had come.
    case lost(hadAnswer: Bool)
    case malformed
    case tooLarge
}

/// Counts the octets of an answer, before anything looks at them: a receiver cannot make the broker hold more.
final class AnswerBudget: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let limit: Int
    private var left: Int

    init(limit: Int) {
        self.limit = limit
        left = limit
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard left >= 0 else { return }
        left -= unwrapInboundIn(data).readableBytes
        guard left >= 0 else {
            context.fireErrorCaught(WireFailure.tooLarge)
            context.close(promise: nil)
            return
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if left >= 0 { left = limit }
        context.write(data, promise: promise)
    }
}

/// Speaks HTTP/1.1 on one connection: one request at a time, and of its answer what a push depends on.
final class Speaker: ChannelDuplexHandler {
    typealias InboundIn = HTTPClientResponsePart
    typealias OutboundIn = Exchange
    typealias OutboundOut = HTTPClientRequestPart

    private enum State {
        case handshaking
        case idle
        case waiting(Exchange)
        case answering(Exchange, HTTPResponseHead, ByteBuffer)
        case closed
    }

    private var state = State.handshaking
    private let handshake: EventLoopPromise<Void>

    init(handshake: EventLoopPromise<Void>) { self.handshake = handshake }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        let exchange = unwrapOutboundIn(data)
        guard case .idle = state else {
            exchange.answer.fail(WireFailure.lost(hadAnswer: false))
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        state = .waiting(exchange)
        context.write(wrapOutboundOut(.head(exchange.head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(exchange.body))), promise: nil)
        context.write(wrapOutboundOut(.end(nil)), promise: promise)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch (unwrapInboundIn(data), state) {
        case (.head(let head), .waiting(let exchange)):
            guard head.status == .ok else {
                // Its body says nothing that matters, and may have no end.
                return finish(exchange, head, ByteBuffer(), reusable: false, context)
            }
            state = .answering(exchange, head, ByteBuffer())
        case (.body(var part), .answering(let exchange, let head, var body)):
            body.writeBuffer(&part)
            state = .answering(exchange, head, body)
        case (.end, .answering(let exchange, let head, let body)):
            finish(exchange, head, body, reusable: head.isKeepAlive, context)
        default: fail(.malformed, context)
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshaking = state, case .handshakeCompleted? = event as? TLSUserEvent {
            state = .idle
            handshake.succeed(())
        }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(failure(for: error), context)
    }

    func channelInactive(context: ChannelHandlerContext) {
        fail(.lost(hadAnswer: hasAnswer), context)
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { fail(.lost(hadAnswer: hasAnswer), context) }

    private var hasAnswer: Bool { if case .answering = state { true } else { false } }

    private func finish(
        _ exchange: Exchange, _ head: HTTPResponseHead, _ body: ByteBuffer, reusable: Bool,
        _ context: ChannelHandlerContext
    ) {
        state = reusable ? .idle : .closed
        let answer = PushAnswer(
            status: Int(head.status.code), acknowledgements: head.headers["simpul-ack"],
            mediaType: head.headers.first(name: "content-type"), retryAfter: head.headers.first(name: "retry-after"),
            body: Array(body.readableBytesView))
        exchange.answer.succeed(Exchange.Answered(answer: answer, isReusable: reusable))
        if !reusable { context.close(promise: nil) }
    }

    private func fail(_ failure: WireFailure, _ context: ChannelHandlerContext) {
        switch state {
        case .closed: return
        case .handshaking: handshake.fail(failure)
        case .idle: break
        case .waiting(let exchange), .answering(let exchange, _, _): exchange.answer.fail(failure)
        }
        state = .closed
        context.close(promise: nil)
    }

    private func failure(for error: any Error) -> WireFailure {
        if let failure = error as? WireFailure { return failure }
        if case .handshaking = state { return .handshake(Self.reason(of: error)) }
        if error is HTTPParserError || error is NIOHTTPDecoderError { return .malformed }
        // Under TLS 1.3 a server judges our certificate after we are done: its refusal comes in place of an answer.
        if case .waiting = state, "\(error)".contains("ALERT") { return .handshake("alert") }
        return .lost(hadAnswer: hasAnswer)
    }

    /// BoringSSL tells its reasons as text only.
    private static func reason(of error: any Error) -> String {
        let text = "\(error)"
        let known = [
            ("PROTOCOL_VERSION", "protocolVersion"), ("UNSUPPORTED_PROTOCOL", "protocolVersion"),
            ("WRONG_VERSION_NUMBER", "notTLS"), ("HTTP_REQUEST", "notTLS"), ("ALERT", "alert"),
        ]
        return known.first { text.contains($0.0) }?.1 ?? "aborted"
    }
}
