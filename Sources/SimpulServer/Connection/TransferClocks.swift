internal import NIOCore

/// How long the body of one request may take: a time of its own, and a second more for each `bodyRate` octets that
/// came. A large body on a slow line is not cut while it comes; one that trickles is. Lives on its event loop.
final class BodyClock {
    private let bounds: ServerBounds
    private var began = NIODeadline.uptimeNanoseconds(0)
    private var octets: Int64 = 0
    private var deadline: Scheduled<Void>?

    init(_ bounds: ServerBounds) { self.bounds = bounds }

    func start(_ context: ChannelHandlerContext) {
        began = context.eventLoop.now
        octets = 0
        look(context, in: .seconds(bounds.limits.bodySeconds))
    }

    func received(_ count: Int) { octets += Int64(count) }

    func stop() {
        deadline?.cancel()
        deadline = nil
    }

    /// Closes after that time, whatever comes.
    func close(_ context: ChannelHandlerContext, after seconds: Int64) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(seconds)) {
            context.close(promise: nil)
        }
    }

    private func look(_ context: ChannelHandlerContext, in time: TimeAmount) {
        deadline?.cancel()
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: time) { [self] in
            let allowed = TimeAmount.seconds(bounds.limits.bodySeconds + octets / bounds.limits.bodyRate)
            let left = began + allowed - context.eventLoop.now
            if left > .zero { look(context, in: left) } else { context.close(promise: nil) }
        }
    }
}

/// How long the kernel may take no more of an answer: the time runs while something is written that it has not taken,
/// and starts again with each piece that it has. Lives on its event loop.
final class AnswerClock {
    private let bounds: ServerBounds
    private var unread = 0
    private var deadline: Scheduled<Void>?

    init(_ bounds: ServerBounds) { self.bounds = bounds }

    func writeBegan(_ context: ChannelHandlerContext) {
        unread += 1
        if unread == 1 { start(context) }
    }

    func writeEnded(_ context: ChannelHandlerContext) {
        unread -= 1
        stop()
        if unread > 0 { start(context) }
    }

    func stop() {
        deadline?.cancel()
        deadline = nil
    }

    private func start(_ context: ChannelHandlerContext) {
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(bounds.limits.answerSeconds)) {
            context.close(promise: nil)
        }
    }
}
