import NIOCore
import Testing

@testable import simpul_bench

@Suite struct ResponseReaderTests {
    @Test(arguments: [
        "HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n", "HTTP/2 200\r\ncontent-length: 0\r\n\r\n",
        "HTTP/1.1 2xx\r\ncontent-length: 0\r\n\r\n", "HTTP/1.1 100 Continue\r\ncontent-length: 0\r\n\r\n",
        "SSH-2.0-OpenSSH\r\n\r\n",
    ])
    func `what has no status line of HTTP 1.1 is refused`(_ text: String) {
        #expect(throws: BenchError.self) { try answers(in: text) }
    }

    @Test(arguments: [
        "HTTP/1.1 200 OK\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 99999999\r\n\r\n",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ncontent-length: 1\r\n\r\na",
        "HTTP/1.1 200 OK\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\na",
        "HTTP/1.1 200 OK\r\ntransfer-encoding: gzip\r\n\r\n",
    ])
    func `an answer that does not say how long it is, or says it twice, is refused`(_ text: String) {
        #expect(throws: BenchError.self) { try answers(in: text) }
    }

    @Test(arguments: ["x\r\n", "\r\n", "-1\r\na\r\n", "3\r\nabcd\r\n0\r\n\r\n", "ffffffff1\r\n", "3\nabc\r\n"])
    func `chunks of another form are refused`(_ chunks: String) {
        #expect(throws: BenchError.self) {
            try answers(in: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n\(chunks)")
        }
    }

    @Test func `a head without an end, and chunks without an end, stop at a bound`() {
        #expect(throws: BenchError.self) {
            try answers(in: "HTTP/1.1 200 OK\r\nx: " + String(repeating: "a", count: 40_000))
        }
        var reader = ResponseReader(bodyLimit: 8)
        reader.take(ByteBuffer(string: "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nabcde\r\n5\r\n"))
        #expect(throws: BenchError.self) { try reader.next() }
    }

    @Test(arguments: [
        "HTTP/1.1 201 Created\r\nContent-Type: application/jose\r\nContent-Length: 5\r\n\r\na.b.c",
        "HTTP/1.1 201 Created\r\ntransfer-encoding: chunked\r\n\r\n2\r\na.\r\n3;x=y\r\nb.c\r\n0\r\nTrailer: t\r\n\r\n",
    ])
    func `an answer is the same however its octets are cut`(_ text: String) throws {
        let whole = try answers(in: text)
        #expect(whole == [Answer(status: 201, body: ByteBuffer(string: "a.b.c"))])
        for size in 1...text.utf8.count { #expect(try answers(in: text, cutInto: size) == whole) }
    }

    @Test func `answers follow each other, with bodies and without`() throws {
        let text =
            "HTTP/1.1 204 No Content\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok"
            + "HTTP/1.1 503 Service Unavailable\r\ncontent-length: 0\r\n\r\n"
        #expect(try answers(in: text).map(\.status) == [204, 200, 503])
    }

    private func answers(in text: String, cutInto size: Int = .max) throws -> [Answer] {
        var (reader, found, rest) = (ResponseReader(), [Answer](), Array(text.utf8)[...])
        while !rest.isEmpty {
            reader.take(ByteBuffer(bytes: rest.prefix(size)))
            rest = rest.dropFirst(size)
            while let answer = try reader.next() { found.append(answer) }
        }
        return found
    }
}
