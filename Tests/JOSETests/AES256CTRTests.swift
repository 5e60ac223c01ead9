import COpenSSL
import Testing

@testable import JOSE

/// NIST SP 800-38A, F.5.5 and F.5.6: CTR-AES256.
@Suite struct AES256CTRTests {
    private static func bytes(_ hex: String) throws -> [UInt8] { try #require(Hex.decode(hex.utf8)) }

    private static let key = "603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4"
    private static let counter = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff"
    private static let plaintext =
        "6bc1bee22e409f96e93d7e117393172aae2d8a571e03ac9c9eb76fac45af8e51"
        + "30c81c46a35ce411e5fbc1191a0a52eff69f2445df4f9b17ad2b417be66c3710"
    private static let ciphertext =
        "601ec313775789a5b7a7f504bbf3d228f443e3ca4d62b59aca84e990cacaf5c5"
        + "2b0930daa23de94ce87017ba2d84988ddfc9c58db67aada613c2dd08457941a6"

    private func applied(_ bytes: [UInt8], pieces: Int) throws -> [UInt8] {
        let cipher = try #require(AES256CTR(key: Self.bytes(Self.key), iv: Self.bytes(Self.counter)))
        var output = bytes
        output.withUnsafeMutableBytes { all in
            var start = 0
            while start < all.count {
                let end = min(start + pieces, all.count)
                cipher.apply(to: UnsafeMutableRawBufferPointer(rebasing: all[start..<end]))
                start = end
            }
        }
        return output
    }

    @Test(arguments: [64, 1, 7, 16, 33])
    func `the vectors of NIST come out both ways, in pieces of any length`(pieces: Int) throws {
        let (plain, secret) = (try Self.bytes(Self.plaintext), try Self.bytes(Self.ciphertext))
        #expect(try applied(plain, pieces: pieces) == secret)
        #expect(try applied(secret, pieces: pieces) == plain)
    }

    @Test(arguments: [(31, 16), (33, 16), (32, 12), (32, 17), (0, 0)])
    func `a key or an IV of another length makes no cipher`(key: Int, iv: Int) {
        #expect(AES256CTR(key: [UInt8](repeating: 1, count: key), iv: [UInt8](repeating: 1, count: iv)) == nil)
    }

    @Test func `nothing stays nothing, and no error is left behind`() throws {
        #expect(try applied([], pieces: 1) == [])
        #expect(ERR_peek_error() == 0)
    }
}
