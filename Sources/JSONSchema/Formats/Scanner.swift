/// A cursor over octets, for the small grammars of formats.
struct Scanner {
    private let bytes: ArraySlice<UInt8>
    private(set) var at: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        at = bytes.startIndex
    }

    var isAtEnd: Bool { at == bytes.endIndex }
    var peek: UInt8? { at < bytes.endIndex ? bytes[at] : nil }
    var rest: ArraySlice<UInt8> { bytes[at...] }

    mutating func next() -> UInt8? {
        guard let byte = peek else { return nil }
        at += 1
        return byte
    }

    mutating func take(_ scalar: Unicode.Scalar) -> Bool {
        guard peek == UInt8(ascii: scalar) else { return false }
        at += 1
        return true
    }

    mutating func take(where accepts: (UInt8) -> Bool) -> ArraySlice<UInt8> {
        let start = at
        while let byte = peek, accepts(byte) { at += 1 }
        return bytes[start..<at]
    }

    /// Exactly that many decimal digits.
    mutating func number(digits count: Int) -> Int? {
        var value = 0
        for _ in 0..<count {
            guard let byte = next(), byte.isDigit else { return nil }
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
        }
        return value
    }
}

extension UInt8 {
    var isDigit: Bool { self &- UInt8(ascii: "0") < 10 }
    var isLetter: Bool { (self | 0x20) &- UInt8(ascii: "a") < 26 }
    var isHexDigit: Bool { isDigit || (self | 0x20) &- UInt8(ascii: "a") < 6 }

    func isOne(of characters: StaticString) -> Bool {
        characters.withUTF8Buffer { $0.contains(self) }
    }
}
