/// What one position of a pattern accepts, as the pattern says it: cheap to read, whatever it names.
struct CharacterClass: Hashable, Sendable {
    enum Item: Hashable, Sendable {
        case range(ClosedRange<UInt32>)
        case digits(negated: Bool)
        case wordCharacters(negated: Bool)
        case spaces(negated: Bool)
        case property(UnicodeProperty, negated: Bool)
    }

    var items: [Item]
    var negated = false

    /// `.` without the flag `s`: everything but the line terminators.
    static let any = CharacterClass(
        items: [.range(0x0A...0x0A), .range(0x0D...0x0D), .range(0x2028...0x2029)], negated: true)

    /// `\d`, `\w`, `\s` and their negations; nil for every other letter.
    static func escape(_ letter: Unicode.Scalar) -> Item? {
        switch letter {
        case "d", "D": .digits(negated: letter == "D")
        case "w", "W": .wordCharacters(negated: letter == "W")
        case "s", "S": .spaces(negated: letter == "S")
        default: nil
        }
    }

    /// The code points meant. Each item counts once, so that a short class can not become many ranges.
    func resolve() -> CharacterSet {
        let set = CharacterSet(Set(items).flatMap(\.ranges))
        return negated ? set.inverted : set
    }
}

extension CharacterClass.Item {
    fileprivate var ranges: [ClosedRange<UInt32>] {
        switch self {
        case .range(let range): [range]
        case .digits(let negated): Self.ranges(of: Self.digits, negated)
        case .wordCharacters(let negated): Self.ranges(of: .wordCharacters, negated)
        case .spaces(let negated): Self.ranges(of: Self.spaces, negated)
        case .property(let property, let negated): Self.ranges(of: property.characters, negated)
        }
    }

    private static func ranges(of set: CharacterSet, _ negated: Bool) -> [ClosedRange<UInt32>] {
        (negated ? set.inverted : set).ranges
    }

    private static let digits = CharacterSet([0x30...0x39])
    /// WhiteSpace and LineTerminator of ECMA-262.
    private static let spaces = CharacterSet([
        0x09...0x0D, 0x20...0x20, 0xA0...0xA0, 0x1680...0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F...0x202F,
        0x205F...0x205F, 0x3000...0x3000, 0xFEFF...0xFEFF,
    ])
}

extension CharacterSet {
    /// What `\w` and the word boundary take for part of a word.
    static let wordCharacters = CharacterSet([0x30...0x39, 0x41...0x5A, 0x5F...0x5F, 0x61...0x7A])
}
