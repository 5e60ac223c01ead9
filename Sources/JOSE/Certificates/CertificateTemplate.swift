/// What an authority is to put into a certificate for somebody else.
public struct CertificateTemplate: Sendable {
    /// A subject alternative name (RFC 5280 §4.2.1.6), in printable ASCII.
    public enum AlternativeName: Hashable, Sendable {
        /// A DNS name.
        case dns(String)
        /// An IPv4 or IPv6 address in its usual text form; stored as octets.
        case ip(String)
        /// A URI.
        case uri(String)
    }

    /// A purpose in the extended key usage (RFC 5280 §4.2.1.12).
    public enum ExtendedUsage: String, Hashable, Sendable, CaseIterable {
        case clientAuth, serverAuth
    }

    /// What the certified key does; becomes the critical key usage.
    public enum Use: Hashable, Sendable {
        /// Signs, also in TLS: `digitalSignature`.
        case signature
        /// Receives keys: `keyAgreement` for P-256, `keyEncipherment` for RSA.
        case encryption
    }

    /// The subject's common name: 1 to 64 characters.
    public var commonName: String
    /// The subject's organisation: 1 to 64 characters, or none.
    public var organisation: String?
    /// The subject alternative names; the extension is left out where there are none.
    public var names: [AlternativeName]
    /// The extended key usage; the extension is left out where it is empty.
    public var extendedUsages: [ExtendedUsage]
    /// What the key does.
    public var use: Use
    /// The first second of validity, since 1970.
    public var notBefore: Int64
    /// The end of validity, in seconds since 1970.
    public var notAfter: Int64

    /// A template.
    public init(
        commonName: String, organisation: String? = nil, names: [AlternativeName] = [],
        extendedUsages: [ExtendedUsage] = [], use: Use = .signature, notBefore: Int64, notAfter: Int64
    ) {
        self.commonName = commonName
        self.organisation = organisation
        self.names = names
        self.extendedUsages = extendedUsages
        self.use = use
        self.notBefore = notBefore
        self.notAfter = notAfter
    }
}
