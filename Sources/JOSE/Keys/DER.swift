/// Writes the little DER (X.690) that keys and signatures need.
enum DER {
    static let null: [UInt8] = [0x05, 0x00]

    static func sequence(_ parts: [UInt8]...) -> [UInt8] { tagged(0x30, Array(parts.joined())) }

    static func octetString(_ octets: [UInt8]) -> [UInt8] { tagged(0x04, octets) }

    /// A BIT STRING of whole octets.
    static func bitString(_ octets: [UInt8]) -> [UInt8] { tagged(0x03, [0] + octets) }

    static func objectIdentifier(_ encoded: [UInt8]) -> [UInt8] { tagged(0x06, encoded) }

    /// An INTEGER that is not negative, from its octets, the highest first.
    static func integer(_ magnitude: some Collection<UInt8>) -> [UInt8] {
        var digits = Array(magnitude.drop { $0 == 0 })
        if digits.first ?? 0x80 >= 0x80 { digits.insert(0, at: 0) }
        return tagged(0x02, digits)
    }

    private static func tagged(_ tag: UInt8, _ content: [UInt8]) -> [UInt8] { [tag] + length(content.count) + content }

    private static func length(_ count: Int) -> [UInt8] {
        guard count >= 0x80 else { return [UInt8(count)] }
        var digits: [UInt8] = []
        var rest = count
        while rest > 0 {
            digits.insert(UInt8(truncatingIfNeeded: rest), at: 0)
            rest >>= 8
        }
        return [0x80 | UInt8(digits.count)] + digits
    }
}

/// The AlgorithmIdentifiers of keys (RFC 5480 §2.1, RFC 8410 §3, RFC 3279 §2.3.1).
enum KeyIdentifier {
    static let rsa = DER.sequence(
        DER.objectIdentifier([0x2A, 0x86, 0x48, 0x86, 0xF7, 0x0D, 0x01, 0x01, 0x01]), DER.null)

    static func of(_ curve: NamedCurve) -> [UInt8] {
        let ecPublicKey = DER.objectIdentifier([0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01])
        let name: [UInt8] =
            switch curve {
            case .p256: [0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07]
            case .p384: [0x2B, 0x81, 0x04, 0x00, 0x22]
            case .p521: [0x2B, 0x81, 0x04, 0x00, 0x23]
            }
        return DER.sequence(ecPublicKey, DER.objectIdentifier(name))
    }

    static func of(_ curve: EdwardsCurve) -> [UInt8] {
        DER.sequence(DER.objectIdentifier([0x2B, 0x65, curve == .ed25519 ? 0x70 : 0x71]))
    }
}
