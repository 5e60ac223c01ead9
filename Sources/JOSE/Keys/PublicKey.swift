import COpenSSL

/// A public key, parsed once and cheap to copy; it may be used by any number of threads at the same time.
public struct PublicKey: Sendable {
    let handle: OpenSSLHandle
    /// What kind of key this is; decides which algorithms it allows.
    public let kind: KeyKind
    /// The key as SubjectPublicKeyInfo in DER (RFC 5280 §4.1).
    public let spki: [UInt8]

    /// Reads a SubjectPublicKeyInfo in DER, with nothing behind it.
    /// - Throws: ``KeyError/malformed``. A point that is not on its curve is malformed too.
    public init(spki: [UInt8]) throws(KeyError) {
        let key = spki.withBytes { bytes in
            withOpenSSL { _ in parseDER(bytes, free: EVP_PKEY_free) { d2i_PUBKEY(nil, $0, $1) } }
        }
        guard let key, let parsed = PublicKey(OpenSSLHandle(key, free: EVP_PKEY_free)) else { throw .malformed }
        self = parsed
    }

    /// Reads a PEM text that holds exactly one object, with the label `PUBLIC KEY` (RFC 7468 §13).
    /// - Throws: ``KeyError/malformed``.
    public init(pem: String) throws(KeyError) {
        guard let objects = PEMObject.all(in: pem), objects.count == 1, objects[0].label == "PUBLIC KEY" else {
            throw .malformed
        }
        try self.init(spki: objects[0].der)
    }

    /// The key in PEM, with the label `PUBLIC KEY`.
    public var pem: String {
        let text = withOpenSSL { scope in
            let key = scope.borrow(handle)
            return scope.text { PEM_write_bio_PUBKEY($0, key) == 1 }
        }
        guard let text else { preconditionFailure("a parsed key cannot be encoded") }
        return text
    }

    /// The public half of a key that OpenSSL has parsed.
    init?(_ handle: OpenSSLHandle) {
        let parts = withOpenSSL { scope in
            let key = scope.borrow(handle)
            return derOctets { i2d_PUBKEY(key, $0) }.map { (KeyKind(key), $0) }
        }
        guard let parts else { return nil }
        self.handle = handle
        (kind, spki) = parts
    }

    /// Whether this key may verify signatures of an algorithm.
    public func allows(_ algorithm: SignatureAlgorithm) -> Bool { kind.allows(algorithm) }

    /// Whether a signature of the octets was made with this key and that algorithm. False whenever the key does not
    /// allow the algorithm, or the signature has another form or length than the algorithm's.
    public func verify(
        _ signature: some Collection<UInt8>, of bytes: some Collection<UInt8>, algorithm: SignatureAlgorithm
    ) -> Bool {
        guard allows(algorithm) else { return false }
        guard let curve = algorithm.ecdsaCurve else {
            // As long as the modulus (RFC 8017 §8.1.2); OpenSSL takes one whose leading zeros are left out.
            if case .rsa(let bits) = kind, signature.count != (bits + 7) / 8 { return false }
            return verifyEncoded(signature, of: bytes, algorithm: algorithm)
        }
        guard let der = ECDSASignature(curve).der(fromRaw: Array(signature)) else { return false }
        return verifyEncoded(der, of: bytes, algorithm: algorithm)
    }

    private func verifyEncoded(
        _ signature: some Collection<UInt8>, of bytes: some Collection<UInt8>, algorithm: SignatureAlgorithm
    ) -> Bool {
        signature.withBytes { signature in
            bytes.withBytes { bytes in
                withOpenSSL { scope in
                    let key = scope.borrow(handle)
                    guard let context = scope.own(EVP_MD_CTX_new(), EVP_MD_CTX_free) else { return false }
                    var parameters: OpaquePointer?
                    guard EVP_DigestVerifyInit(context, &parameters, algorithm.digest, nil, key) == 1,
                        algorithm.setPadding(parameters)
                    else { return false }
                    return EVP_DigestVerify(
                        context, signature.baseAddress, signature.count, bytes.baseAddress, bytes.count) == 1
                }
            }
        }
    }
}

extension PublicKey: Hashable {
    /// Two keys are equal when their SubjectPublicKeyInfo is.
    public static func == (one: PublicKey, other: PublicKey) -> Bool { one.spki == other.spki }

    /// Feeds the SubjectPublicKeyInfo.
    public func hash(into hasher: inout Hasher) { hasher.combine(spki) }
}
