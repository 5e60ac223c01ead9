/// Which header parameters a JWE may have. Algorithms, content encryption and members are the same in both.
public enum JWEProfile: Hashable, Sendable, CaseIterable {
    /// `alg`, `kid`, `enc` and, where a key is agreed on, `epk`: each has to be there, and nothing else may.
    case narrow
    /// What RFC 7516 asks of a reader: `kid` may be missing, `apu` and `apv` enter into the key (RFC 7518 §4.6), and
    /// parameters that are not known are ignored. `crit` and `zip` are refused: nothing critical is understood, and
    /// what inflates before it is looked at costs more than it is worth.
    case standard
}

/// Why octets are no acceptable JWE, or cannot be sealed or opened. No case holds a part of the message.
public enum JWEError: Error, Hashable, Sendable {
    /// A member that the profile does not know (`unprotected`, `aad`, and every unknown one).
    case forbiddenMember
    /// A header parameter that the profile does not take (in the narrow one `zip`, `apu`, `apv`, `crit`, and every
    /// unknown one), or one where it may not stand (`enc` outside `protected`, a parameter at two places).
    case forbiddenParameter
    /// A part that is missing, or has another type, form or length than it must have.
    case malformed(Part)
    /// `enc` is not `A256GCM`.
    case unsupportedEncryption
    /// `alg` is neither `ECDH-ES+A256KW` nor `RSA-OAEP-256`, or a key is of a kind that neither takes.
    case unsupportedKeyManagement
    /// No recipient has this `kid`, or there is none to seal to.
    case noSuchRecipient
    /// The private key is not of the kind that the recipient's `alg` takes.
    case keyMismatch
    /// The JWK's own `alg`, `use` or `key_ops` do not allow it to open this, or it has no private half.
    case keyRestricted
    /// There are several recipients, and nothing says which of them the key belongs to.
    case ambiguousRecipient
    /// The key or the content does not decrypt: a wrong key, or a changed part. Which of them is not told.
    case decryptionFailed
    /// Two recipients have the same `kid`.
    case duplicateRecipient
    /// There are more recipients than the caller takes.
    case tooManyRecipients

    /// The parts that can be malformed.
    public enum Part: String, Hashable, Sendable, CaseIterable {
        case object, protected, iv, ciphertext, tag, recipients, header, alg, kid, epk, apu, apv
        case encryptedKey = "encrypted_key"
    }
}

/// How a content key reaches a recipient (RFC 7518 §4); the raw value is the JOSE name.
public enum KeyManagement: String, Hashable, Sendable, CaseIterable {
    /// An agreement on P-256 with a fresh key of the sender, which wraps the content key (RFC 7518 §4.6).
    case ecdhESA256KW = "ECDH-ES+A256KW"
    /// RSAES-OAEP with SHA-256 and MGF1 with SHA-256 (RFC 7518 §4.3).
    case rsaOAEP256 = "RSA-OAEP-256"

    /// The one way for a kind of key, or nil where there is none.
    public init?(for kind: KeyKind) {
        switch kind {
        case .p256: self = .ecdhESA256KW
        case .rsa(let bits) where KeyKind.usableRSA.contains(bits): self = .rsaOAEP256
        default: return nil
        }
    }

    /// The `key_ops` of which a JWK that opens has one (RFC 7517 §4.3): an agreement is one on a key that unwraps.
    var openingOperations: [String] {
        switch self {
        case .ecdhESA256KW: ["deriveKey", "deriveBits", "unwrapKey"]
        case .rsaOAEP256: ["unwrapKey", "decrypt"]
        }
    }
}
