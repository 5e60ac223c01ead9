import COpenSSL

/// A certificate being put together. It lives in the scope it was made in.
struct CertificateDraft {
    let certificate: OpaquePointer
    private var issuer: OpaquePointer

    init(
        _ subject: Subject, _ key: PublicKey, _ notBefore: Int64, _ notAfter: Int64, _ scope: inout OpenSSLScope
    ) throws(CertificateError) {
        guard notBefore <= notAfter, let certificate = scope.own(X509_new(), X509_free),
            X509_set_version(certificate, Int(X509_VERSION_3)) == 1,
            X509_set_pubkey(certificate, scope.borrow(key.handle)) == 1
        else { throw .notIssuable }
        self.certificate = certificate
        issuer = certificate
        try setSerial()
        try setSubject(subject)
        try withTime(notBefore) { X509_set1_notBefore(certificate, $0) }
        try withTime(notAfter) { X509_set1_notAfter(certificate, $0) }
    }

    mutating func setIssuer(_ issuer: OpaquePointer) throws(CertificateError) {
        self.issuer = issuer
        guard X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1 else { throw .notIssuable }
    }

    /// Adds an extension in OpenSSL's configuration words; never text from outside.
    func add(_ extensionID: Int32, _ words: String) throws(CertificateError) {
        var context = X509V3_CTX()
        X509V3_set_ctx(&context, issuer, certificate, nil, nil, 0)
        guard let made = X509V3_EXT_nconf_nid(nil, &context, extensionID, words) else { throw .notIssuable }
        defer { X509_EXTENSION_free(made) }
        guard X509_add_ext(certificate, made, -1) == 1 else { throw .notIssuable }
    }

    /// Adds the subject alternative names, if there are any.
    func add(
        _ names: [CertificateTemplate.AlternativeName], _ scope: inout OpenSSLScope
    ) throws(CertificateError) {
        guard !names.isEmpty else { return }
        guard let list = scope.own(OPENSSL_sk_new_null(), { GENERAL_NAMES_free($0) }) else { throw .notIssuable }
        for name in names {
            guard let entry = name.generalName else { throw .notIssuable }
            guard OPENSSL_sk_push(list, entry) > 0 else {
                GENERAL_NAME_free(entry)
                throw .notIssuable
            }
        }
        let added = X509_add1_ext_i2d(certificate, NID_subject_alt_name, UnsafeMutableRawPointer(list), 0, 0)
        guard added == 1 else { throw .notIssuable }
    }

    func signed(with key: PrivateKey, _ scope: inout OpenSSLScope) throws(CertificateError) -> [UInt8] {
        guard X509_sign(certificate, scope.borrow(key.handle), key.certificateDigest) > 0,
            let der = derOctets({ i2d_X509(certificate, $0) })
        else { throw .notIssuable }
        return der
    }

    private func setSerial() throws(CertificateError) {
        let octets = SecureRandom.bytes(16)
        guard let number = BN_bin2bn(octets, Int32(octets.count), nil) else { throw .notIssuable }
        defer { BN_free(number) }
        guard BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nil else { throw .notIssuable }
    }

    private func setSubject(_ subject: Subject) throws(CertificateError) {
        let parts = [("O", subject.organisation), ("CN", subject.commonName)]
        for (field, text) in parts {
            guard let text else { continue }
            guard (1...64).contains(text.unicodeScalars.count), !text.unicodeScalars.contains(where: { $0.value < 32 }),
                X509_NAME_add_entry_by_txt(
                    X509_get_subject_name(certificate), field, MBSTRING_UTF8, Array(text.utf8), Int32(text.utf8.count),
                    -1, 0) == 1
            else { throw .notIssuable }
        }
    }
}

extension CertificateTemplate.AlternativeName {
    /// The name as OpenSSL holds it, for the caller to free; nil for a name that is none.
    fileprivate var generalName: UnsafeMutablePointer<GENERAL_NAME>? {
        guard let (kind, value) = value, let name = GENERAL_NAME_new() else { return nil }
        GENERAL_NAME_set0_value(name, kind, value)
        return name
    }

    private var value: (Int32, UnsafeMutablePointer<ASN1_STRING>)? {
        switch self {
        case .ip(let text): return a2i_IPADDRESS(text).map { (GEN_IPADD, $0) }
        case .dns(let text): return Self.ascii(text).map { (GEN_DNS, $0) }
        case .uri(let text): return Self.ascii(text).map { (GEN_URI, $0) }
        }
    }

    private static func ascii(_ text: String) -> UnsafeMutablePointer<ASN1_STRING>? {
        guard !text.isEmpty, text.utf8.allSatisfy({ (0x21...0x7E).contains($0) }),
            let string = ASN1_STRING_type_new(V_ASN1_IA5STRING)
        else { return nil }
        guard ASN1_STRING_set(string, text, Int32(text.utf8.count)) == 1 else {
            ASN1_STRING_free(string)
            return nil
        }
        return string
    }
}

extension PrivateKey {
    /// The hash function for the signature on a certificate; nil for Ed25519 and Ed448, which hash by themselves.
    var certificateDigest: OpaquePointer? { defaultAlgorithm.digest }
}

/// Lends a moment as an ASN.1 time to an OpenSSL function that copies it.
func withTime(
    _ seconds: Int64, _ body: (UnsafeMutablePointer<ASN1_TIME>) -> Int32
) throws(CertificateError) {
    guard let time = ASN1_TIME_set(nil, time_t(seconds)) else { throw .notIssuable }
    defer { ASN1_TIME_free(time) }
    guard body(time) == 1 else { throw .notIssuable }
}
