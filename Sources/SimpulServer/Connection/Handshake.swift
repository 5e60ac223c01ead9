internal import JOSE
internal import Logging
internal import NIOCore
internal import NIOSSL
internal import SimpulBroker
internal import SimpulCore

/// Judges TLS handshakes by the roster in force: a client certificate that chains to an anchor, in date, for TLS
/// clients, on no revocation list of its chain; or no connection; and
/// within its time. Each refusal is counted and logged with its reason.
struct Handshake: Sendable {
    let tls: TLSConfiguration
    let seconds: Int64
    let rulebook: Rulebook
    let connections: AgencyConnections
    let counters: Counters
    let now: @Sendable () -> Timestamp
    let logger: Logger

    /// The handlers that come before HTTP, for one connection.
    ///
    /// A context of its own makes a connection deaf to session tickets of others: a resumed session would not be
    /// judged again, and would not tell its chain. It costs a tenth of a handshake.
    func handlers(for connection: Connection, on channel: any Channel) throws -> [any ChannelHandler] {
        let context = try NIOSSLContext(configuration: tls)
        let server = NIOSSLServerHandler(context: context) { certificates, promise in
            promise.succeed(judge(certificates, of: connection, on: channel))
        }
        return [server, HandshakeObserver(handshake: self, connection: connection)]
    }

    private func judge(
        _ sent: [NIOSSLCertificate], of connection: Connection, on channel: any Channel
    ) -> NIOSSLVerificationResultWithMetadata {
        var chain: [Certificate] = []
        for certificate in sent.prefix(TLSChain.longest) {
            guard let parsed = (try? certificate.toDERBytes()).flatMap({ try? Certificate(der: $0) }) else {
                return refuse(connection, reason: "malformed", leaf: nil)
            }
            chain.append(parsed)
        }
        guard let leaf = chain.first, sent.count <= TLSChain.longest else {
            return refuse(connection, reason: "malformed", leaf: nil)
        }
        let (roster, moment) = (rulebook.rules.roster, now())
        let verdict = roster.trust.verify(
            leaf, intermediates: Array(chain.dropFirst()), purpose: .tlsClient, at: moment.seconds)
        switch verdict {
        case .trusted(let chain):
            guard connections.admit(channel, of: roster.agency(ofPeer: chain, at: moment)?.id) else {
                return refuse(connection, reason: "tooMany", leaf: leaf)
            }
            connection.handshakeVerified(Peer(verifiedChain: chain))
            return .certificateVerified(VerificationMetadata(nil))
        case .refused(let refusal): return refuse(connection, reason: refusal.code, leaf: leaf)
        }
    }

    private func refuse(
        _ connection: Connection, reason: String, leaf: Certificate?
    ) -> NIOSSLVerificationResultWithMetadata {
        connection.handshakeRefused()
        count(reason: reason, thumbprint: leaf?.thumbprint.hex)
        return .failed
    }

    fileprivate func count(reason: String, thumbprint: String?) {
        counters.update { $0.handshakesRefused[reason, default: 0] += 1 }
        logger.record(.notice, "TLS handshake refused", [.reason: reason, .thumbprint: thumbprint])
    }
}

private enum TLSChain {
    /// Certificates that a client may send; the leaf and what `TrustStore` takes besides.
    static let longest = 17
}

/// Sees handshakes fail that never came to the judgement of a certificate, and ends those that take too long.
final class HandshakeObserver: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let handshake: Handshake
    private let connection: Connection
    private var deadline: Scheduled<Void>?

    init(handshake: Handshake, connection: Connection) {
        self.handshake = handshake
        self.connection = connection
    }

    func handlerAdded(context: ChannelHandlerContext) {
        deadline = context.eventLoop.assumeIsolated().scheduleTask(in: .seconds(handshake.seconds)) { [self] in
            connection.handshakeRefused()
            handshake.count(reason: "tooSlow", thumbprint: nil)
            context.close(promise: nil)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func channelInactive(context: ChannelHandlerContext) {
        deadline?.cancel()
        context.fireChannelInactive()
    }

    /// TLS has two events, the handshake's end and its own; the channel's say nothing about it.
    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        if !(event is ChannelEvent), !(event is ChannelShouldQuiesceEvent) { deadline?.cancel() }
        context.fireUserInboundEventTriggered(event)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        deadline?.cancel()
        if case NIOSSLError.handshakeFailed(let cause) = error, !connection.wasHandshakeRefused {
            connection.handshakeRefused()
            handshake.count(reason: Self.reason(of: cause), thumbprint: nil)
        }
        context.fireErrorCaught(error)
    }

    /// BoringSSL tells its reasons as text only.
    private static func reason(of cause: BoringSSLError) -> String {
        let text = "\(cause)"
        let known = [
            ("PEER_DID_NOT_RETURN_A_CERTIFICATE", "noCertificate"), ("UNSUPPORTED_PROTOCOL", "protocolVersion"),
            ("HTTP_REQUEST", "notTLS"), ("WRONG_VERSION_NUMBER", "notTLS"), ("_ALERT_", "clientAlert"),
            ("EOF during handshake", "aborted"),
        ]
        return known.first { text.contains($0.0) }?.1 ?? "other"
    }
}
