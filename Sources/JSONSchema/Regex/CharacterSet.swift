/// The code points that one position of a pattern accepts. ASCII is answered from two words.
final class CharacterSet: Sendable {
    private let negated: Bool
    private let ranges: [ClosedRange<UInt32>]
    private let parts: [CharacterSet]
    private let property: UnicodeProperty?
    private let low: UInt64
    private let high: UInt64

    init(
        ranges: [ClosedRange<UInt32>], parts: [CharacterSet] = [], property: UnicodeProperty? = nil,
        negated: Bool = false
    ) {
        (self.ranges, self.parts, self.property, self.negated) = (ranges, parts, property, negated)
        var words: [UInt64] = [0, 0]
        for byte in 0..<128 as Range<UInt8> {
            let scalar = Unicode.Scalar(byte)
            if Self.lookUp(scalar, ranges, parts, property) != negated {
                words[Int(byte / 64)] |= 1 << UInt64(byte % 64)
            }
        }
        (low, high) = (words[0], words[1])
    }

    convenience init(_ scalar: Unicode.Scalar) { self.init(ranges: [scalar.value...scalar.value]) }

    func contains(_ scalar: Unicode.Scalar) -> Bool {
        let value = scalar.value
        if value < 64 { return low >> UInt64(value) & 1 == 1 }
        if value < 128 { return high >> UInt64(value - 64) & 1 == 1 }
        return Self.lookUp(scalar, ranges, parts, property) != negated
    }

    private static func lookUp(
        _ scalar: Unicode.Scalar, _ ranges: [ClosedRange<UInt32>], _ parts: [CharacterSet],
        _ property: UnicodeProperty?
    ) -> Bool {
        ranges.contains { $0.contains(scalar.value) } || parts.contains { $0.contains(scalar) }
            || property?.contains(scalar) == true
    }
}

extension CharacterSet {
    static let any = CharacterSet(ranges: lineTerminators, negated: true)

    /// `\d`, `\w`, `\s` and their negations; nil for every other letter.
    static func escape(_ letter: Unicode.Scalar) -> CharacterSet? {
        switch letter {
        case "d": CharacterSet(ranges: digits)
        case "D": CharacterSet(ranges: digits, negated: true)
        case "w": CharacterSet(ranges: wordCharacters)
        case "W": CharacterSet(ranges: wordCharacters, negated: true)
        case "s": CharacterSet(ranges: spaces)
        case "S": CharacterSet(ranges: spaces, negated: true)
        default: nil
        }
    }

    private static let digits: [ClosedRange<UInt32>] = [0x30...0x39]
    private static let wordCharacters: [ClosedRange<UInt32>] = [0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A]
    private static let lineTerminators: [ClosedRange<UInt32>] = [0x0A...0x0A, 0x0D...0x0D, 0x2028...0x2029]
    private static let spaces: [ClosedRange<UInt32>] = [
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
        0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ]
}
