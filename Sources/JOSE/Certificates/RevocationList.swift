import COpenSSL

/// A certificate revocation list (RFC 5280 §5), parsed once and cheap to copy. Its signature is checked where it is
/// used, in ``TrustStore``.
public struct RevocationList: Sendable {
    let handle: OpenSSLHandle
    /// The octets as they were given.
    public let der: [UInt8]
    /// The list in PEM.
    public let pem: String
    /// The issuer on one line (RFC 2253). For people, not for comparing.
    public let issuer: String
    /// When it was issued, in seconds since 1970.
    public let thisUpdate: Int64
    /// Until when it counts, in seconds since 1970; from that second on it is expired.
    public let nextUpdate: Int64
    /// How many certificates it revokes.
    public let count: Int

    /// Reads DER, with nothing behind it. A list without `nextUpdate` is refused (RFC 5280 §5.1.2.5).
    /// - Throws: ``CertificateError/malformed``.
    public init(der: [UInt8]) throws(CertificateError) {
        let pointer = der.withBytes { bytes in
            withOpenSSL { _ in parseDER(bytes, free: X509_CRL_free) { d2i_X509_CRL(nil, $0, $1) } }
        }
        guard let pointer else { throw .malformed }
        handle = OpenSSLHandle(pointer, free: X509_CRL_free)
        let handle = handle
        let fields = withOpenSSL { scope -> (String, String, Int64, Int64, Int)? in
            let list = scope.borrow(handle)
            // Octets that OpenSSL would write otherwise are not DER; the signature is over what it would write.
            guard derOctets({ i2d_X509_CRL(list, $0) }) == der else { return nil }
            guard let pem = scope.text({ PEM_write_bio_X509_CRL($0, list) == 1 }),
                let issuer = scope.oneLine(X509_CRL_get_issuer(list)),
                let thisUpdate = seconds(of: X509_CRL_get0_lastUpdate(list)),
                let nextUpdate = seconds(of: X509_CRL_get0_nextUpdate(list))
            else { return nil }
            let revoked = X509_CRL_get_REVOKED(list)
            return (pem, issuer, thisUpdate, nextUpdate, max(0, revoked.map { Int(OPENSSL_sk_num($0)) } ?? 0))
        }
        guard let fields else { throw .malformed }
        self.der = der
        (pem, issuer, thisUpdate, nextUpdate, count) = fields
    }

    /// Reads a PEM text that holds exactly one list.
    /// - Throws: ``CertificateError/malformed``, ``CertificateError/wrongCount``.
    public init(pem: String) throws(CertificateError) {
        let all = try pemObjects(pem) { source in
            PEM_read_bio_X509_CRL(source, nil, { _, _, _, _ in -1 }, nil)
        } encode: { pointer in
            defer { X509_CRL_free(pointer) }
            return derOctets { i2d_X509_CRL(pointer, $0) }
        }
        guard all.count == 1 else { throw .wrongCount }
        self = try RevocationList(der: all[0])
    }

    /// Whether this list is the issuer's, by name.
    func isIssued(by issuer: Certificate) -> Bool {
        withOpenSSL { scope in
            let list = scope.borrow(handle)
            let certificate = scope.borrow(issuer.handle)
            return X509_NAME_cmp(X509_CRL_get_issuer(list), X509_get_subject_name(certificate)) == 0
        }
    }
}
