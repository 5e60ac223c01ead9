import COpenSSL

/// Agreement on a key between two P-256 keys (RFC 7518 §4.6).
enum KeyAgreement {
    /// The key that wraps the content key for `ECDH-ES+A256KW`.
    static func wrappingKey(
        _ own: PrivateKey, with other: PublicKey, partyU: [UInt8] = [], partyV: [UInt8] = []
    ) -> [UInt8]? {
        sharedSecret(own, with: other).map {
            concatKDF(
                $0, algorithm: KeyManagement.ecdhESA256KW.rawValue, partyU: partyU, partyV: partyV,
                bits: AES256.keyLength * 8)
        }
    }

    /// The x coordinate of the shared point, 32 octets. OpenSSL checks the other's point.
    static func sharedSecret(_ own: PrivateKey, with other: PublicKey) -> [UInt8]? {
        guard own.publicKey.kind == .p256, other.kind == .p256 else { return nil }
        return withOpenSSL { scope in
            guard
                let context = scope.own(
                    EVP_PKEY_CTX_new_from_pkey(nil, scope.borrow(own.handle), nil), EVP_PKEY_CTX_free),
                EVP_PKEY_derive_init(context) == 1,
                EVP_PKEY_derive_set_peer(context, scope.borrow(other.handle)) == 1
            else { return nil }
            var count = 32
            var secret = [UInt8](repeating: 0, count: count)
            guard EVP_PKEY_derive(context, &secret, &count) == 1, count == 32 else { return nil }
            return secret
        }
    }

    /// Concat KDF with SHA-256 in its single round: keys of at most 256 bits (RFC 7518 §4.6.2).
    static func concatKDF(
        _ secret: [UInt8], algorithm: String, partyU: [UInt8] = [], partyV: [UInt8] = [], bits: Int
    ) -> [UInt8] {
        precondition(bits % 8 == 0 && bits <= 256)
        func counted(_ bytes: [UInt8]) -> [UInt8] { bigEndian(bytes.count) + bytes }
        let input =
            bigEndian(1) + secret + counted(Array(algorithm.utf8)) + counted(partyU) + counted(partyV)
            + bigEndian(bits)
        return Array(SHA256.hash(input).bytes.prefix(bits / 8))
    }

    private static func bigEndian(_ number: Int) -> [UInt8] {
        stride(from: 24, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}
