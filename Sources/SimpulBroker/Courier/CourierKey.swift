public import JOSE
internal import SimpulCore
public import SimpulEnvelope

/// The broker's key that opens the outer seal of bundles for it, and nothing else: bodies inside stay sealed to their
/// recipients (``HardDenial/sealedToOperator``).
public struct CourierKey: Sendable {
    /// Its certificate.
    public let certificate: Certificate
    /// The broker's `sign` key's word for the certificate, as agencies believe it.
    public let endorsement: String
    let key: PrivateKey

    /// A key; nil where the certificate is not the key's, the key receives none, or the word cannot be signed.
    public init?(certificate: Certificate, key: PrivateKey, endorsedBy identity: SigningIdentity) {
        guard certificate.publicKey == key.publicKey, KeyManagement(for: certificate.publicKey.kind) != nil else {
            return nil
        }
        let end = min(certificate.notAfter, identity.certificate.notAfter)
        let word = Endorsement(
            agency: identity.agency, use: .courier, thumbprint: certificate.thumbprint,
            from: Timestamp(milliseconds: certificate.notBefore * 1000), until: Timestamp(milliseconds: end * 1000))
        guard let endorsement = try? identity.endorsement(word) else { return nil }
        (self.certificate, self.key) = (certificate, key)
        self.endorsement = String(decoding: endorsement, as: UTF8.self)
    }

    /// The certificate as the directory lists it.
    public var listed: Directory.BrokerCertificate {
        Directory.BrokerCertificate(use: "courier", certificate: certificate, endorsement: endorsement)
    }
}
