internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
public import SimpulBroker
public import SimpulCore

/// Posts envelopes over HTTP/1.1 and TLS, with the broker's certificate. All of one attempt stays within
/// ``PushBounds``: its time, the octets of its answer, and the connections that are kept.
///
/// A name is looked up, its addresses are judged, and one of the very addresses that were judged is connected to: there
/// is no second look. Whether a certificate is good is OpenSSL's to say, by the trust of the request. Nothing follows a
/// redirect, a cookie or a proxy, and nothing of an answer is kept but what ``PushAnswer`` holds.
public final class HTTPSTransport: PushTransport {
    private let tls: NIOSSLContext
    private let bounds: PushBounds
    private let group: any EventLoopGroup
    private let lookup: NameLookup
    private let pool: ConnectionPool
    private let now: @Sendable () -> Timestamp

    /// A transport.
    /// - Parameters:
    ///   - chainPEM: the broker's certificates in PEM, its own first, for TLS clients.
    ///   - keyPEM: the private key of the first one in PEM, not encrypted.
    ///   - allowsTLS12: whether TLS 1.2 is spoken besides 1.3.
    /// - Throws: where the certificates and the key cannot be read or do not belong together.
    public convenience init(
        chainPEM: [UInt8], keyPEM: [UInt8], allowsTLS12: Bool, bounds: PushBounds,
        now: @escaping @Sendable () -> Timestamp
    ) throws {
        try self.init(
            chainPEM: chainPEM, keyPEM: keyPEM, allowsTLS12: allowsTLS12, bounds: bounds, now: now,
            ask: NameLookup.askSystem)
    }

    init(
        chainPEM: [UInt8], keyPEM: [UInt8], allowsTLS12: Bool, bounds: PushBounds,
        now: @escaping @Sendable () -> Timestamp, ask: @escaping NameLookup.Ask
    ) throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(chainPEM).map { .certificate($0) }
        configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: keyPEM, format: .pem))
        configuration.minimumTLSVersion = allowsTLS12 ? .tlsv12 : .tlsv13
        // The callback of each connection judges all, the name included; the library's own checks have no anchors.
        configuration.certificateVerification = .noHostnameVerification
        configuration.trustRoots = .certificates([])
        configuration.applicationProtocols = ["http/1.1"]
        configuration.shutdownTimeout = .milliseconds(500)
        tls = try NIOSSLContext(configuration: configuration)
        self.bounds = bounds
        self.now = now
        group = MultiThreadedEventLoopGroup.singleton
        lookup = NameLookup(threads: bounds.lookups, within: TimeAmount(bounds.lookup), ask: ask)
        pool = ConnectionPool(atMost: bounds.idleConnections, idle: TimeAmount(bounds.idle))
    }

    /// Closes the connections that are kept. Nothing may be posted any more.
    public func stop() {
        lookup.stop()
        pool.closeAll()
    }

    /// Connections that are kept.
    var kept: Int { pool.count }

    /// Posts one envelope, once.
    public func post(_ push: PushRequest) async -> PushOutcome {
        let watchdog = Watchdog()
        let timer = group.next().scheduleTask(in: TimeAmount(bounds.attempt)) { watchdog.end(.timeout) }
        defer { timer.cancel() }
        return await withTaskCancellationHandler {
            do {
                return .answered(try await attempt(push, watchdog))
            } catch {
                return outcome(of: error, watchdog)
            }
        } onCancel: {
            watchdog.end(.cancelled)
        }
    }

    private func attempt(_ push: PushRequest, _ watchdog: Watchdog) async throws -> PushAnswer {
        if let kept = pool.take(push.endpoint) {
            if kept.receiver.isTrusted(by: push.trust, at: now()) {
                do {
                    return try await exchange(push, on: kept, watchdog)
                } catch WireFailure.lost(hadAnswer: false) {
                    // The receiver had closed it meanwhile; a fresh one tells.
                }
            } else {
                kept.close()
            }
        }
        return try await exchange(push, on: try await connect(push, watchdog), watchdog)
    }

    private func connect(_ push: PushRequest, _ watchdog: Watchdog) async throws -> PushConnection {
        let loop = group.next()
        let addresses: [NetworkAddress]
        switch push.endpoint.host {
        case .address(let address): addresses = [address]
        case .name(let name):
            addresses = try await watchdog.value(of: lookup.addresses(of: name, on: loop))
            guard !addresses.isEmpty else { throw PushTrouble(.nameUnresolved) }
        }
        let allowed = addresses.filter { push.endpoint.mayConnect(to: $0) }
        guard !allowed.isEmpty else { throw PushTrouble(.addressRefused) }
        var trouble = PushTrouble(.connectFailed)
        for address in allowed {
            do {
                return try await connect(to: address, push, on: loop, watchdog)
            } catch let failure as PushTrouble {
                trouble = failure
            }
        }
        throw trouble
    }

    private func connect(
        to address: NetworkAddress, _ push: PushRequest, on loop: any EventLoop, _ watchdog: Watchdog
    ) async throws -> PushConnection {
        let receiver = Receiver(push.endpoint)
        let handshake = loop.makePromise(of: Void.self)
        let socket = try SocketAddress(packedIPAddress: ByteBuffer(bytes: address.octets), port: push.endpoint.port)
        let bounds = bounds
        let timer = loop.scheduleTask(in: TimeAmount(bounds.connect)) { handshake.fail(PushTrouble(.timeout)) }
        defer { timer.cancel() }
        let channel: any Channel
        do {
            channel = try await watchdog.value(
                of: ClientBootstrap(group: loop).connectTimeout(TimeAmount(bounds.connect))
                    .channelOption(.tcpOption(.tcp_nodelay), value: 1)
                    .channelInitializer { [tls, now] channel in
                        Self.addHandlers(to: channel, tls, receiver, push, handshake, bounds, now)
                    }.connect(to: socket)
            ) { $0.close(promise: nil) }
        } catch let reason as Watchdog.Reason {
            handshake.fail(reason)
            throw reason
        } catch {
            handshake.fail(error)
            throw PushTrouble(error is ChannelError ? .timeout : .connectFailed)
        }
        do {
            try await watchdog.value(of: handshake.futureResult)
        } catch {
            channel.close(promise: nil)
            if case WireFailure.handshake(let reason) = error {
                throw receiver.trouble ?? PushTrouble(.handshakeFailed, detail: reason)
            }
            if error is WireFailure { throw receiver.trouble ?? PushTrouble(.handshakeFailed, detail: "aborted") }
            throw error
        }
        let connection = PushConnection(channel: channel, receiver: receiver)
        pool.watch(connection, of: push.endpoint)
        return connection
    }

    private static func addHandlers(
        to channel: any Channel, _ tls: NIOSSLContext, _ receiver: Receiver, _ push: PushRequest,
        _ handshake: EventLoopPromise<Void>, _ bounds: PushBounds, _ now: @escaping @Sendable () -> Timestamp
    ) -> EventLoopFuture<Void> {
        channel.eventLoop.makeCompletedFuture {
            let name: String? = if case .name(let name) = push.endpoint.host { name } else { nil }
            let trust = push.trust
            let security = try NIOSSLClientHandler(context: tls, serverHostname: name) { certificates, promise in
                let isGood = receiver.judge(certificates, by: trust, at: now())
                promise.succeed(isGood ? .certificateVerified : .failed)
            }
            let handlers: [any ChannelHandler] = [
                security, AnswerBudget(limit: bounds.answerBytes), HTTPRequestEncoder(),
                ByteToMessageHandler(HTTPResponseDecoder(leftOverBytesStrategy: .dropBytes)),
                Speaker(handshake: handshake),
            ]
            try channel.pipeline.syncOperations.addHandlers(handlers)
        }
    }

    private func exchange(
        _ push: PushRequest, on connection: PushConnection, _ watchdog: Watchdog
    ) async throws -> PushAnswer {
        let channel = connection.channel
        let promise = channel.eventLoop.makePromise(of: Exchange.Answered.self)
        var head = HTTPRequestHead(version: .http1_1, method: .POST, uri: push.endpoint.path)
        head.headers = [
            "Host": push.endpoint.hostField, "Content-Type": "application/jose",
            "Content-Length": String(push.envelope.count), "Simpul-Delivery": push.token.text,
        ]
        channel.writeAndFlush(
            Exchange(head: head, body: ByteBuffer(bytes: push.envelope), answer: promise), promise: nil)
        do {
            let answered = try await watchdog.value(of: promise.futureResult)
            if answered.isReusable { pool.keep(connection, for: push.endpoint) }
            return answered.answer
        } catch {
            connection.close()
            throw error
        }
    }

    private func outcome(of error: any Error, _ watchdog: Watchdog) -> PushOutcome {
        switch watchdog.reason {
        case .cancelled: return .cancelled
        case .timeout: return .failed(PushTrouble(.timeout))
        case nil: break
        }
        switch error {
        case let trouble as PushTrouble: return .failed(trouble)
        case WireFailure.handshake(let reason): return .failed(PushTrouble(.handshakeFailed, detail: reason))
        case WireFailure.lost: return .failed(PushTrouble(.connectionLost))
        case WireFailure.malformed: return .failed(PushTrouble(.answerMalformed))
        case WireFailure.tooLarge: return .failed(PushTrouble(.answerTooLarge))
        default: return .failed(PushTrouble(.connectFailed))
        }
    }
}
