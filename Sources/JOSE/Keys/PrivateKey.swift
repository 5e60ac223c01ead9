import COpenSSL

/// A private key with its public half, cheap to copy; it may be used by any number of threads at the same time.
/// It is never part of an error or a description.
public struct PrivateKey: Sendable {
    let handle: OpenSSLHandle
    /// The public half.
    public let publicKey: PublicKey

    /// A fresh key. The kind must be one that this module uses: ``KeyKind/other`` and RSA sizes outside 2048 to 8192
    /// bits are programmer errors.
    public static func generate(_ kind: KeyKind) -> PrivateKey {
        let key = withOpenSSL { scope -> OpaquePointer? in
            let name =
                switch kind {
                case .p256, .p384, .p521: "EC"
                case .ed25519: "ED25519"
                case .ed448: "ED448"
                case .rsa: "RSA"
                case .other: preconditionFailure("no key of an unnamed kind can be made")
                }
            guard let context = scope.own(EVP_PKEY_CTX_new_from_name(nil, name, nil), EVP_PKEY_CTX_free),
                EVP_PKEY_keygen_init(context) == 1, kind.setParameters(context)
            else { return nil }
            var key: OpaquePointer?
            return EVP_PKEY_generate(context, &key) == 1 ? key : nil
        }
        guard let key = PrivateKey(OpenSSLHandle(key, free: EVP_PKEY_free)) else {
            preconditionFailure("OpenSSL made a key that it cannot encode")
        }
        return key
    }

    /// Reads an unencrypted key: PKCS#8, or the older forms `EC PRIVATE KEY` and `RSA PRIVATE KEY`.
    /// - Throws: ``KeyError/malformed``; ``KeyError/unsupported`` for kinds and sizes that are not used here.
    public init(pem: String) throws(KeyError) {
        let key = Array(pem.utf8).withBytes { bytes in
            withOpenSSL { scope -> OpaquePointer? in
                guard let source = scope.source(bytes) else { return nil }
                // Without a callback OpenSSL would ask for a pass phrase on the terminal.
                return PEM_read_bio_PrivateKey(source, nil, { _, _, _, _ in -1 }, nil)
            }
        }
        guard let key, let parsed = PrivateKey(OpenSSLHandle(key, free: EVP_PKEY_free)) else { throw .malformed }
        guard parsed.publicKey.kind.isUsable else { throw .unsupported }
        self = parsed
    }

    init?(_ handle: OpenSSLHandle) {
        guard let publicKey = PublicKey(handle) else { return nil }
        self.handle = handle
        self.publicKey = publicKey
    }

    /// The key as unencrypted PKCS#8 in PEM: to be written only where nobody else reads.
    public var pem: String {
        let text = withOpenSSL { scope in
            let key = scope.borrow(handle)
            return scope.text { PEM_write_bio_PKCS8PrivateKey($0, key, nil, nil, 0, nil, nil) == 1 }
        }
        guard let text else { preconditionFailure("a parsed key cannot be encoded") }
        return text
    }

    /// The algorithm to sign with when nothing else is asked: the curve's own, EdDSA, or PS256 for RSA.
    public var defaultAlgorithm: SignatureAlgorithm {
        switch publicKey.kind {
        case .ed25519, .ed448: .EdDSA
        case .rsa: .PS256
        case .p384: .ES384
        case .p521: .ES512
        case .p256, .other: .ES256
        }
    }

    /// A signature of the octets, in the form that JOSE gives it.
    /// - Throws: ``KeyError/algorithmMismatch`` when the key does not allow the algorithm; ``KeyError/failed``.
    public func sign(_ bytes: some Collection<UInt8>, algorithm: SignatureAlgorithm) throws(KeyError) -> [UInt8] {
        guard publicKey.allows(algorithm) else { throw .algorithmMismatch }
        let signature = bytes.withBytes { bytes in
            withOpenSSL { scope in signEncoded(bytes, algorithm, &scope) }
        }
        guard let signature else { throw .failed }
        guard let curve = algorithm.ecdsaCurve else { return signature }
        guard let raw = ECDSASignature(curve).raw(fromDER: signature) else { throw .failed }
        return raw
    }

    private func signEncoded(
        _ bytes: UnsafeBufferPointer<UInt8>, _ algorithm: SignatureAlgorithm, _ scope: inout OpenSSLScope
    ) -> [UInt8]? {
        let key = scope.borrow(handle)
        guard let context = scope.own(EVP_MD_CTX_new(), EVP_MD_CTX_free) else { return nil }
        var parameters: OpaquePointer?
        var count = 0
        guard EVP_DigestSignInit(context, &parameters, algorithm.digest, nil, key) == 1,
            algorithm.setPadding(parameters),
            EVP_DigestSign(context, nil, &count, bytes.baseAddress, bytes.count) == 1
        else { return nil }
        var signature = [UInt8](repeating: 0, count: count)
        guard EVP_DigestSign(context, &signature, &count, bytes.baseAddress, bytes.count) == 1 else { return nil }
        return Array(signature.prefix(count))
    }
}

extension KeyKind {
    fileprivate func setParameters(_ context: OpaquePointer) -> Bool {
        if case .rsa(let bits) = self {
            precondition(KeyKind.usableRSA.contains(bits), "a size of RSA key that is not used here")
            return EVP_PKEY_CTX_set_rsa_keygen_bits(context, Int32(bits)) == 1
        }
        guard let curve = namedCurve else { return true }
        return EVP_PKEY_CTX_set_group_name(context, curve.groupName) == 1
    }
}
