import StrictJSON

/// A divisor with more digits than a machine word holds. Everything is done by adding remainders, which is slow and
/// plain: a step for each bit or digit, each as long as the divisor.
final class LargeDivisor: Sendable {
    /// How many significant digits a divisor may have: each digit of an instance costs five additions of that length.
    static let maximumDigits = 200

    /// Words of 32 bits, least significant first.
    private let words: [UInt32]
    private let exponent: Int

    /// Nil for more digits than there may be. Zero and what is negative must not come here.
    init?(_ normal: JSONNumber.Normalised) {
        guard normal.digits.count <= Self.maximumDigits else { return nil }
        exponent = normal.exponent
        var words: [UInt32] = []
        for digit in normal.digits {
            var carry = UInt64(digit)
            for index in words.indices {
                carry += UInt64(words[index]) * 10
                words[index] = UInt32(truncatingIfNeeded: carry)
                carry >>= 32
            }
            if carry > 0 { words.append(UInt32(carry)) }
        }
        self.words = words
    }

    func divides(_ value: JSONValue) -> Bool {
        guard let normal = value.number?.normalised else { return true }
        if normal.digits.isEmpty { return true }
        // Digits have no trailing zero: what ends below the divisor's last digit is no multiple of it.
        guard normal.exponent >= exponent else { return false }
        var remainder = number(0)
        for digit in normal.digits { remainder = sum(tenfold(remainder), number(UInt32(digit))) }
        return multiply(remainder, power(normal.exponent - exponent)).allSatisfy { $0 == 0 }
    }

    /// 10^exponent, as a remainder.
    private func power(_ exponent: Int) -> [UInt32] {
        var (result, square, rest) = (number(1), number(10), exponent)
        while rest > 0 {
            if rest & 1 == 1 { result = multiply(result, square) }
            square = multiply(square, square)
            rest >>= 1
        }
        return result
    }

    private func multiply(_ one: [UInt32], _ other: [UInt32]) -> [UInt32] {
        var result = number(0)
        for word in other.reversed() {
            for bit in (0..<32 as Range<UInt32>).reversed() {
                result = sum(result, result)
                if word >> bit & 1 == 1 { result = sum(result, one) }
            }
        }
        return result
    }

    private func tenfold(_ one: [UInt32]) -> [UInt32] {
        let twice = sum(one, one)
        let eightfold = sum(sum(twice, twice), sum(twice, twice))
        return sum(eightfold, twice)
    }

    /// The sum of two remainders, which is less than twice the divisor.
    private func sum(_ one: [UInt32], _ other: [UInt32]) -> [UInt32] {
        var result = one
        var carry: UInt64 = 0
        for index in result.indices {
            carry += UInt64(one[index]) + UInt64(other[index])
            result[index] = UInt32(truncatingIfNeeded: carry)
            carry >>= 32
        }
        if carry > 0 || !isSmaller(result) { subtract(&result) }
        return result
    }

    private func isSmaller(_ number: [UInt32]) -> Bool {
        for (own, divisor) in zip(number, words).reversed() where own != divisor { return own < divisor }
        return false
    }

    private func subtract(_ number: inout [UInt32]) {
        var borrow: Int64 = 0
        for index in number.indices {
            borrow += Int64(number[index]) - Int64(words[index])
            number[index] = UInt32(truncatingIfNeeded: borrow)
            borrow >>= 32
        }
    }

    private func number(_ small: UInt32) -> [UInt32] {
        [small] + [UInt32](repeating: 0, count: words.count - 1)
    }
}
