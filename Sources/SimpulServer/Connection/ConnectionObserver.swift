internal import NIOCore
internal import NIOHTTP1

/// Tells a ``Connection`` what happens on its channel.
final class ConnectionObserver: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    private let connection: Connection

    init(_ connection: Connection) { self.connection = connection }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard let confirmation = confirmation(of: Self.unwrapOutboundIn(data)) else {
            return context.write(data, promise: promise)
        }
        let written = promise ?? context.eventLoop.makePromise()
        written.futureResult.cascade(to: confirmation)
        context.write(data, promise: written)
    }

    private func confirmation(of part: HTTPServerResponsePart) -> EventLoopPromise<Void>? {
        switch part {
        case .head: nil
        case .body: connection.pieceEnds()
        case .end: connection.answerEnds()
        }
    }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if event as? ChannelEvent == .inputClosed { connection.clientLeft() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelInactive(context: ChannelHandlerContext) {
        connection.closed()
        context.fireChannelInactive()
    }

    func handlerRemoved(context: ChannelHandlerContext) { connection.closed() }
}
