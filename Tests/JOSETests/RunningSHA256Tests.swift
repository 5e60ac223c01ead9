import COpenSSL
import Testing

@testable import JOSE

@Suite struct RunningSHA256Tests {
    @Test(arguments: [0, 1, 55, 56, 63, 64, 65, 1000], [1, 3, 64, 1000])
    func `pieces have the digest of the whole`(count: Int, pieces: Int) {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31) }
        let running = RunningSHA256()
        for start in stride(from: 0, to: count, by: pieces) {
            running.update(bytes[start..<min(start + pieces, count)])
        }
        #expect(running.digest == SHA256.hash(bytes))
        #expect(ERR_peek_error() == 0)
    }

    @Test func `a digest on the way does not end it`() {
        let running = RunningSHA256()
        running.update(Array("ab".utf8))
        #expect(running.digest == SHA256.hash(Array("ab".utf8)))
        running.update(Array("c".utf8))
        #expect(running.digest.hex == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }
}
