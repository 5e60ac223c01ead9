import COpenSSL
import Testing

@testable import JOSE

@Suite struct AES256Tests {
    static let key = (0..<32).map { UInt8($0) }
    static let iv = [UInt8](repeating: 7, count: 12)

    @Test func `a changed part does not open`() throws {
        let text = Array("CONTOH FIKTIF".utf8)
        let sealed = try #require(AES256.seal(text, key: Self.key, iv: Self.iv, authenticating: [1, 2]))
        func open(
            _ ciphertext: [UInt8], key: [UInt8] = Self.key, iv: [UInt8] = Self.iv, tag: [UInt8], _ more: [UInt8]
        ) -> [UInt8]? {
            AES256.open(ciphertext, key: key, iv: iv, tag: tag, authenticating: more)
        }
        #expect(open(sealed.ciphertext, tag: sealed.tag, [1, 2]) == text)
        #expect(open(sealed.ciphertext, tag: sealed.tag, [1, 3]) == nil)
        #expect(open(sealed.ciphertext, tag: sealed.tag, []) == nil)
        #expect(open(sealed.ciphertext + [0], tag: sealed.tag, [1, 2]) == nil)
        #expect(open([], tag: sealed.tag, [1, 2]) == nil)
        #expect(open(sealed.ciphertext, tag: [UInt8](repeating: 0, count: 16), [1, 2]) == nil)
        #expect(open(sealed.ciphertext, key: Self.key.reversed(), tag: sealed.tag, [1, 2]) == nil)
        #expect(open(sealed.ciphertext, iv: [UInt8](repeating: 8, count: 12), tag: sealed.tag, [1, 2]) == nil)
        #expect(ERR_peek_error() == 0)
    }

    @Test func `nothing can be sealed too`() throws {
        let sealed = try #require(AES256.seal([], key: Self.key, iv: Self.iv, authenticating: []))
        #expect(sealed.ciphertext.isEmpty)
        #expect(AES256.open([], key: Self.key, iv: Self.iv, tag: sealed.tag, authenticating: []) == [])
    }

    @Test func `the key wrap example of RFC 3394 section 4_6 goes both ways, and nothing beside it`() throws {
        let content = (0..<16).map { UInt8($0 * 17) } + (0..<16).map { UInt8($0) }
        let wrapped = try #require(AES256.wrap(content, with: Self.key))
        #expect(
            Hex.encode(wrapped) == "28c9f404c4b810f4cbccb35cfb87f8263f5786e2d80ed326cbc7f0e71a99f43bfb988b9b7a02dd21")
        #expect(AES256.unwrap(wrapped, with: Self.key) == content)
        #expect(AES256.unwrap(wrapped, with: Self.key.reversed()) == nil)
        #expect(AES256.unwrap(wrapped.dropLast(8), with: Self.key) == nil)
        for index in wrapped.indices {
            var changed = wrapped
            changed[index] ^= 0x80
            #expect(AES256.unwrap(changed, with: Self.key) == nil)
        }
    }
}
