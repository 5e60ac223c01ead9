import NIOCore
import NIOPosix
import NIOSSL
import SimpulClient

/// Opens connections of one agency to a broker: TLS 1.3, the agency's certificate, HTTP/1.1.
struct Connector: Sendable {
    private let context: NIOSSLContext
    private let port: Int

    init(_ agency: BenchAgency, port: Int) throws {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv13
        configuration.applicationProtocols = ["http/1.1"]
        let files = agency.keys.tls
        configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(files.authorities))
        configuration.certificateChain = try NIOSSLCertificate.fromPEMBytes(files.certificates).map { .certificate($0) }
        configuration.privateKey = .privateKey(try NIOSSLPrivateKey(bytes: files.key, format: .pem))
        context = try NIOSSLContext(configuration: configuration)
        self.port = port
    }

    /// Opens that many connections on an event loop, a few at a time, and hands them out when all handshakes are done.
    /// - Parameter user: who they belong to, on that event loop.
    func open(
        _ count: Int, for user: NIOLoopBound<any ExchangeUser>, on loop: any EventLoop
    ) async throws -> NIOLoopBound<[Exchange]> {
        let opened = try await loop.submit { NIOLoopBoundBox<[Exchange]>([], eventLoop: loop) }.get()
        for start in stride(from: 0, to: count, by: Self.atOnce) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in start..<min(count, start + Self.atOnce) {
                    group.addTask { try await connect(user, opened, loop) }
                }
                try await group.waitForAll()
            }
        }
        return try await loop.submit { NIOLoopBound(opened.value, eventLoop: loop) }.get()
    }

    private static let atOnce = 32

    private func connect(
        _ user: NIOLoopBound<any ExchangeUser>, _ opened: NIOLoopBoundBox<[Exchange]>, _ loop: any EventLoop
    ) async throws {
        let (ready, context) = (loop.makePromise(of: Void.self), context)
        let bootstrap = ClientBootstrap(group: loop)
            .channelOption(.tcpOption(.tcp_nodelay), value: 1)
            .channelOption(
                .recvAllocator, value: AdaptiveRecvByteBufferAllocator(minimum: 2048, initial: 4096, maximum: 1 << 18)
            )
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let exchange = Exchange(user: user.value, ready: ready)
                    opened.value.append(exchange)
                    try channel.pipeline.syncOperations.addHandlers([
                        NIOSSLClientHandler(context: context, serverHostname: nil), exchange,
                    ])
                }
            }
        do {
            _ = try await bootstrap.connect(host: "127.0.0.1", port: port).get()
        } catch {
            ready.fail(error)
        }
        try await ready.futureResult.get()
    }
}
