/// Why a text is not acceptable JSON, and where. Equality looks at everything, so tests can name the exact place.
public struct JSONError: Error, Hashable, Sendable {
    /// The kind of fault. The raw value is stable and may be shown to users; it never holds a value of the text.
    public enum Code: String, Hashable, Sendable, CaseIterable {
        case empty = "the text is empty"
        case tooLarge = "the text is larger than this parser addresses (4 GiB)"
        case byteOrderMark = "the text starts with a byte order mark"
        case unexpectedByte = "a byte that cannot stand here"
        case unexpectedEnd = "the text ends inside a value"
        case trailingText = "text follows the value"
        case invalidUTF8 = "the text is not UTF-8"
        case controlCharacter = "a control character inside a string"
        case invalidEscape = "an escape that RFC 8259 does not know"
        case loneSurrogate = "a surrogate without its pair"
        case invalidNumber = "a number that RFC 8259 does not know"
        case numberOutOfRange = "a number outside the range that every reader keeps exactly"
        case duplicateName = "an object has the same name twice"
        case tooDeep = "the text is nested too deeply"
    }

    /// What is wrong.
    public var code: Code
    /// Zero-based offset of the first byte that is wrong.
    public var offset: Int
    /// One-based line of that byte; lines end with LF.
    public var line: Int
    /// One-based column of that byte, counted in bytes.
    public var column: Int

    init(_ code: Code, at offset: Int, in bytes: UnsafeBufferPointer<UInt8>) {
        self.code = code
        self.offset = offset
        var line = 1
        var lineStart = 0
        for index in 0..<min(offset, bytes.count) where bytes[index] == UInt8(ascii: "\n") {
            line += 1
            lineStart = index + 1
        }
        self.line = line
        self.column = offset - lineStart + 1
    }
}

extension JSONError: CustomStringConvertible {
    /// `line:column: what is wrong`, without any value of the text.
    public var description: String { "\(line):\(column): \(code.rawValue)" }
}
