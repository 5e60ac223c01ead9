internal import NIOSSL

/// What the HTTPS port shows of itself: the broker's certificate chain and its key.
public struct ServerTLS: Sendable {
    private let chain: [UInt8]
    private let key: [UInt8]
    private let allowsTLS12: Bool

    /// The material of a TLS server.
    /// - Parameters:
    ///   - chainPEM: the certificates in PEM, the broker's own first, then the intermediates.
    ///   - keyPEM: the private key of the first one in PEM, not encrypted.
    ///   - allowsTLS12: whether TLS 1.2 is spoken besides 1.3.
    public init(chainPEM: [UInt8], keyPEM: [UInt8], allowsTLS12: Bool = false) {
        chain = chainPEM
        key = keyPEM
        self.allowsTLS12 = allowsTLS12
    }

    /// The settings of every connection: a client certificate is required, and nothing but our own callback judges it.
    /// - Throws: where the certificates and the key cannot be read or do not belong together.
    func configuration() throws -> TLSConfiguration {
        let certificates = try NIOSSLCertificate.fromPEMBytes(chain)
        let privateKey = try NIOSSLPrivateKey(bytes: key, format: .pem)
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: certificates.map { .certificate($0) }, privateKey: .privateKey(privateKey))
        configuration.minimumTLSVersion = allowsTLS12 ? .tlsv12 : .tlsv13
        // On a server this name means: no handshake without a client certificate.
        configuration.certificateVerification = .noHostnameVerification
        configuration.trustRoots = .certificates([])
        configuration.applicationProtocols = ["h2", "http/1.1"]
        configuration.shutdownTimeout = .milliseconds(500)
        _ = try NIOSSLContext(configuration: configuration)
        return configuration
    }
}

// Service groups write their services into the log; a key must not come along, whatever is printed or dumped.
extension ServerTLS: CustomStringConvertible, CustomReflectable {
    /// Nothing of the key or the certificates.
    public var description: String { "ServerTLS" }
    /// Nothing of the key or the certificates.
    public var customMirror: Mirror { Mirror(self, children: []) }
}
