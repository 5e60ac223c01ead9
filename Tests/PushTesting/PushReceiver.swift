internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// An endpoint on the loopback interface that deliveries are pushed to, good or bad as a test wants it. It asks for a
/// client certificate and looks at none.
public final class PushReceiver: Sendable {
    /// What a receiver does with one request.
    public enum Behaviour: Sendable {
        /// Answers with that status, these header fields and that body.
        case answer(Int, [(String, String)] = [], String = "")
        /// Writes those octets where an answer is expected, and then says nothing more.
        case raw(String)
        /// Writes those octets again and again, as long as somebody reads them.
        case endless(String, then: String)
        /// Writes those octets, and then one more after the other, slowly and without end.
        case trickle(String)
        /// Writes a head that promises a body, and nothing more.
        case headOnly
        /// Reads and says nothing.
        case hang
        /// Ends the connection.
        case drop
    }

    /// One request as it came.
    public struct Request: Sendable {
        /// The method and the path.
        public var line: String
        /// `Host`, `Content-Type`, `Simpul-Delivery`.
        public var headers: [String: String]
        /// The body.
        public var body: String
        /// The number of the connection that it came on, from 1.
        public var connection: Int
        /// The DER of the client's certificate.
        public var clientCertificate: [UInt8]?
    }

    /// Of its own, so that a bad receiver does not slow down whom it is to be tested with.
    private static let group = MultiThreadedEventLoopGroup(numberOfThreads: 2)

    /// Where it listens.
    public let port: Int
    private let channel: any Channel
    private let shared: Shared

    /// Requests so far.
    public var requests: [Request] { shared.state.withLockedValue { $0.requests } }

    /// Connections so far.
    public var connections: Int { shared.state.withLockedValue { $0.connections } }

    /// Listens; nil TLS files make it speak no TLS.
    /// - Parameters:
    ///   - port: 0 for any that is free.
    ///   - anchorPEM: what the certificates of clients must chain to; nil asks for none.
    public static func start(
        port: Int = 0, chainPEM: String?, keyPEM: String?, anchorPEM: String? = nil, atMostTLS12: Bool = false,
        _ behave: @escaping @Sendable (Request) -> Behaviour
    ) async throws -> PushReceiver {
        let shared = Shared(behave)
        let context = try tls(chainPEM, keyPEM, anchorPEM, atMostTLS12)
        let channel = try await ServerBootstrap(group: group)
            .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    if let context {
                        try channel.pipeline.syncOperations.addHandler(NIOSSLServerHandler(context: context))
                    }
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline(withErrorHandling: false)
                    try channel.pipeline.syncOperations.addHandler(Handler(shared))
                }
            }.bind(host: "127.0.0.1", port: port).get()
        return PushReceiver(channel, shared)
    }

    private init(_ channel: any Channel, _ shared: Shared) {
        self.channel = channel
        self.shared = shared
        port = channel.localAddress?.port ?? 0
    }

    /// Stops listening, and ends every connection.
    public func stop() async throws {
        let open = shared.state.withLockedValue { Array($0.open.values) }
        try await channel.close().get()
        for channel in open { try? await channel.close().get() }
    }

    /// Returns once so many requests have come; throws where they do not within a while.
    public func waits(for count: Int, seconds: Int = 600) async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [shared] in
                for await have in shared.counts where have >= count { return }
                throw CancellationError()
            }
            group.addTask {
                try await Task.sleep(for: .seconds(seconds))
                throw TooFew(expected: count)
            }
            try await group.next()
            group.cancelAll()
        }
    }

    /// Fewer requests came than a test waited for.
    public struct TooFew: Error { let expected: Int }

    private static func tls(
        _ chain: String?, _ key: String?, _ anchor: String?, _ atMostTLS12: Bool
    ) throws -> NIOSSLContext? {
        guard let chain, let key else { return nil }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: try NIOSSLCertificate.fromPEMBytes(Array(chain.utf8)).map { .certificate($0) },
            privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)))
        if atMostTLS12 { configuration.maximumTLSVersion = .tlsv12 }
        if let anchor {
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(anchor.utf8)))
        }
        return try NIOSSLContext(configuration: configuration)
    }
}

/// What the connections of a receiver share.
private final class Shared: Sendable {
    struct State {
        var requests: [PushReceiver.Request] = []
        var connections = 0
        var open: [ObjectIdentifier: any Channel] = [:]
        var listeners: [AsyncStream<Int>.Continuation] = []
    }

    let state = NIOLockedValueBox(State())
    let behave: @Sendable (PushReceiver.Request) -> PushReceiver.Behaviour

    init(_ behave: @escaping @Sendable (PushReceiver.Request) -> PushReceiver.Behaviour) { self.behave = behave }

    /// How many requests there are, now and whenever one more has come.
    var counts: AsyncStream<Int> {
        let (stream, continuation) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingNewest(1))
        state.withLockedValue { state in
            continuation.yield(state.requests.count)
            state.listeners.append(continuation)
        }
        return stream
    }

    func add(_ request: PushReceiver.Request) {
        state.withLockedValue { state in
            state.requests.append(request)
            for listener in state.listeners { listener.yield(state.requests.count) }
        }
    }
}

private final class Handler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let shared: Shared
    private var number = 0
    private var head: HTTPRequestHead?
    private var body = ByteBuffer()

    init(_ shared: Shared) { self.shared = shared }

    func channelActive(context: ChannelHandlerContext) {
        let channel = context.channel
        number = shared.state.withLockedValue { state in
            state.connections += 1
            state.open[ObjectIdentifier(channel)] = channel
            return state.connections
        }
        context.fireChannelActive()
    }

    func channelInactive(context: ChannelHandlerContext) {
        let name = ObjectIdentifier(context.channel)
        shared.state.withLockedValue { $0.open[name] = nil }
        context.fireChannelInactive()
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): (self.head, body) = (head, ByteBuffer())
        case .body(var part): body.writeBuffer(&part)
        case .end:
            guard let head else { return }
            let names = ["host", "content-type", "simpul-delivery", "content-length"]
            let security = try? context.pipeline.syncOperations.handler(type: NIOSSLServerHandler.self)
            let request = PushReceiver.Request(
                line: "\(head.method.rawValue) \(head.uri)",
                headers: Dictionary(
                    uniqueKeysWithValues: names.compactMap { name in
                        head.headers.first(name: name).map { (name, $0) }
                    }),
                body: String(buffer: body), connection: number,
                clientCertificate: (security?.peerCertificate).flatMap { try? $0.toDERBytes() })
            shared.add(request)
            answer(shared.behave(request), context)
        }
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) { context.close(promise: nil) }

    private func answer(_ behaviour: PushReceiver.Behaviour, _ context: ChannelHandlerContext) {
        switch behaviour {
        case .hang: break
        case .drop: context.close(promise: nil)
        case .raw(let text): write(text, context)
        case .trickle(let first):
            write(first, context)
            trickle(context)
        case .headOnly: write("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n", context)
        case .endless(let first, let then):
            write(first, context)
            flood(String(repeating: then, count: 65_536 / then.utf8.count), context)
        case .answer(let status, let fields, let body):
            var head = HTTPResponseHead(version: .http1_1, status: HTTPResponseStatus(statusCode: status))
            for (name, value) in fields { head.headers.add(name: name, value: value) }
            head.headers.add(name: "Content-Length", value: String(body.utf8.count))
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: body)))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
    }

    /// Past the encoder of answers.
    private func write(_ text: String, _ context: ChannelHandlerContext, _ promise: EventLoopPromise<Void>? = nil) {
        guard let encoder = try? context.pipeline.syncOperations.context(handlerType: HTTPResponseEncoder.self) else {
            return
        }
        encoder.writeAndFlush(NIOAny(ByteBuffer(string: text)), promise: promise)
    }

    private func trickle(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        context.eventLoop.scheduleTask(in: .milliseconds(5)) {
            let (handler, context) = bound.value
            guard context.channel.isActive else { return }
            handler.write("x", context)
            handler.trickle(context)
        }
    }

    private func flood(_ text: String, _ context: ChannelHandlerContext) {
        let written = context.eventLoop.makePromise(of: Void.self)
        let bound = NIOLoopBound((self, context), eventLoop: context.eventLoop)
        written.futureResult.whenSuccess {
            // Not at once: others have connections on this loop too.
            bound.eventLoop.execute {
                let (handler, context) = bound.value
                if context.channel.isActive { handler.flood(text, context) }
            }
        }
        write(text, context, written)
    }
}
