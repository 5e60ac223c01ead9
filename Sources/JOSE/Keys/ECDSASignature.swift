/// The two forms of an ECDSA signature: r and s one behind the other, each as long as the curve's coordinates
/// (RFC 7518 §3.4), and the DER of ECDSA-Sig-Value (RFC 3279 §2.2.3), which OpenSSL speaks.
struct ECDSASignature {
    /// Octets of each number.
    let width: Int

    init(_ curve: NamedCurve) { width = curve.width }

    /// Nil unless there are exactly two numbers and neither is zero; the upper bound is OpenSSL's to check.
    func der(fromRaw raw: [UInt8]) -> [UInt8]? {
        guard raw.count == 2 * width else { return nil }
        let (r, s) = (raw[..<width], raw[width...])
        guard r.contains(where: { $0 != 0 }), s.contains(where: { $0 != 0 }) else { return nil }
        return DER.sequence(DER.integer(r), DER.integer(s))
    }

    /// Nil unless the DER holds two numbers that are not too long.
    func raw(fromDER der: [UInt8]) -> [UInt8]? {
        var rest = der[...]
        guard rest.popFirst() == 0x30, let length = rest.popFirst() else { return nil }
        // Two numbers of P-521 are the only ones with a length octet more.
        let count = length == 0x81 ? rest.popFirst() : length
        guard count.map({ Int($0) }) == rest.count, let r = takeNumber(&rest), let s = takeNumber(&rest), rest.isEmpty
        else { return nil }
        return r + s
    }

    private func takeNumber(_ rest: inout ArraySlice<UInt8>) -> [UInt8]? {
        guard rest.popFirst() == 0x02, let length = rest.popFirst(), rest.count >= Int(length) else { return nil }
        let digits = rest.prefix(Int(length)).drop { $0 == 0 }
        rest = rest.dropFirst(Int(length))
        guard digits.count <= width else { return nil }
        return [UInt8](repeating: 0, count: width - digits.count) + digits
    }
}
