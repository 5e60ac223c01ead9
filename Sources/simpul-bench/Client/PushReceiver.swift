import JOSE
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL
import SimpulCore
import SimpulEnvelope

/// Who gets what is pushed. Everything is called on the receiver's event loop.
protocol PushUser: AnyObject {
    /// An envelope has come; its acknowledgement is written after this.
    func pushed(_ digest: Digest)
}

/// An agency's own endpoint: HTTPS on 127.0.0.1 that asks for the broker's certificate and acknowledges every envelope
/// with its digest, as a system does that has it on disk.
struct PushReceiver: Sendable {
    let port: Int
    private let channel: any Channel

    /// Listens on a free port.
    /// - Parameter identity: a certificate for servers that the hub's anchor has issued.
    init(_ identity: Identity, for user: NIOLoopBound<any PushUser>, on loop: any EventLoop) async throws {
        let context = try identity.context()
        channel = try await ServerBootstrap(group: loop)
            .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandler(NIOSSLServerHandler(context: context))
                    try pipeline.configureHTTPServerPipeline(withErrorHandling: true)
                    try pipeline.addHandler(PushHandler(user.value))
                }
            }.bind(host: "127.0.0.1", port: 0).get()
        guard let port = channel.localAddress?.port else { throw BenchError("the endpoint has no port") }
        self.port = port
    }

    func stop() async throws { try await channel.close().get() }

    /// A key and a certificate of the hub's own authority, and the anchor that clients must chain to.
    struct Identity: Sendable {
        private let (anchor, chain, key): (String, String, String)

        /// - Parameter folder: a hub as `simpul init` makes it, its authority's key included.
        init(hub folder: String) throws {
            let issuer = try PrivateKey(pem: try SmallFile.read("\(folder)/trust/ca.key"))
            let authority = try Certificate(pem: try SmallFile.read("\(folder)/trust/ca.pem"))
            let own = PrivateKey.generate(.p256)
            let template = CertificateTemplate(
                commonName: "endpoint", names: [.ip("127.0.0.1")], extendedUsages: [.serverAuth],
                notBefore: authority.notBefore, notAfter: authority.notAfter)
            let certificate = try CertificateAuthority.issue(
                template, for: own.publicKey, issuer: authority, key: issuer)
            (anchor, chain, key) = (authority.pem, certificate.pem, own.pem)
        }

        fileprivate func context() throws -> NIOSSLContext {
            let certificates = try NIOSSLCertificate.fromPEMBytes(Array(chain.utf8))
            var configuration = TLSConfiguration.makeServerConfiguration(
                certificateChain: certificates.map { .certificate($0) },
                privateKey: .privateKey(try NIOSSLPrivateKey(bytes: Array(key.utf8), format: .pem)))
            configuration.minimumTLSVersion = .tlsv13
            configuration.certificateVerification = .noHostnameVerification
            configuration.trustRoots = .certificates(try NIOSSLCertificate.fromPEMBytes(Array(anchor.utf8)))
            return try NIOSSLContext(configuration: configuration)
        }
    }
}

/// Answers each request with the digest of its body.
private final class PushHandler: ChannelInboundHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    private let user: any PushUser
    private var envelope: [UInt8] = []

    private static let limit = 1024 * 1024

    init(_ user: any PushUser) { self.user = user }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head: envelope.removeAll(keepingCapacity: true)
        case .body(let part):
            guard envelope.count + part.readableBytes <= Self.limit else { return context.close(promise: nil) }
            envelope += part.readableBytesView
        case .end: answer(context)
        }
    }

    private func answer(_ context: ChannelHandlerContext) {
        guard let digest = SignedEnvelope.digest(ofUnparsed: envelope) else { return context.close(promise: nil) }
        user.pushed(digest)
        let fields: HTTPHeaders = ["Content-Length": "0", "Simpul-Ack": digest.description]
        let head = HTTPResponseHead(version: .http1_1, status: .ok, headers: fields)
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}
