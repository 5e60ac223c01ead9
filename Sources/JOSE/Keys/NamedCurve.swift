/// The curves of ECDSA keys (RFC 7518 §6.2.1.1); the raw value is the JOSE name.
enum NamedCurve: String, CaseIterable, Sendable {
    case p256 = "P-256"
    case p384 = "P-384"
    case p521 = "P-521"

    /// Octets of a coordinate, of a private key, and of each half of a signature (RFC 7518 §3.4, §6.2).
    var width: Int {
        switch self {
        case .p256: 32
        case .p384: 48
        case .p521: 66
        }
    }

    /// What OpenSSL calls the group.
    var groupName: String {
        switch self {
        case .p256: "prime256v1"
        case .p384: "secp384r1"
        case .p521: "secp521r1"
        }
    }

    /// The kind of the keys on this curve.
    var kind: KeyKind {
        switch self {
        case .p256: .p256
        case .p384: .p384
        case .p521: .p521
        }
    }
}

/// The curves of EdDSA keys (RFC 8037 §2); the raw value is the JOSE name.
enum EdwardsCurve: String, CaseIterable, Sendable {
    case ed25519 = "Ed25519"
    case ed448 = "Ed448"

    /// Octets of a public key, and of a private one (RFC 8032 §5.1.5, §5.2.5).
    var width: Int { self == .ed25519 ? 32 : 57 }

    /// The kind of the keys on this curve.
    var kind: KeyKind { self == .ed25519 ? .ed25519 : .ed448 }
}

extension KeyKind {
    var namedCurve: NamedCurve? { NamedCurve.allCases.first { $0.kind == self } }
    var edwardsCurve: EdwardsCurve? { EdwardsCurve.allCases.first { $0.kind == self } }
}
