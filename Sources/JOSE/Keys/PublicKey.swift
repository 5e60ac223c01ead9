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
        guard algorithm == .ES256 else { return verifyEncoded(signature, of: bytes, algorithm: algorithm) }
        guard let der = ECDSASignature.der(fromRaw: Array(signature)) else { return false }
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

extension SignatureAlgorithm {
    /// Ed25519 hashes by itself.
    var digest: OpaquePointer? { self == .EdDSA ? nil : EVP_sha256() }

    func setPadding(_ parameters: OpaquePointer?) -> Bool {
        guard self == .PS256 else { return true }
        return EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1
            && EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, EVP_sha256()) == 1
            && EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, 32) == 1
    }
}

extension KeyKind {
    init(_ key: OpaquePointer) {
        switch EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA: self = .rsa(bits: Int(EVP_PKEY_get_bits(key)))
        case EVP_PKEY_ED25519: self = .ed25519
        case EVP_PKEY_EC where KeyKind.isNamedP256(key): self = .p256
        default: self = .other
        }
    }

    private static func isNamedP256(_ key: OpaquePointer) -> Bool {
        var explicit: Int32 = 0
        guard EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicit) == 1,
            explicit == 0
        else { return false }
        var name = [CChar](repeating: 0, count: 32)
        guard EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, &name, name.count, nil) == 1 else {
            return false
        }
        return name.prefix { $0 != 0 }.elementsEqual("prime256v1".utf8.map { CChar($0) })
    }
}
