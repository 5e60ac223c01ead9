import Glibc
import NIOCore

/// The deliveries of an inbox answer, found without parsing it: a token or an id stands behind its member's name, and
/// nothing else in the answer can hold a quotation mark.
struct InboxAnswer {
    /// The tokens that settle, in order.
    let tokens: [ByteBuffer]
    private let body: ByteBuffer

    /// - Throws: ``BenchError`` where a token is cut off.
    init(_ body: ByteBuffer) throws(BenchError) {
        self.body = body
        tokens = try Self.values(of: "\"delivery\":\"", length: 22, in: body)
    }

    /// The messages' ids, in the order of the tokens.
    func ids() throws(BenchError) -> [ByteBuffer] { try Self.values(of: "\"id\":\"", length: 36, in: body) }

    private static func values(
        of name: StaticString, length: Int, in body: ByteBuffer
    ) throws(BenchError) -> [ByteBuffer] {
        var values: [ByteBuffer] = []
        var from = body.readerIndex
        while let start = position(of: name, in: body, from: from) {
            guard let value = body.getSlice(at: start, length: length),
                body.getInteger(at: start + length, as: UInt8.self) == UInt8(ascii: "\"")
            else { throw BenchError("an inbox answer has a member of another length") }
            values.append(value)
            from = start + length
        }
        return values
    }

    /// Where the text behind the name begins.
    private static func position(of name: StaticString, in body: ByteBuffer, from: Int) -> Int? {
        body.withUnsafeReadableBytes { bytes in
            guard let base = bytes.baseAddress else { return nil }
            var offset = from - body.readerIndex
            // Quotation marks are rare between the long values, so they are what is looked for.
            while bytes.count - offset >= name.utf8CodeUnitCount,
                let mark = memchr(base + offset, Int32(UInt8(ascii: "\"")), bytes.count - offset)
            {
                offset = UnsafeRawPointer(mark) - base
                guard bytes.count - offset >= name.utf8CodeUnitCount else { return nil }
                if memcmp(mark, name.utf8Start, name.utf8CodeUnitCount) == 0 {
                    return body.readerIndex + offset + name.utf8CodeUnitCount
                }
                offset += 1
            }
            return nil
        }
    }
}
