import StrictJSON

/// A divisor with more digits than a machine word holds. Everything is done by adding remainders, which is slow and
/// plain: a step for each digit, as long as the divisor, whatever the exponent.
final class LargeDivisor: Sendable {
    /// How many significant digits a divisor may have: each digit of an instance costs five additions of that length.
    static let maximumDigits = 200

    /// Words of 32 bits, least significant first.
    private let words: [UInt32]
    private let exponent: Int
    /// How many tens it takes until their product has all the twos and fives of the divisor; more change nothing.
    private let tens: Int

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
        tens = max(Self.twos(words), Self.fives(words))
    }

    private static func twos(_ words: [UInt32]) -> Int {
        let zeros = words.prefix { $0 == 0 }.count
        return zeros * 32 + (zeros < words.count ? words[zeros].trailingZeroBitCount : 0)
    }

    private static func fives(_ words: [UInt32]) -> Int {
        var (count, rest) = (0, words)
        while true {
            var remainder: UInt64 = 0
            for index in rest.indices.reversed() {
                remainder = remainder << 32 | UInt64(rest[index])
                rest[index] = UInt32(remainder / 5)
                remainder %= 5
            }
            guard remainder == 0 else { return count }
            count += 1
        }
    }

    func divides(_ value: JSONValue) -> Bool {
        guard let normal = value.number?.normalised else { return true }
        if normal.digits.isEmpty { return true }
        // Digits have no trailing zero: what ends below the divisor's last digit is no multiple of it.
        guard normal.exponent >= exponent else { return false }
        var remainder = number(0)
        for digit in normal.digits { remainder = sum(tenfold(remainder), number(UInt32(digit))) }
        for _ in 0..<min(normal.exponent - exponent, tens) { remainder = tenfold(remainder) }
        return remainder.allSatisfy { $0 == 0 }
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
