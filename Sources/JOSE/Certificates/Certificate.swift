import COpenSSL

/// Why a certificate or a revocation list could not be read or issued. No case holds a part of it.
public enum CertificateError: String, Error, Hashable, Sendable, CaseIterable {
    /// Not one whole object in the expected form, or with extensions that contradict RFC 5280.
    case malformed = "not a certificate or revocation list in the expected form"
    /// A PEM text with no such object, or with several where one is expected.
    case wrongCount = "the text holds none, or several where one is expected"
    /// What should be issued cannot be: a name, address or time that a certificate cannot hold, or a key that is not
    /// used here.
    case notIssuable = "a certificate cannot hold these names, times or keys"
}

/// An X.509 certificate (RFC 5280), parsed once and cheap to copy. Parsing checks its form, nothing else: whether it is
/// to be believed is ``TrustStore``'s to say. Two certificates are equal when their octets are.
public struct Certificate: Sendable {
    private let parsed: ParsedCertificate

    /// Reads DER, with nothing behind it.
    /// - Throws: ``CertificateError/malformed``.
    public init(der: [UInt8]) throws(CertificateError) {
        let pointer = der.withBytes { bytes in
            withOpenSSL { _ in parseDER(bytes, free: X509_free) { d2i_X509(nil, $0, $1) } }
        }
        guard let pointer else { throw .malformed }
        let handle = OpenSSLHandle(pointer, free: X509_free)
        guard let parsed = ParsedCertificate(handle), parsed.der == der else { throw .malformed }
        self.parsed = parsed
    }

    /// Reads a PEM text that holds exactly one certificate.
    /// - Throws: ``CertificateError/malformed``, ``CertificateError/wrongCount``.
    public init(pem: String) throws(CertificateError) {
        let all = try Self.chain(pem: pem)
        guard all.count == 1 else { throw .wrongCount }
        self = all[0]
    }

    /// Reads every certificate of a PEM text, in order; at least one. Text between them and other objects are skipped.
    /// - Throws: ``CertificateError/malformed``, ``CertificateError/wrongCount``.
    public static func chain(pem: String) throws(CertificateError) -> [Certificate] {
        let octets = try pemObjects(pem) { source in
            PEM_read_bio_X509(source, nil, { _, _, _, _ in -1 }, nil)
        } encode: { pointer in
            defer { X509_free(pointer) }
            return derOctets { i2d_X509(pointer, $0) }
        }
        var certificates: [Certificate] = []
        for der in octets { certificates.append(try Certificate(der: der)) }
        return certificates
    }

    var handle: OpenSSLHandle { parsed.handle }

    /// The octets as they were given.
    public var der: [UInt8] { parsed.der }
    /// The certificate in PEM.
    public var pem: String { parsed.pem }
    /// SHA-256 of the DER: what JOSE calls `x5t#S256`.
    public var thumbprint: SHA256Digest { parsed.thumbprint }
    /// The certified key.
    public var publicKey: PublicKey { parsed.publicKey }
    /// The first second of validity, since 1970.
    public var notBefore: Int64 { parsed.notBefore }
    /// The end of validity, in seconds since 1970.
    public var notAfter: Int64 { parsed.notAfter }
    /// The subject on one line (RFC 2253, the most specific part first). For people, not for comparing.
    public var subject: String { parsed.subject }
    /// The issuer on one line, as ``subject``.
    public var issuer: String { parsed.issuer }
    /// The serial number in lower-case hexadecimal digits, two for each octet.
    public var serialHex: String { parsed.serialHex }
    /// The URIs of the subject alternative names, in order; names with other than printable ASCII are left out.
    public var subjectAlternativeURIs: [String] { parsed.uris }
    /// The DNS names of the subject alternative names, in order; names with other than printable ASCII are left out.
    public var dnsNames: [String] { parsed.dnsNames }
    /// Whether the extended key usage names TLS clients. A certificate without that extension does not.
    public var hasClientAuth: Bool { parsed.extendedUsage & UInt32(XKU_SSL_CLIENT) != 0 }
    /// Whether the extended key usage names TLS servers. A certificate without that extension does not.
    public var hasServerAuth: Bool { parsed.extendedUsage & UInt32(XKU_SSL_SERVER) != 0 }
    /// The key usage, or nil where the certificate does not restrict it (RFC 5280 §4.2.1.3).
    public var keyUsage: KeyUsage? { parsed.keyUsage }
    /// Whether the key usage lists all of these, or there is no key usage.
    public func allows(_ usage: KeyUsage) -> Bool { keyUsage?.isSuperset(of: usage) ?? true }
    /// Whether this is a certification authority's (basic constraints, RFC 5280 §4.2.1.9).
    public var isCA: Bool { parsed.isCA }
}

extension Certificate: Hashable {
    /// Equal when the octets are.
    public static func == (one: Certificate, other: Certificate) -> Bool { one.thumbprint == other.thumbprint }

    /// Feeds the thumbprint.
    public func hash(into hasher: inout Hasher) { hasher.combine(thumbprint) }
}

/// What a certified key may be used for (RFC 5280 §4.2.1.3).
public struct KeyUsage: OptionSet, Hashable, Sendable {
    /// The bits, as OpenSSL numbers them.
    public let rawValue: UInt32
    /// Usages from bits.
    public init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Signatures other than on certificates and revocation lists.
    public static let digitalSignature = KeyUsage(rawValue: UInt32(X509v3_KU_DIGITAL_SIGNATURE))
    /// Encrypting keys: RSA.
    public static let keyEncipherment = KeyUsage(rawValue: UInt32(X509v3_KU_KEY_ENCIPHERMENT))
    /// Agreeing on keys: ECDH.
    public static let keyAgreement = KeyUsage(rawValue: UInt32(X509v3_KU_KEY_AGREEMENT))
    /// Signing certificates.
    public static let keyCertSign = KeyUsage(rawValue: UInt32(X509v3_KU_KEY_CERT_SIGN))
    /// Signing revocation lists.
    public static let crlSign = KeyUsage(rawValue: UInt32(X509v3_KU_CRL_SIGN))
}
