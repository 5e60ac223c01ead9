/// Why a signed token is not believed. No case holds a part of the token or of the key.
public enum JWSRefusal: String, Error, Hashable, Sendable, CaseIterable {
    /// RFC 7515 §4.1.1 asks for `alg`, a string.
    case noAlgorithm = "the header has no alg that is a string"
    /// RFC 7515 §4.1.11: what is critical must be understood, and no extension is.
    case critical = "the header has crit; no extension is understood here"
    /// RFC 7797, which only `crit` could allow.
    case unencodedPayload = "the header has b64; payloads are always base64url here"
    /// `none`, an HMAC, or a name that is not known.
    case unknownAlgorithm = "alg is none of the asymmetric algorithms"
    /// The caller's list does not have it.
    case algorithmNotAllowed = "alg is not among the allowed algorithms"
    /// The key is of another kind, or an RSA key too small or too large.
    case keyKind = "alg does not fit the kind of key"
    /// The JWK's own `alg`.
    case keyAlgorithm = "the key is for another alg"
    /// The JWK's own `use`, or the certificate's key usage.
    case keyUse = "the key's use is not that of signatures"
    /// The JWK's own `key_ops`.
    case keyOperations = "the key's key_ops do not have verify"
    /// A set of keys, and a token that names none of them.
    case noKeyID = "the header has no kid that is a string, and the keys are several"
    /// No usable key of the set has that `kid`.
    case unknownKeyID = "no usable key has the token's kid"
    /// Several keys of the set have that `kid`; none is tried.
    case ambiguousKeyID = "several keys have the token's kid"
    /// The signature was made by another key or over other octets, or has another form than the algorithm's.
    case badSignature = "the signature does not verify"
}

/// The entry point for whoever wants a payload that can be believed. The token says which algorithm it was signed with;
/// the caller's list, the key's kind and the key's own restrictions all have to agree. No key and no address of a key is
/// taken from the header (`jwk`, `jku`, `x5c`, `x5u`), and other parameters that are not named here are ignored
/// (RFC 7515 §4).
extension CompactJWS {
    /// The payload, if the key's owner signed it.
    /// - Parameter allowed: the algorithms that the caller takes; there is no default.
    /// - Throws: ``JWSRefusal`` for the first objection; the signature is looked at last.
    public func verify(
        with key: PublicKey, allowing allowed: Set<SignatureAlgorithm>
    ) throws(JWSRefusal) -> [UInt8] {
        try verify(with: JWK(key), allowing: allowed)
    }

    /// The payload, if the owner of the JWK signed it, whose `alg`, `use` (`sig`) and `key_ops` (`verify`) have to allow
    /// it where they are given. Its `kid` is not compared: the caller has chosen the key.
    /// - Parameter allowed: the algorithms that the caller takes; there is no default.
    /// - Throws: ``JWSRefusal`` for the first objection; the signature is looked at last.
    public func verify(with key: JWK, allowing allowed: Set<SignatureAlgorithm>) throws(JWSRefusal) -> [UInt8] {
        let algorithm = try algorithm(among: allowed)
        guard key.publicKey.allows(algorithm) else { throw .keyKind }
        guard key.isFor(algorithm: algorithm.rawValue) else { throw .keyAlgorithm }
        guard key.isFor(use: "sig") else { throw .keyUse }
        guard key.isFor(anyOf: ["verify"]) else { throw .keyOperations }
        guard isSigned(by: key.publicKey, algorithm: algorithm) else { throw .badSignature }
        return payload
    }

    /// The payload, if the owner of that one key signed it which the token names by `kid`. No other key is tried.
    /// - Parameter allowed: the algorithms that the caller takes; there is no default.
    /// - Throws: ``JWSRefusal`` for the first objection; the signature is looked at last.
    public func verify(with keys: JWKSet, allowing allowed: Set<SignatureAlgorithm>) throws(JWSRefusal) -> [UInt8] {
        _ = try algorithm(among: allowed)
        guard let kid = header["kid"]?.string else { throw .noKeyID }
        let named = keys.keys(withID: kid)
        guard let key = named.first else { throw .unknownKeyID }
        guard named.count == 1 else { throw .ambiguousKeyID }
        return try verify(with: key, allowing: allowed)
    }

    private func algorithm(among allowed: Set<SignatureAlgorithm>) throws(JWSRefusal) -> SignatureAlgorithm {
        guard let name = header["alg"], name.kind == .string else { throw .noAlgorithm }
        guard header["crit"] == nil else { throw .critical }
        guard header["b64"] == nil else { throw .unencodedPayload }
        guard let algorithm = SignatureAlgorithm.allCases.first(where: { name.isString($0.rawValue) }) else {
            throw .unknownAlgorithm
        }
        guard allowed.contains(algorithm) else { throw .algorithmNotAllowed }
        return algorithm
    }
}
