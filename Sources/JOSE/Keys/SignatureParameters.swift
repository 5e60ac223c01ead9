import COpenSSL

extension SignatureAlgorithm {
    /// What a scheme does beside the hash.
    private enum Scheme { case ecdsa, edwards, pss, pkcs1 }

    private var scheme: Scheme {
        switch self {
        case .ES256, .ES384, .ES512: .ecdsa
        case .EdDSA: .edwards
        case .PS256, .PS384, .PS512: .pss
        case .RS256, .RS384, .RS512: .pkcs1
        }
    }

    /// The curve of the algorithm's keys; nil where its signatures are not ECDSA's.
    var ecdsaCurve: NamedCurve? {
        switch self {
        case .ES256: .p256
        case .ES384: .p384
        case .ES512: .p521
        default: nil
        }
    }

    /// The hash function; nil for EdDSA, which hashes by itself.
    var digest: OpaquePointer? {
        switch self {
        case .ES256, .PS256, .RS256: EVP_sha256()
        case .ES384, .PS384, .RS384: EVP_sha384()
        case .ES512, .PS512, .RS512: EVP_sha512()
        case .EdDSA: nil
        }
    }

    /// PSS with MGF1 over the same hash and a salt as long as the hash, no other length (RFC 7518 §3.5).
    func setPadding(_ parameters: OpaquePointer?) -> Bool {
        guard scheme == .pss else { return true }
        return EVP_PKEY_CTX_set_rsa_padding(parameters, RSA_PKCS1_PSS_PADDING) == 1
            && EVP_PKEY_CTX_set_rsa_mgf1_md(parameters, digest) == 1
            && EVP_PKEY_CTX_set_rsa_pss_saltlen(parameters, RSA_PSS_SALTLEN_DIGEST) == 1
    }
}

extension KeyKind {
    init(_ key: OpaquePointer) {
        switch EVP_PKEY_get_base_id(key) {
        case EVP_PKEY_RSA where KeyKind.hasUsableExponent(key): self = .rsa(bits: Int(EVP_PKEY_get_bits(key)))
        case EVP_PKEY_ED25519: self = .ed25519
        case EVP_PKEY_ED448: self = .ed448
        case EVP_PKEY_EC: self = KeyKind.namedCurve(key)?.kind ?? .other
        default: self = .other
        }
    }

    private static func hasUsableExponent(_ key: OpaquePointer) -> Bool {
        var exponent: OpaquePointer?
        guard EVP_PKEY_get_bn_param(key, OSSL_PKEY_PARAM_RSA_E, &exponent) == 1 else { return false }
        defer { BN_free(exponent) }
        return BN_is_odd(exponent) == 1 && (2...32).contains(BN_num_bits(exponent))
    }

    private static func namedCurve(_ key: OpaquePointer) -> NamedCurve? {
        var explicit: Int32 = 0
        guard EVP_PKEY_get_int_param(key, OSSL_PKEY_PARAM_EC_DECODED_FROM_EXPLICIT_PARAMS, &explicit) == 1,
            explicit == 0
        else { return nil }
        var name = [CChar](repeating: 0, count: 32)
        guard EVP_PKEY_get_utf8_string_param(key, OSSL_PKEY_PARAM_GROUP_NAME, &name, name.count, nil) == 1 else {
            return nil
        }
        let letters = name.prefix { $0 != 0 }
        return NamedCurve.allCases.first { letters.elementsEqual($0.groupName.utf8.map { CChar($0) }) }
    }
}
