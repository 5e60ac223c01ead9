/// A parsed JSON text (RFC 8259): its bytes, and a flat tape with one 16-byte entry for each value and name.
///
/// Guarantees: the text was UTF-8 without byte order mark, names are unique in each object after unescaping, no
/// surrogate stands alone, nothing follows the value, and depth and numbers are within the limits given.
/// Parsing takes one pass, linear time and no recursion.
public struct JSONDocument: Sendable {
    let tape: Tape

    /// Parses a whole text.
    /// - Throws: ``JSONError`` with the place of the first fault.
    public init(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
        var parser = Parser(bytes: bytes, limits: limits)
        tape = try parser.parse()
    }

    /// The value that the text is.
    public var root: JSONValue { JSONValue(tape: tape, index: 0) }

    /// The text as it was given.
    public var bytes: [UInt8] { tape.bytes }

    /// One-based line and column (in bytes) of an offset of the text.
    public func position(of offset: Int) -> (line: Int, column: Int) {
        let error = JSONError(.unexpectedByte, at: offset, in: tape.bytes)
        return (error.line, error.column)
    }
}

/// One entry of the tape. A name is a string entry that stands before its value.
struct Entry {
    enum Kind: UInt8 {
        case null, `true`, `false`, integer, decimal, plainString, escapedString, array, object
    }

    var kind: Kind
    /// Offset of the first byte; for strings of the first byte after the quotation mark.
    var start: UInt32
    /// Length in bytes as written; for strings without the quotation marks.
    var length: UInt32
    /// For containers the index of the entry behind the container; otherwise unused.
    var next: UInt32
}

final class Tape: Sendable {
    let bytes: [UInt8]
    let entries: [Entry]

    init(bytes: [UInt8], entries: [Entry]) {
        self.bytes = bytes
        self.entries = entries
    }

    func index(after index: Int) -> Int {
        let entry = entries[index]
        return entry.kind == .array || entry.kind == .object ? Int(entry.next) : index + 1
    }
}
