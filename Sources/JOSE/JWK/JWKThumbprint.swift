public import StrictJSON

extension KeyMaterial {
    /// The members of a public JWK that RFC 7638 §3.2 and RFC 8037 §2 require, sorted by name: what a thumbprint is
    /// taken of.
    var jwkMembers: JSON {
        func text(_ octets: [UInt8]) -> JSON { .string(Base64URL.encode(octets)) }
        return switch self {
        case .point(let curve, let x, let y):
            ["crv": .string(curve.rawValue), "kty": "EC", "x": text(x), "y": text(y)]
        case .edwards(let curve, let x): ["crv": .string(curve.rawValue), "kty": "OKP", "x": text(x)]
        case .rsa(let n, let e): ["e": text(e), "kty": "RSA", "n": text(n)]
        }
    }
}

extension PublicKey {
    /// The key as a public JWK with exactly the members that its type requires (RFC 7518 §6.2.1, §6.3.1, RFC 8037 §2);
    /// nil for ``KeyKind/other``.
    public var jwk: JSON? { material?.jwkMembers }

    /// SHA-256 of the required members of the key's JWK, sorted and without white space (RFC 7638 §3); nil for
    /// ``KeyKind/other``.
    public var jwkThumbprint: SHA256Digest? { jwk.map { SHA256.hash($0.bytes) } }
}
