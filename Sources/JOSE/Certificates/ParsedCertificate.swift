import COpenSSL

/// What a certificate says, read out once when it is parsed.
final class ParsedCertificate: Sendable {
    let handle: OpenSSLHandle
    let der: [UInt8]
    let pem: String
    let thumbprint: SHA256Digest
    let publicKey: PublicKey
    let notBefore: Int64
    let notAfter: Int64
    let subject: String
    let issuer: String
    let serialHex: String
    let uris: [String]
    let dnsNames: [String]
    let extendedUsage: UInt32
    let keyUsage: KeyUsage?
    let isCA: Bool

    /// Nil where OpenSSL cannot make sense of a field, or finds extensions that contradict each other.
    init?(_ handle: OpenSSLHandle) {
        let fields = withOpenSSL { scope in Fields(scope.borrow(handle), &scope) }
        guard let fields else { return nil }
        self.handle = handle
        der = fields.der
        pem = fields.pem
        thumbprint = SHA256.hash(fields.der)
        publicKey = fields.publicKey
        (notBefore, notAfter) = (fields.notBefore, fields.notAfter)
        (subject, issuer, serialHex) = (fields.subject, fields.issuer, fields.serialHex)
        (uris, dnsNames) = (fields.names.uris, fields.names.dns)
        (extendedUsage, keyUsage, isCA) = (fields.extendedUsage, fields.keyUsage, fields.isCA)
    }
}

private struct Fields {
    let der: [UInt8]
    let pem: String
    let publicKey: PublicKey
    let notBefore: Int64
    let notAfter: Int64
    let subject: String
    let issuer: String
    let serialHex: String
    let names: AlternativeNames
    let extendedUsage: UInt32
    let keyUsage: KeyUsage?
    let isCA: Bool

    init?(_ certificate: OpaquePointer, _ scope: inout OpenSSLScope) {
        // The first question about extensions makes OpenSSL parse them all and keep the result.
        guard X509_get_extension_flags(certificate) & UInt32(EXFLAG_INVALID) == 0,
            let key = X509_get_pubkey(certificate),
            let publicKey = PublicKey(OpenSSLHandle(key, free: EVP_PKEY_free)),
            let der = derOctets({ i2d_X509(certificate, $0) }),
            let pem = scope.text({ PEM_write_bio_X509($0, certificate) == 1 }),
            let notBefore = seconds(of: X509_get0_notBefore(certificate)),
            let notAfter = seconds(of: X509_get0_notAfter(certificate)),
            let subject = scope.oneLine(X509_get_subject_name(certificate)),
            let issuer = scope.oneLine(X509_get_issuer_name(certificate)),
            let names = AlternativeNames(of: certificate, &scope)
        else { return nil }
        (self.der, self.pem, self.publicKey) = (der, pem, publicKey)
        (self.notBefore, self.notAfter) = (notBefore, notAfter)
        (self.subject, self.issuer, self.names) = (subject, issuer, names)
        serialHex = integerHex(X509_get0_serialNumber(certificate))
        let extended = X509_get_extended_key_usage(certificate)
        extendedUsage = extended == UInt32.max ? 0 : extended
        let usage = X509_get_key_usage(certificate)
        keyUsage = usage == UInt32.max ? nil : KeyUsage(rawValue: usage)
        isCA = X509_get_extension_flags(certificate) & UInt32(EXFLAG_CA) != 0
    }
}

/// The subject alternative names that are used here (RFC 5280 §4.2.1.6).
private struct AlternativeNames {
    private(set) var uris: [String] = []
    private(set) var dns: [String] = []

    init?(of certificate: OpaquePointer, _ scope: inout OpenSSLScope) {
        var status: Int32 = 0
        let names = X509_get_ext_d2i(certificate, NID_subject_alt_name, &status, nil)
        guard let names = scope.own(names.map { OpaquePointer($0) }, { GENERAL_NAMES_free($0) }) else {
            // -1: there is no such extension; anything else: it is there twice, or is no list of names.
            if status == -1 { return } else { return nil }
        }
        for index in 0..<OPENSSL_sk_num(names) {
            guard let value = OPENSSL_sk_value(names, index) else { continue }
            var kind: Int32 = 0
            let name = GENERAL_NAME_get0_value(value.assumingMemoryBound(to: GENERAL_NAME.self), &kind)
            guard kind == GEN_URI || kind == GEN_DNS, let name else { continue }
            guard let text = printable(name.assumingMemoryBound(to: ASN1_STRING.self)) else { continue }
            if kind == GEN_URI { uris.append(text) } else { dns.append(text) }
        }
    }

    private func printable(_ string: UnsafePointer<ASN1_STRING>) -> String? {
        let bytes = UnsafeBufferPointer(start: ASN1_STRING_get0_data(string), count: Int(ASN1_STRING_length(string)))
        guard !bytes.isEmpty, bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension OpenSSLScope {
    /// A name on one line, UTF-8, control characters escaped (RFC 2253).
    mutating func oneLine(_ name: OpaquePointer?) -> String? {
        text { X509_NAME_print_ex($0, name, 0, jose_one_line_flags) >= 0 }
    }
}

/// The magnitude of an integer in hexadecimal digits, with a sign where it is negative.
func integerHex(_ integer: UnsafePointer<ASN1_INTEGER>?) -> String {
    guard let integer else { return "" }
    let bytes = UnsafeBufferPointer(start: ASN1_STRING_get0_data(integer), count: Int(ASN1_STRING_length(integer)))
    return (ASN1_STRING_type(integer) == V_ASN1_NEG_INTEGER ? "-" : "") + Hex.encode(bytes)
}
