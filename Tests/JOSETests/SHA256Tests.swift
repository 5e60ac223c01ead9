import COpenSSL
import JOSE
import Testing

@Suite struct SHA256Tests {
    static let ofABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"

    @Test(arguments: [0, 31, 33])
    func `a digest of another length is refused`(_ count: Int) {
        #expect(SHA256Digest(bytes: [UInt8](repeating: 0, count: count)) == nil)
    }

    @Test(arguments: [ofABC.uppercased(), String(ofABC.dropLast()), ofABC + "00", "g" + ofABC.dropFirst(), ""])
    func `a digest in other digits is refused`(_ text: String) { #expect(SHA256Digest(hex: text) == nil) }

    @Test func `the example of FIPS 180-4 is met, also for a slice and for nothing`() {
        #expect(SHA256.hash(Array("abc".utf8)).hex == Self.ofABC)
        #expect(SHA256.hash(Array("xabcx".utf8)[1..<4]).hex == Self.ofABC)
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
        #expect(SHA256.hash([]).hex == empty)
    }

    @Test func `a digest comes back from each of its texts`() {
        let digest = SHA256.hash("abc".utf8)
        #expect(SHA256Digest(hex: digest.hex) == digest)
        #expect(SHA256Digest(base64url: digest.base64url) == digest)
        #expect(digest.base64url.utf8.count == 43)
        #expect(ERR_peek_error() == 0)
    }
}
