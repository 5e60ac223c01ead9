import COpenSSL

/// Private keys from the numbers of their JWKs, as PKCS#8 (RFC 5208 §5) that never leaves the process.
extension PrivateKey {
    /// Nil unless the number is at least 1 and below the order of the curve; the public half follows from it.
    init?(_ d: [UInt8], on curve: NamedCurve) {
        let ecPrivateKey = DER.sequence(DER.integer([1]), DER.octetString(d))
        self.init(pkcs8: Self.info(KeyIdentifier.of(curve), ecPrivateKey))
        let isInRange = withOpenSSL { scope in
            guard
                let context = scope.own(
                    EVP_PKEY_CTX_new_from_pkey(nil, scope.borrow(handle), nil), EVP_PKEY_CTX_free)
            else { return false }
            return EVP_PKEY_private_check(context) == 1
        }
        guard isInRange else { return nil }
    }

    /// The public half follows from the octets.
    init?(_ d: [UInt8], on curve: EdwardsCurve) {
        self.init(pkcs8: Self.info(KeyIdentifier.of(curve), DER.octetString(d)))
    }

    /// The numbers must fit each other.
    init?(_ numbers: RSANumbers) {
        let key = DER.sequence(
            DER.integer([0]), DER.integer(numbers.n), DER.integer(numbers.e), DER.integer(numbers.d),
            DER.integer(numbers.p), DER.integer(numbers.q), DER.integer(numbers.dp), DER.integer(numbers.dq),
            DER.integer(numbers.qi))
        self.init(pkcs8: Self.info(KeyIdentifier.rsa, key))
    }

    private static func info(_ algorithm: [UInt8], _ key: [UInt8]) -> [UInt8] {
        DER.sequence(DER.integer([0]), algorithm, DER.octetString(key))
    }

    private init?(pkcs8 der: [UInt8]) {
        let key = der.withBytes { bytes in
            withOpenSSL { _ in parseDER(bytes, free: EVP_PKEY_free) { d2i_AutoPrivateKey(nil, $0, $1) } }
        }
        guard let key else { return nil }
        self.init(OpenSSLHandle(key, free: EVP_PKEY_free))
    }
}

/// The numbers of an RSA private key with two primes (RFC 8017 §3.2), each the highest octet first.
struct RSANumbers {
    let n, e, d, p, q, dp, dq, qi: [UInt8]

    /// Whether p·q = n, e·d ≡ 1 modulo p−1 and q−1, dp and dq are d modulo these, and q·qi ≡ 1 modulo p. Not whether p
    /// and q are primes, which would cost seconds for large ones: who writes a bad private key harms itself.
    var areConsistent: Bool {
        withOpenSSL { scope in
            guard [d, p, q, dp, dq, qi].allSatisfy({ $0.count <= n.count }),
                let context = scope.own(BN_CTX_secure_new(), BN_CTX_free), let n = scope.number(n),
                let e = scope.number(e), let d = scope.number(d), let p = scope.number(p), let q = scope.number(q),
                let dp = scope.number(dp), let dq = scope.number(dq), let qi = scope.number(qi),
                let product = scope.number([0]), BN_mul(product, p, q, context) == 1, BN_cmp(product, n) == 0,
                BN_mod_mul(product, q, qi, p, context) == 1, BN_is_one(product) == 1, BN_cmp(qi, p) < 0
            else { return false }
            return Self.fits(d, dp, e, prime: p, product, context) && Self.fits(d, dq, e, prime: q, product, context)
        }
    }

    private static func fits(
        _ d: OpaquePointer, _ reduced: OpaquePointer, _ e: OpaquePointer, prime: OpaquePointer, _ room: OpaquePointer,
        _ context: OpaquePointer
    ) -> Bool {
        guard let order = BN_dup(prime) else { return false }
        defer { BN_clear_free(order) }
        return BN_sub_word(order, 1) == 1 && BN_nnmod(room, d, order, context) == 1 && BN_cmp(room, reduced) == 0
            && BN_mod_mul(room, e, d, order, context) == 1 && BN_is_one(room) == 1
    }
}

extension OpenSSLScope {
    fileprivate mutating func number(_ octets: [UInt8]) -> OpaquePointer? {
        own(BN_bin2bn(octets, Int32(octets.count), nil), BN_clear_free)
    }
}
