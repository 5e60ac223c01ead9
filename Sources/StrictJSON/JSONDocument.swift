/// A parsed JSON text (RFC 8259): its bytes, and a flat tape with one 16-byte entry for each value and name.
///
/// Guarantees: the text was UTF-8 without byte order mark, names are unique in each object after unescaping, no
/// surrogate stands alone, nothing follows the value, and depth and numbers are within the limits given.
/// Parsing takes one pass, linear time and no recursion.
public struct JSONDocument: Sendable {
    let tape: Tape

    /// Parses a whole text.
    /// - Throws: ``JSONError`` with the place of the first fault; a name that stands twice is found where its object ends.
    public init(_ bytes: [UInt8], limits: JSONLimits = JSONLimits()) throws(JSONError) {
        tape = try Parser.parse(bytes, limits: limits)
    }

    /// The value that the text is.
    public var root: JSONValue { JSONValue(tape: tape, index: 0) }

    /// The text as it was given.
    public var bytes: [UInt8] { tape.bytes }

    /// One-based line and column (in bytes) of an offset of the text, which must not be negative.
    public func position(of offset: Int) -> (line: Int, column: Int) {
        let error = tape.bytes.withUnsafeBufferPointer { JSONError(.unexpectedByte, at: offset, in: $0) }
        return (error.line, error.column)
    }
}
