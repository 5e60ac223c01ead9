/// The two forms of an ECDSA signature on P-256: r and s one behind the other (RFC 7518 §3.4), and the DER of
/// ECDSA-Sig-Value (RFC 3279 §2.2.3), which OpenSSL speaks.
enum ECDSASignature {
    private static let width = 32

    /// Nil unless there are exactly 64 octets and neither number is zero; the upper bound is OpenSSL's to check.
    static func der(fromRaw raw: [UInt8]) -> [UInt8]? {
        guard raw.count == 2 * width else { return nil }
        let parts = [raw[..<width], raw[width...]]
        guard parts.allSatisfy({ $0.contains { $0 != 0 } }) else { return nil }
        let body = parts.flatMap(integer)
        return [0x30, UInt8(body.count)] + body
    }

    /// Nil unless the DER holds two positive numbers of at most 32 octets.
    static func raw(fromDER der: [UInt8]) -> [UInt8]? {
        guard der.count >= 2, der[0] == 0x30, Int(der[1]) == der.count - 2 else { return nil }
        var rest = der[2...]
        guard let r = takeNumber(&rest), let s = takeNumber(&rest), rest.isEmpty else { return nil }
        return r + s
    }

    private static func integer(_ number: ArraySlice<UInt8>) -> [UInt8] {
        var digits = Array(number.drop { $0 == 0 })
        if let first = digits.first, first >= 0x80 { digits.insert(0, at: 0) }
        return [0x02, UInt8(digits.count)] + digits
    }

    private static func takeNumber(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard rest.popFirst() == 0x02, let length = rest.popFirst(), rest.count >= Int(length) else { return nil }
        let digits = rest.prefix(Int(length)).drop { $0 == 0 }
        rest = rest.dropFirst(Int(length))
        guard digits.count <= width else { return nil }
        return [UInt8](repeating: 0, count: width - digits.count) + digits
    }
}
