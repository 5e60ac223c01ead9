public import JOSE

/// Which signatures and keys the protocol takes (protocol §1): fewer than the library underneath knows, and by a list of
/// their own, so that they stay the same whatever the library learns.
public enum SignatureProfile {
    /// What a token may be signed with; RS256 only where the roster allows it for the agency, which is the roster's to
    /// say.
    public static let algorithms: Set<SignatureAlgorithm> = [.ES256, .EdDSA, .PS256, .RS256]

    /// Whether keys of that kind have a place in the network: P-256, Ed25519, and RSA of 2048 to 8192 bits.
    public static func takes(_ kind: KeyKind) -> Bool {
        switch kind {
        case .p256, .ed25519: true
        case .rsa(let bits): (2048...8192).contains(bits)
        case .p384, .p521, .ed448, .other: false
        }
    }

    /// Whether a key may sign with an algorithm.
    public static func allows(_ algorithm: SignatureAlgorithm, with key: PublicKey) -> Bool {
        algorithms.contains(algorithm) && takes(key.kind) && key.allows(algorithm)
    }

    /// Reads an unencrypted private key, as ``PrivateKey/init(pem:)`` does.
    /// - Throws: ``KeyError/malformed``; ``KeyError/unsupported`` for kinds and sizes that the protocol does not take.
    public static func privateKey(pem: String) throws(KeyError) -> PrivateKey {
        let key = try PrivateKey(pem: pem)
        guard takes(key.publicKey.kind) else { throw .unsupported }
        return key
    }
}
