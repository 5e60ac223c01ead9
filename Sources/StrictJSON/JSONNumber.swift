/// A number as it was written. Comparison and arithmetic are exact in decimal, whatever its size.
public struct JSONNumber: Sendable {
    /// The octets of the number as written.
    public let text: String

    init(_ source: ArraySlice<UInt8>) { text = String(decoding: source, as: UTF8.self) }

    /// The nearest binary64; infinite where there is none.
    public var double: Double { Double(text) ?? .nan }

    /// The mathematical integer, or nil for a fraction and outside `Int`.
    public var int: Int? {
        let normal = normalised
        if normal.digits.isEmpty { return 0 }
        guard normal.exponent >= 0, normal.digits.count + normal.exponent <= 19 else { return nil }
        var value = 0
        for digit in normal.digits + Array(repeating: 0, count: normal.exponent) {
            let (product, overflow) = value.multipliedReportingOverflow(by: 10)
            let step = Int(digit)
            let (sum, carry) =
                normal.negative
                ? product.subtractingReportingOverflow(step) : product.addingReportingOverflow(step)
            if overflow || carry { return nil }
            value = sum
        }
        return value
    }

    /// Whether the value is zero, however written.
    public var isZero: Bool { normalised.digits.isEmpty }

    /// Whether the value is below zero; `-0` is not.
    public var isNegative: Bool { normalised.negative }

    /// Whether the mathematical value is an integer: `1.0` and `1e2` are.
    public var isInteger: Bool { normalised.digits.isEmpty || normalised.exponent >= 0 }

    /// The value as ± digits × 10^exponent, without leading or trailing zero digits; zero has no digits.
    public struct Normalised: Hashable, Sendable {
        /// Whether the value is below zero.
        public var negative: Bool
        /// Decimal digits, most significant first.
        public var digits: [UInt8]
        /// The power of ten; saturates far outside of what any document means.
        public var exponent: Int
    }

    /// The value as digits and exponent.
    public var normalised: Normalised {
        var digits: [UInt8] = []
        var exponent = 0
        var negative = false
        var inFraction = false
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.first {
            switch byte {
            case UInt8(ascii: "-"): negative = true
            case UInt8(ascii: "."): inFraction = true
            case UInt8(ascii: "e"), UInt8(ascii: "E"):
                exponent += saturatedExponent(bytes.dropFirst())
                bytes = []
                continue
            default:
                digits.append(byte - UInt8(ascii: "0"))
                if inFraction { exponent -= 1 }
            }
            bytes = bytes.dropFirst()
        }
        digits.removeFirst(digits.prefix { $0 == 0 }.count)
        while digits.last == 0 {
            digits.removeLast()
            exponent += 1
        }
        if digits.isEmpty { return Normalised(negative: false, digits: [], exponent: 0) }
        return Normalised(negative: negative, digits: digits, exponent: exponent)
    }

    private func saturatedExponent(_ bytes: ArraySlice<UInt8>) -> Int {
        var value = 0
        for byte in bytes
        where byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") && value < 100_000_000_000_000_000 {
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return bytes.first == UInt8(ascii: "-") ? -value : value
    }
}

extension JSONNumber: Comparable {
    /// Equality of the mathematical values.
    public static func == (one: JSONNumber, other: JSONNumber) -> Bool {
        one.text == other.text || one.normalised == other.normalised
    }

    /// Order of the mathematical values.
    public static func < (one: JSONNumber, other: JSONNumber) -> Bool {
        let (left, right) = (one.normalised, other.normalised)
        if left.negative != right.negative { return left.negative }
        return left.negative ? right.isSmallerMagnitude(than: left) : left.isSmallerMagnitude(than: right)
    }
}

extension JSONNumber.Normalised {
    func isSmallerMagnitude(than other: Self) -> Bool {
        if digits.isEmpty || other.digits.isEmpty { return digits.isEmpty && !other.digits.isEmpty }
        let (own, theirs) = (digits.count + exponent, other.digits.count + other.exponent)
        return own == theirs ? digits.lexicographicallyPrecedes(other.digits) : own < theirs
    }
}
