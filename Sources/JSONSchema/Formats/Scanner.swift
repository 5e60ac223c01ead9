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

    /// One code point of UTF-8; nil at the end, and before octets that are no UTF-8 (RFC 3629 §4).
    mutating func nextCodePoint() -> UInt32? {
        guard let first = peek else { return nil }
        guard first >= 0x80 else {
            at += 1
            return UInt32(first)
        }
        let length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard (0xC2...0xF4).contains(first), bytes.endIndex - at >= length else { return nil }
        var value = UInt32(first) & (0x7F >> UInt32(length))
        for byte in bytes[(at + 1)..<(at + length)] {
            guard byte & 0xC0 == 0x80 else { return nil }
            value = value << 6 | UInt32(byte & 0x3F)
        }
        guard length == 2 || value >> UInt32(5 * length - 4) > 0, Unicode.Scalar(value) != nil else { return nil }
        at += length
        return value
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

    /// A percent escape's two digits (RFC 3986 §2.1), after the percent sign.
    mutating func takeEscape() -> Bool {
        next()?.isHexDigit == true && next()?.isHexDigit == true
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
    var lowercased: UInt8 { self &- UInt8(ascii: "A") < 26 ? self | 0x20 : self }

    func isOne(of characters: StaticString) -> Bool {
        characters.withUTF8Buffer { $0.contains(self) }
    }
}
