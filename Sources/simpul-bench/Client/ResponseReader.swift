import NIOCore

/// One HTTP/1.1 answer.
struct Answer: Sendable, Equatable {
    var status: Int
    var body: ByteBuffer
    /// Whether it is a piece of an answer that goes on.
    var isPiece = false
}

/// Reads the answers of one connection out of the octets that come in, whole ones at a time: a status line, fields of
/// which only the length and the transfer coding matter, and a body of known length or in chunks. What it holds is
/// bounded; what it does not understand is an error, never a guess.
struct ResponseReader: Sendable {
    fileprivate enum State: Sendable {
        case head
        case body(Int)
        case chunkSize
        case chunk(Int)
        case chunkEnd
        case trailer
    }

    private var state = State.head
    private var input = ByteBuffer()
    private var answer = Answer(status: 0, body: ByteBuffer())
    private let bodyLimit: Int
    /// Whether each chunk is given out by itself, as a piece.
    var isInPieces = false

    static let headLimit = 32 * 1024

    init(bodyLimit: Int = 16 * 1024 * 1024) { self.bodyLimit = bodyLimit }

    /// Whether nothing of an answer has come that was not given out.
    var isBetweenAnswers: Bool {
        guard case .head = state else { return false }
        return input.readableBytes == 0
    }

    /// Takes what has come in.
    mutating func take(_ octets: ByteBuffer) {
        if input.readableBytes == 0 {
            input = octets
        } else {
            var octets = octets
            input.writeBuffer(&octets)
        }
    }

    /// The next whole answer; nil until it is there.
    /// - Throws: ``BenchError`` where the octets are no answer or exceed a bound.
    mutating func next() throws(BenchError) -> Answer? {
        while true {
            switch state {
            case .head:
                guard let line = try headIfWhole() else { return nil }
                state = try ResponseHead(line, bodyLimit: bodyLimit).framing.state
                answer.status = try ResponseHead.status(line)
            case .body(let count):
                guard let body = input.readSlice(length: count) else { return nil }
                answer.body = body
                return finished()
            case .chunkSize:
                guard let size = try chunkSizeIfWhole() else { return nil }
                guard answer.body.readableBytes + size <= bodyLimit else { throw BenchError("an answer is too large") }
                state = size == 0 ? .trailer : .chunk(size)
            case .chunk(let size):
                guard var chunk = input.readSlice(length: size) else { return nil }
                if isInPieces {
                    state = .chunkEnd
                    return Answer(status: answer.status, body: chunk, isPiece: true)
                }
                answer.body.writeBuffer(&chunk)
                state = .chunkEnd
            case .chunkEnd:
                guard let line = try lineIfWhole() else { return nil }
                guard line.isEmpty else { throw BenchError("a chunk is longer than its size") }
                state = .chunkSize
            case .trailer:
                guard let line = try lineIfWhole() else { return nil }
                if line.isEmpty { return finished() }
            }
        }
    }

    private mutating func finished() -> Answer {
        defer {
            answer = Answer(status: 0, body: ByteBuffer())
            state = .head
        }
        return answer
    }

    private mutating func headIfWhole() throws(BenchError) -> ByteBufferView? {
        let view = input.readableBytesView
        guard let end = view.endOfHead else {
            guard view.count <= Self.headLimit else { throw BenchError("an answer's head is too long") }
            return nil
        }
        let count = end - view.startIndex
        guard count <= Self.headLimit else { throw BenchError("an answer's head is too long") }
        return input.readSlice(length: count)?.readableBytesView
    }

    private mutating func chunkSizeIfWhole() throws(BenchError) -> Int? {
        guard let line = try lineIfWhole() else { return nil }
        let digits = line.prefix { $0 != UInt8(ascii: ";") }
        guard digits.count <= 8, let size = Int(String(decoding: digits, as: UTF8.self), radix: 16), size >= 0 else {
            throw BenchError("a chunk has no size")
        }
        return size
    }

    /// A line without its end.
    private mutating func lineIfWhole() throws(BenchError) -> ByteBufferView? {
        let view = input.readableBytesView
        guard let end = view.prefix(1024).firstIndex(of: UInt8(ascii: "\n")) else {
            guard view.count < 1024 else { throw BenchError("a chunk's line is too long") }
            return nil
        }
        guard let line = input.readSlice(length: end - view.startIndex + 1)?.readableBytesView,
            line.dropLast().last == UInt8(ascii: "\r")
        else { throw BenchError("a line ends without CR") }
        return line.dropLast(2)
    }
}

extension ResponseHead.Framing {
    fileprivate var state: ResponseReader.State {
        switch self {
        case .length(let count): .body(count)
        case .chunked: .chunkSize
        }
    }
}

extension ByteBufferView {
    /// The index after the empty line that ends a head.
    fileprivate var endOfHead: Int? {
        var from = startIndex
        while let line = self[from...].firstIndex(of: UInt8(ascii: "\n")) {
            if self[from..<line].elementsEqual([UInt8(ascii: "\r")]) { return line + 1 }
            from = line + 1
        }
        return nil
    }
}
