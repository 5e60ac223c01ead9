/// The signature algorithms this module knows; the raw value is the JOSE name (RFC 7518 §3.1, RFC 8037 §3.1).
public enum SignatureAlgorithm: String, CaseIterable, Hashable, Sendable {
    /// ECDSA on P-256 with SHA-256; a signature is r and s, 32 octets each (RFC 7518 §3.4).
    case ES256
    /// Ed25519 (RFC 8032).
    case EdDSA
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of exactly 32 octets (RFC 7518 §3.5).
    case PS256
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
    case RS256
}

/// The kinds of key.
public enum KeyKind: Hashable, Sendable {
    /// A point on NIST P-256, given as a named curve.
    case p256
    /// An Ed25519 key.
    case ed25519
    /// An RSA key whose modulus has so many bits; used from 2048 up to 8192 bits.
    case rsa(bits: Int)
    /// A key that this module neither signs, verifies nor seals with; it may stand in a chain of certificates.
    case other

    /// An RSA key of 2048 bits.
    public static let rsa2048 = KeyKind.rsa(bits: 2048)

    /// Which sizes of RSA keys are used: smaller ones are weak, larger ones cost a verifier too much.
    static let usableRSA = 2048...8192

    /// Whether a key of this kind may sign and verify with an algorithm.
    public func allows(_ algorithm: SignatureAlgorithm) -> Bool {
        switch (self, algorithm) {
        case (.p256, .ES256), (.ed25519, .EdDSA): true
        case (.rsa(let bits), .PS256), (.rsa(let bits), .RS256): Self.usableRSA.contains(bits)
        default: false
        }
    }
}

/// Why a key could not be read or used. No case holds a part of the key.
public enum KeyError: String, Error, Hashable, Sendable, CaseIterable {
    /// The text or octets are no key of the expected form.
    case malformed = "not a key in the expected form"
    /// A key of a kind that this module does not use.
    case unsupported = "a key of a kind that is not used here"
    /// The algorithm does not fit the key.
    case algorithmMismatch = "the algorithm does not fit the key"
    /// OpenSSL refused the operation.
    case failed = "the operation failed"
}
