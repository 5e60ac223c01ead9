internal import HTTPTypes
internal import NIOCore
internal import NIOHTTPTypes

/// Holds one HTTP/2 stream to its time, as ``RequestGuard`` does a connection of HTTP/1.1, and tells its
/// ``Connection`` what happens on it. What is no HTTP/2 never comes here: the connection ends with it.
final class StreamGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let bounds: ServerBounds
    private let streams: Streams
    private let connection: Connection
    private let body: BodyClock
    private let answer: AnswerClock
    private var isReceiving = false
    private var isStreaming = false

    init(_ bounds: ServerBounds, streams: Streams, connection: Connection) {
        self.bounds = bounds
        self.streams = streams
        self.connection = connection
        body = BodyClock(bounds)
        answer = AnswerClock(bounds)
    }

    func handlerAdded(context: ChannelHandlerContext) { streams.add(connection, of: context.channel) }

    func handlerRemoved(context: ChannelHandlerContext) { end(context) }

    func channelInactive(context: ChannelHandlerContext) {
        end(context)
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch Self.unwrapInboundIn(data) {
        case .head(let head): begin(head, context)
        case .body(let part): body.received(part.readableBytes)
        case .end:
            isReceiving = false
            body.stop()
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        switch Self.unwrapOutboundIn(data) {
        case .head(let head):
            isStreaming = bounds.isStreamed(ContentLength.octets(head.headerFields[.contentLength]))
            if !isStreaming { answer.writeBegan(context) }
            context.write(data, promise: promise)
        case .body where !isStreaming: context.write(data, promise: promise)
        case .body: write(data, context, promise, isEnd: false)
        case .end: write(data, context, promise, isEnd: true)
        }
    }

    private func begin(_ head: HTTPRequest, _ context: ChannelHandlerContext) {
        isReceiving = true
        body.start(context)
        let length = ContentLength.octets(head.headerFields[.contentLength]) ?? 0
        guard head.headerFields[.expect]?.lowercased() == "100-continue",
            bounds.invites(length, method: head.method.rawValue, path: head.path ?? "")
        else { return }
        let invitation = HTTPResponse(status: .continue)
        context.writeAndFlush(Self.wrapOutboundOut(.head(invitation)), promise: nil)
    }

    private func write(
        _ data: NIOAny, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>?, isEnd: Bool
    ) {
        if isStreaming { answer.writeBegan(context) }
        let written = promise ?? context.eventLoop.makePromise()
        if isEnd {
            connection.answerEnds().map { written.futureResult.cascade(to: $0) }
            if isReceiving { body.close(context, after: bounds.limits.lingerSeconds) }
        } else {
            connection.pieceEnds().map { written.futureResult.cascade(to: $0) }
        }
        written.futureResult.assumeIsolated().whenSuccess { [self] _ in answer.writeEnded(context) }
        context.write(data, promise: written)
    }

    private func end(_ context: ChannelHandlerContext) {
        body.stop()
        answer.stop()
        streams.end(connection, of: context.channel)
    }
}
