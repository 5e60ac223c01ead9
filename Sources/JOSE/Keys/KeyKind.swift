/// The kinds of key.
public enum KeyKind: Hashable, Sendable {
    /// A point on NIST P-256, given as a named curve.
    case p256
    /// A point on NIST P-384, given as a named curve.
    case p384
    /// A point on NIST P-521, given as a named curve.
    case p521
    /// An Ed25519 key.
    case ed25519
    /// An Ed448 key.
    case ed448
    /// An RSA key whose modulus has so many bits, used from 2048 up to 8192 bits, and whose public exponent is odd, at
    /// least 3 and below 2^32: a verifier pays for each bit of it.
    case rsa(bits: Int)
    /// A key that this module neither signs, verifies nor seals with; it may stand in a chain of certificates.
    case other

    /// An RSA key of 2048 bits.
    public static let rsa2048 = KeyKind.rsa(bits: 2048)

    /// Which sizes of RSA keys are used: smaller ones are weak, larger ones cost a verifier too much. A signature of
    /// 8192 bits takes about twelve times as long to verify as one of 2048.
    public static let usableRSA = 2048...8192

    /// Whether a key of this kind may sign and verify with an algorithm.
    public func allows(_ algorithm: SignatureAlgorithm) -> Bool {
        switch (self, algorithm) {
        case (.p256, .ES256), (.p384, .ES384), (.p521, .ES512), (.ed25519, .EdDSA), (.ed448, .EdDSA): true
        case (.rsa(let bits), .PS256), (.rsa(let bits), .PS384), (.rsa(let bits), .PS512), (.rsa(let bits), .RS256),
            (.rsa(let bits), .RS384), (.rsa(let bits), .RS512):
            Self.usableRSA.contains(bits)
        default: false
        }
    }

    /// Whether any algorithm of this module takes keys of this kind.
    var isUsable: Bool { SignatureAlgorithm.allCases.contains(where: allows) }
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
