/// The signature algorithms this module knows; the raw value is the JOSE name (RFC 7518 §3.1, RFC 8037 §3.1). All are
/// asymmetric: `none` and the HMACs have no place here, so no public key can be taken for a secret.
public enum SignatureAlgorithm: String, CaseIterable, Hashable, Sendable {
    /// ECDSA on P-256 with SHA-256; a signature is r and s, 32 octets each (RFC 7518 §3.4).
    case ES256
    /// ECDSA on P-384 with SHA-384; a signature is r and s, 48 octets each (RFC 7518 §3.4).
    case ES384
    /// ECDSA on P-521 with SHA-512; a signature is r and s, 66 octets each (RFC 7518 §3.4).
    case ES512
    /// Ed25519 or Ed448, as the key's curve says (RFC 8032, RFC 8037 §3.1). Who wants only one of the two looks at the
    /// key's kind as well.
    case EdDSA
    /// RSASSA-PSS with SHA-256, MGF1 with SHA-256 and a salt of exactly 32 octets (RFC 7518 §3.5).
    case PS256
    /// RSASSA-PSS with SHA-384, MGF1 with SHA-384 and a salt of exactly 48 octets (RFC 7518 §3.5).
    case PS384
    /// RSASSA-PSS with SHA-512, MGF1 with SHA-512 and a salt of exactly 64 octets (RFC 7518 §3.5).
    case PS512
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3).
    case RS256
    /// RSASSA-PKCS1-v1_5 with SHA-384 (RFC 7518 §3.3).
    case RS384
    /// RSASSA-PKCS1-v1_5 with SHA-512 (RFC 7518 §3.3).
    case RS512
}
