import NIOCore

/// What matters of an answer's head: its status, and how its body is framed.
struct ResponseHead {
    enum Framing: Sendable, Equatable {
        case length(Int)
        case chunked
    }

    let framing: Framing

    /// - Throws: ``BenchError`` where the head says nothing, or contradictory things, about its body.
    init(_ head: ByteBufferView, bodyLimit: Int) throws(BenchError) {
        var (length, isChunked): (Int?, Bool) = (nil, false)
        for line in head.split(separator: UInt8(ascii: "\n")).dropFirst() {
            if let value = Self.value(of: Self.contentLength, in: line) {
                guard length == nil, let count = Int(value), (0...bodyLimit).contains(count) else {
                    throw BenchError("an answer's length is malformed or too large")
                }
                length = count
            } else if let value = Self.value(of: Self.transferEncoding, in: line) {
                guard value == "chunked" else { throw BenchError("an answer has a transfer coding of another kind") }
                isChunked = true
            }
        }
        switch (length, isChunked) {
        case (let length?, false): framing = .length(length)
        case (nil, true): framing = .chunked
        case (nil, false) where try Self.status(head) == 204: framing = .length(0)
        default: throw BenchError("an answer does not say how long it is")
        }
    }

    /// The status of `HTTP/1.1 201 Created`.
    static func status(_ head: ByteBufferView) throws(BenchError) -> Int {
        let line = head.prefix(12)
        guard line.starts(with: "HTTP/1.1 ".utf8), let status = Int(String(decoding: line.suffix(3), as: UTF8.self)),
            (200...599).contains(status)
        else { throw BenchError("an answer has no status line of HTTP/1.1") }
        return status
    }

    private static let contentLength = Array("content-length:".utf8)
    private static let transferEncoding = Array("transfer-encoding:".utf8)

    /// The value of a field, where the line is that field.
    private static func value(of name: [UInt8], in line: ByteBufferView) -> String? {
        guard line.count > name.count, line.prefix(name.count).elementsEqual(name, by: { $0 | 0x20 == $1 | 0x20 })
        else {
            return nil
        }
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
        let value = line.dropFirst(name.count).drop(while: isSpace)
        return String(decoding: value.prefix { !isSpace($0) }, as: UTF8.self)
    }
}
