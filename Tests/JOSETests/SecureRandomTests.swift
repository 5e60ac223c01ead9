import JOSE
import Testing

@Suite struct SecureRandomTests {
    @Test func `no two values of 128 bits are equal, and each has its length`() {
        let values = Set((0..<1000).map { _ in SecureRandom.bytes(16) })
        #expect(values.count == 1000)
        #expect(values.allSatisfy { $0.count == 16 })
        #expect(SecureRandom.bytes(0).isEmpty)
    }
}
