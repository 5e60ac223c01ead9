import JOSE
import Testing

@Suite struct DeflateTests {
    static let document = Array(String(repeating: "{\"contoh\":\"fiktif\",\"nomor\":12345}", count: 64).utf8)

    @Test func `a bomb of 256 MiB is refused at the limit`() {
        let bomb = Deflate.deflate([UInt8](repeating: 0, count: 256 << 20))
        #expect(bomb.count < 300_000)
        #expect(throws: DeflateError.tooLarge) { try Deflate.inflate(bomb[...], limit: 1 << 20) }
        #expect(throws: DeflateError.tooLarge) { try Deflate.inflatePrefix(bomb[...], limit: 1 << 20) }
    }

    @Test func `one octet beyond the limit is too many and the limit itself is not`() throws {
        let stream = Deflate.deflate(Self.document)
        #expect(try Deflate.inflate(stream[...], limit: Self.document.count) == Self.document)
        #expect(throws: DeflateError.tooLarge) { try Deflate.inflate(stream[...], limit: Self.document.count - 1) }
        #expect(throws: DeflateError.tooLarge) { try Deflate.inflate(stream[...], limit: 0) }
    }

    @Test func `octets behind the stream are refused, and counted where padding is allowed`() throws {
        let stream = Deflate.deflate(Self.document)
        let padded = stream + [UInt8](repeating: 0, count: 100)
        #expect(throws: DeflateError.trailingBytes) { try Deflate.inflate(padded[...], limit: 1 << 20) }
        let (output, consumed) = try Deflate.inflatePrefix(padded[...], limit: 1 << 20)
        #expect(output == Self.document)
        #expect(consumed == stream.count)
    }

    @Test func `a stream cut anywhere is truncated`() {
        let stream = Deflate.deflate(Self.document)
        for count in 0..<stream.count {
            #expect(throws: DeflateError.truncated) { try Deflate.inflate(stream[..<count], limit: 1 << 20) }
        }
    }

    @Test(
        arguments: [[0x07], [0xFF, 0xFF], [0x78, 0x9C, 0x03, 0x00], [0x01, 0x01, 0x00, 0x00, 0x00, 0x41]] as [[UInt8]])
    func `octets that are no raw stream are corrupt`(_ bytes: [UInt8]) {
        #expect(throws: DeflateError.self) { try Deflate.inflate(bytes[...], limit: 100) }
    }

    @Test(arguments: [0, 1, 100, 65_536, 1_000_000])
    func `documents of every size come back, through streams used again`(_ count: Int) throws {
        for seed in 0..<3 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* ($0 >> 5) &+ seed) }
            #expect(try Deflate.inflate(Deflate.deflate(bytes)[...], limit: count) == bytes)
        }
    }

    @Test func `many threads may deflate at the same time`() async {
        let expected = Deflate.deflate(Self.document)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 { group.addTask { Deflate.deflate(Self.document) == expected } }
            for await same in group { #expect(same) }
        }
    }
}
