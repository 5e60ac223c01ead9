import StrictJSON

/// The value of `multipleOf`, for exact division in decimal.
struct Divisor: Sendable {
    private let digits: UInt64
    private let exponent: Int

    /// Nil for zero, for what is negative, and for more than 18 significant digits.
    init?(_ number: JSONNumber) {
        let normal = number.normalised
        guard !normal.negative, (1...18).contains(normal.digits.count) else { return nil }
        digits = normal.digits.reduce(0) { $0 * 10 + UInt64($1) }
        exponent = normal.exponent
    }

    func divides(_ value: JSONValue) -> Bool {
        if exponent == 0, let int = value.int { return int.magnitude % UInt(digits) == 0 }
        guard let normal = value.number?.normalised else { return true }
        if normal.digits.isEmpty { return true }
        // Digits have no trailing zero: what ends below the divisor's last digit is no multiple of it.
        guard normal.exponent >= exponent else { return false }
        let remainder = normal.digits.reduce(0) { ($0 * 10 + UInt64($1)) % digits }
        return multiply(remainder, power(of: 10, normal.exponent - exponent)) == 0
    }

    private func power(of base: UInt64, _ exponent: Int) -> UInt64 {
        var (result, square, rest) = (1 % digits, base % digits, exponent)
        while rest > 0 {
            if rest & 1 == 1 { result = multiply(result, square) }
            square = multiply(square, square)
            rest >>= 1
        }
        return result
    }

    private func multiply(_ one: UInt64, _ other: UInt64) -> UInt64 {
        let product = one.multipliedFullWidth(by: other)
        return digits.dividingFullWidth((product.high % digits, product.low)).remainder
    }
}
