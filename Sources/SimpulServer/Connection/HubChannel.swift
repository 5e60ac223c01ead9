internal import HummingbirdCore
internal import HummingbirdHTTP2
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTP2
internal import SimpulBroker

/// How an accepted socket becomes requests. With a ``Handshake``: TLS with a client certificate, then HTTP/2 or
/// HTTP/1.1, whichever the client prefers of the two; without one, HTTP/1.1. Then bounded reading, then Hummingbird. The
/// ``Connection`` reaches every request through a task-local.
struct HubChannel: HTTPChannelHandler {
    struct Value: ServerChildChannelValue {
        let connection: Connection
        let channel: any Channel
        let protocols: EventLoopFuture<Spoken>
    }

    /// What the two sides have agreed to speak.
    enum Spoken: Sendable {
        case http1(HTTP1Channel.Value)
        case http2(HTTP2Channel, HTTP2Channel.Value, Streams)
    }

    let responder: Responder
    private let handshake: Handshake?
    private let conduct: RequestGuard.Settings
    private let open: OpenConnections
    private let counters: Counters?
    private let http1: HTTP1Channel

    /// - Parameters:
    ///   - handshake: nil for a Unix domain socket.
    ///   - counters: what counts the connections, if anything does.
    init(
        responder: @escaping Responder, handshake: Handshake?, conduct: RequestGuard.Settings, open: OpenConnections,
        counters: Counters?
    ) {
        self.responder = responder
        self.handshake = handshake
        self.conduct = conduct
        self.open = open
        self.counters = counters
        let bounds = conduct.bounds
        http1 = HTTP1Channel(
            responder: responder,
            configuration: HTTP1Channel.Configuration(
                idleTimeout: .seconds(bounds.idleSeconds),
                httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                    maxHeaderFieldSize: bounds.limits.headBytes, maxHeaderListSize: bounds.limits.headBytes,
                    maxHeaderFieldCount: bounds.limits.headFields)))
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let connection = Connection(eventLoop: channel.eventLoop)
        open.add(channel)
        count(channel)
        guard let handshake else {
            return LocalPeer.of(channel).flatMap { peer in
                connection.accepted(peer)
                return setupHTTP1(channel, connection, logger)
            }.map { spoken in
                Value(
                    connection: connection, channel: channel,
                    protocols: channel.eventLoop.makeSucceededFuture(spoken))
            }
        }
        return channel.eventLoop.makeCompletedFuture {
            let pipeline = channel.pipeline.syncOperations
            try pipeline.addHandlers(try handshake.handlers(for: connection, on: channel))
        }.flatMap {
            channel.configureHTTP2AsyncSecureUpgrade { channel in
                setupHTTP1(channel, connection, logger)
            } http2ConnectionInitializer: { channel in
                setupHTTP2(channel, connection, logger)
            }
        }.map { negotiated in
            Value(
                connection: connection, channel: channel,
                protocols: negotiated.map { result in
                    switch result {
                    case .http1_1(let spoken), .http2(let spoken): spoken
                    }
                })
        }
    }

    private func setupHTTP1(
        _ channel: any Channel, _ connection: Connection, _ logger: Logger
    ) -> EventLoopFuture<Spoken> {
        http1.setup(channel: channel, logger: logger).flatMapThrowing { http in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let handlers: [any ChannelHandler] = [RequestGuard(conduct), ConnectionObserver(connection)]
            try pipeline.addHandlers(handlers, position: .after(decoder))
            return .http1(http)
        }
    }

    private func setupHTTP2(
        _ channel: any Channel, _ connection: Connection, _ logger: Logger
    ) -> EventLoopFuture<Spoken> {
        let seconds = conduct.bounds.idleSeconds + conduct.bounds.limits.goodbyeSeconds
        let streams = Streams(of: channel, idleSeconds: seconds)
        connection.divide(into: streams)
        let (bounds, peer, eventLoop) = (conduct.bounds, connection.peer, channel.eventLoop)
        let http2 = HTTP2Channel(
            responder: responder,
            configuration: HTTP2Channel.Configuration(
                idleTimeout: .seconds(bounds.idleSeconds), gracefulCloseTimeout: .seconds(bounds.limits.goodbyeSeconds),
                streamConfiguration: HTTP1Channel.Configuration(
                    additionalChannelHandlers: [
                        StreamGuard(
                            bounds, streams: streams,
                            connection: Connection(eventLoop: eventLoop, peer: peer, isStream: true))
                    ])))
        return http2.setup(channel: channel, logger: logger).map { .http2(http2, $0, streams) }
    }

    func handle(value: Value, logger: Logger) async {
        if let spoken = try? await value.protocols.get() {
            await Connection.$current.withValue(value.connection) {
                switch spoken {
                case .http1(let http): await http1.handle(value: http, logger: logger)
                case .http2(let http2, let http, let streams):
                    await serve(http2, http, streams, closing: value.channel, logger)
                }
            }
        } else {
            value.channel.close(promise: nil)
        }
        // Its handlers are gone before this future succeeds, so that every lost answer is known.
        try? await value.channel.closeFuture.get()
        await value.connection.makeAmends()
    }

    /// Serves every stream, and makes good what was lost on one while the others go on.
    private func serve(
        _ http2: HTTP2Channel, _ http: HTTP2Channel.Value, _ streams: Streams, closing channel: any Channel,
        _ logger: Logger
    ) async {
        await withDiscardingTaskGroup { group in
            group.addTask {
                await http2.handle(value: http, logger: logger)
                channel.close(promise: nil)
                try? await channel.closeFuture.get()
                streams.finish()
            }
            group.addTask { for await stream in streams.ended { await stream.makeAmends() } }
        }
    }

    private func count(_ channel: any Channel) {
        guard let counters else { return }
        counters.update { $0.connections += 1 }
        channel.closeFuture.whenComplete { _ in counters.update { $0.connections -= 1 } }
    }
}
