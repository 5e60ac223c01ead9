import COpenSSL

/// The numbers that a public key consists of, as JWKs state them (RFC 7518 §6, RFC 8037 §2).
enum KeyMaterial: Hashable, Sendable {
    /// The two coordinates of a point, as long as the curve's coordinates.
    case point(NamedCurve, x: [UInt8], y: [UInt8])
    /// The octets of an EdDSA key, as long as the curve's keys.
    case edwards(EdwardsCurve, x: [UInt8])
    /// Modulus and public exponent, without leading zero octets.
    case rsa(n: [UInt8], e: [UInt8])

    /// The key as SubjectPublicKeyInfo in DER (RFC 5480 §2, RFC 8410 §4, RFC 3279 §2.3.1).
    var spki: [UInt8] {
        switch self {
        case .point(let curve, let x, let y):
            DER.sequence(KeyIdentifier.of(curve), DER.bitString([0x04] + x + y))
        case .edwards(let curve, let x): DER.sequence(KeyIdentifier.of(curve), DER.bitString(x))
        case .rsa(let n, let e):
            DER.sequence(KeyIdentifier.rsa, DER.bitString(DER.sequence(DER.integer(n), DER.integer(e))))
        }
    }
}

extension PublicKey {
    /// The key of these numbers.
    /// - Throws: ``KeyError/malformed``, also for a point beside its curve.
    init(_ material: KeyMaterial) throws(KeyError) { try self.init(spki: material.spki) }

    /// The numbers of this key; nil for kinds that have no JWK here.
    var material: KeyMaterial? {
        if let curve = kind.namedCurve { return point(on: curve) }
        if let curve = kind.edwardsCurve { return raw(of: curve.width).map { .edwards(curve, x: $0) } }
        guard case .rsa = kind, let n = number(OSSL_PKEY_PARAM_RSA_N), let e = number(OSSL_PKEY_PARAM_RSA_E) else {
            return nil
        }
        return .rsa(n: n, e: e)
    }

    private func point(on curve: NamedCurve) -> KeyMaterial? {
        guard let x = number(OSSL_PKEY_PARAM_EC_PUB_X, width: curve.width),
            let y = number(OSSL_PKEY_PARAM_EC_PUB_Y, width: curve.width)
        else { return nil }
        return .point(curve, x: x, y: y)
    }

    private func raw(of width: Int) -> [UInt8]? {
        withOpenSSL { scope in
            var count = width
            var octets = [UInt8](repeating: 0, count: width)
            let done = EVP_PKEY_get_raw_public_key(scope.borrow(handle), &octets, &count)
            return done == 1 && count == width ? octets : nil
        }
    }

    /// A number of the key, the highest octet first: of that width, or with as few octets as it needs.
    private func number(_ name: String, width: Int? = nil) -> [UInt8]? {
        withOpenSSL { scope in
            var number: OpaquePointer?
            guard EVP_PKEY_get_bn_param(scope.borrow(handle), name, &number) == 1 else { return nil }
            defer { BN_free(number) }
            let count = width ?? Int(BN_num_bits(number) + 7) / 8
            var octets = [UInt8](repeating: 0, count: count)
            return BN_bn2binpad(number, &octets, Int32(count)) == Int32(count) ? octets : nil
        }
    }
}
