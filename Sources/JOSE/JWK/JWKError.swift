public import StrictJSON

/// Why a JSON value is no acceptable JWK or JWK Set. No case holds a part of the key.
public enum JWKError: Error, Hashable, Sendable {
    /// The members that can be at fault, and the two things that hold them.
    public enum Part: String, Hashable, Sendable, CaseIterable {
        case object, keys, kty, crv, x, y, d, n, e, p, q, dp, dq, qi, oth, kid, alg, use
        case keyOperations = "key_ops"
    }

    /// The octets are no JSON text within the limits.
    case notJSON(JSONError)
    /// A part that is missing, or has another type, form or length than it must have; a point beside its curve.
    case malformed(Part)
    /// `kty` is none of `EC`, `OKP` and `RSA`. `oct` is among the others: a secret is no key for a signature here.
    case unsupportedKeyType
    /// `crv` is none of P-256, P-384, P-521, Ed25519 and Ed448.
    case unsupportedCurve
    /// The modulus is smaller or larger than the limits say.
    case unsupportedSize
    /// The public exponent is even, below 3, or 2^32 and above.
    case unsupportedExponent
    /// An RSA private key with `oth` (more than two primes), or with `d` but without the numbers of its primes.
    case unsupportedPrivateForm
    /// The private part belongs to another public key, or its numbers do not fit each other.
    case inconsistent
    /// `use` and `key_ops` contradict each other (RFC 7517 §4.3).
    case contradictoryUse
    /// The set has more keys than the limits say.
    case tooManyKeys

    /// Whether this is a key that is sound for somebody else, as RFC 7517 §5 has in mind: a type, a curve or a size that
    /// is not used here.
    var isUnsupported: Bool {
        switch self {
        case .unsupportedKeyType, .unsupportedCurve, .unsupportedSize, .unsupportedExponent, .unsupportedPrivateForm:
            true
        case .notJSON, .malformed, .inconsistent, .contradictoryUse, .tooManyKeys: false
        }
    }
}

/// What a JWK or a JWK Set may ask of its reader. The caller bounds the octets of the text.
public struct JWKLimits: Hashable, Sendable {
    /// The most keys of a set, those that are not used among them. Each costs its reading: about 0.2 ms for a public
    /// key, 0.6 ms for a private one.
    public var keys: Int
    /// Bits of an RSA modulus; what lies outside ``KeyKind/usableRSA`` is refused whatever this says.
    public var rsaBits: ClosedRange<Int>

    /// Limits, by default 100 keys, and RSA from 2048 to 8192 bits.
    public init(keys: Int = 100, rsaBits: ClosedRange<Int> = KeyKind.usableRSA) {
        self.keys = keys
        self.rsaBits = rsaBits
    }
}
