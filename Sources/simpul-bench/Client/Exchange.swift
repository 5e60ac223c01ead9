import NIOCore
import NIOSSL
import NIOTLS

/// Who a connection belongs to. Everything is called on the connection's event loop.
protocol ExchangeUser: AnyObject {
    /// The answer to what was sent last.
    func answered(_ answer: Answer, on exchange: Exchange)
    /// The connection is of no use any more; said once.
    func failed(_ error: BenchError)
}

/// One connection with one request outstanding at the most: a request is octets that are written as they are, an answer
/// is read without a list of its fields. It lives on its event loop and nowhere else.
final class Exchange: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    private let user: any ExchangeUser
    private let ready: EventLoopPromise<Void>
    private var reader = ResponseReader()
    private var context: ChannelHandlerContext?
    private var isOver = false
    /// When the outstanding request was written, by the monotonic clock; nil where none is outstanding.
    private(set) var sentAt: NIODeadline?
    /// What the user wants to know again with the answer.
    var tag = 0

    /// - Parameter ready: told when the TLS handshake is done, or cannot be.
    init(user: any ExchangeUser, ready: EventLoopPromise<Void>) {
        (self.user, self.ready) = (user, ready)
    }

    var isIdle: Bool { sentAt == nil && !isOver }

    /// Writes a request; the last one must have been answered.
    /// - Parameter inPieces: whether the answer is told piece by piece as it comes; its end is told like any answer.
    func send(_ request: ByteBuffer, tag: Int = 0, inPieces: Bool = false) {
        precondition(sentAt == nil, "one request at a time")
        guard let context, !isOver else { return }
        self.tag = tag
        reader.isInPieces = inPieces
        sentAt = .now()
        context.writeAndFlush(wrapOutboundOut(request), promise: nil)
    }

    func close() {
        isOver = true
        context?.close(promise: nil)
    }

    func handlerAdded(context: ChannelHandlerContext) { self.context = context }
    func handlerRemoved(context: ChannelHandlerContext) { self.context = nil }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if case .handshakeCompleted? = event as? TLSUserEvent { ready.succeed() }
        context.fireUserInboundEventTriggered(event)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        reader.take(unwrapInboundIn(data))
        do throws(BenchError) {
            while let answer = try reader.next() {
                guard sentAt != nil else { throw BenchError("an answer came that nobody asked for") }
                lastTook = NIODeadline.now() - (sentAt ?? .now())
                if !answer.isPiece { sentAt = nil }
                user.answered(answer, on: self)
            }
        } catch {
            fail(error)
        }
    }

    /// How long the last answer took, from the writing of its request to its last octet.
    private(set) var lastTook = TimeAmount.zero

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(BenchError("a connection failed: \(error)"))
    }

    func channelInactive(context: ChannelHandlerContext) { fail(BenchError("the broker closed a connection")) }

    private func fail(_ error: BenchError) {
        ready.fail(error)
        guard !isOver else { return }
        close()
        user.failed(error)
    }
}
