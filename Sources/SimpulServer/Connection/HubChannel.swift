internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTP1
internal import SimpulBroker

/// How an accepted socket becomes HTTP/1.1 requests: TLS with a client certificate where there is a ``Handshake``, then
/// bounded reading, then Hummingbird. The ``Connection`` reaches every request through a task-local.
struct HubChannel: HTTPChannelHandler {
    struct Value: ServerChildChannelValue {
        let connection: Connection
        let http: HTTP1Channel.Value
        var channel: any Channel { http.channel }
    }

    let responder: Responder
    private let handshake: Handshake?
    private let conduct: RequestGuard.Settings
    private let open: OpenConnections
    private let counters: Counters?
    private let http: HTTP1Channel

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
        http = HTTP1Channel(
            responder: responder,
            configuration: HTTP1Channel.Configuration(
                idleTimeout: .seconds(bounds.idleSeconds),
                httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                    maxHeaderFieldSize: bounds.headBytes, maxHeaderListSize: bounds.headBytes,
                    maxHeaderFieldCount: bounds.headFields)))
    }

    func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
        let connection = Connection(eventLoop: channel.eventLoop)
        open.add(channel)
        count(channel)
        return channel.eventLoop.makeCompletedFuture {
            try channel.pipeline.syncOperations.addHandlers(try handshake?.handlers(for: connection) ?? [])
        }.flatMap {
            http.setup(channel: channel, logger: logger)
        }.flatMapThrowing { http in
            let pipeline = channel.pipeline.syncOperations
            let decoder = try pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self)
            let handlers: [any ChannelHandler] = [RequestGuard(conduct), ConnectionObserver(connection)]
            try pipeline.addHandlers(handlers, position: .after(decoder))
            return Value(connection: connection, http: http)
        }
    }

    func handle(value: Value, logger: Logger) async {
        await Connection.$current.withValue(value.connection) {
            await http.handle(value: value.http, logger: logger)
        }
        // Its handlers are gone before this future succeeds, so that every lost answer is known.
        try? await value.channel.closeFuture.get()
        await value.connection.makeAmends()
    }

    private func count(_ channel: any Channel) {
        guard let counters else { return }
        counters.update { $0.connections += 1 }
        channel.closeFuture.whenComplete { _ in counters.update { $0.connections -= 1 } }
    }
}
