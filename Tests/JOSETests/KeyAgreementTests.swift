import Testing

@testable import JOSE

@Suite struct KeyAgreementTests {
    static func octets(_ text: String) throws -> [UInt8] { try #require(Base64URL.decode(text.utf8)) }

    /// Bob's public key of RFC 7518 appendix C.
    static func bob() throws -> PublicKey {
        try #require(
            P256Point(
                x: octets("weNJy2HscCSM6AEDTDg04biOvhFhyyWvOHQfeF_PxMQ"),
                y: octets("e8lnCO-AlStT-NJVX-crhB7QRYhiix03illJOVAOyck"))?.publicKey)
    }

    /// Alice's ephemeral key of RFC 7518 appendix C, as the DER of RFC 5915.
    static let alicePEM = """
        -----BEGIN EC PRIVATE KEY-----
        MDECAQEEINPzcWkT1DEKACbedBs/GIk6/IEU8MhGgrpnfjE6E5iKoAoGCCqGSM49AwEH
        -----END EC PRIVATE KEY-----
        """

    /// Not on the curve; of other lengths; the point at infinity has no coordinates at all.
    @Test func `coordinates that are no point of the curve are no key`() throws {
        guard case .point(.p256, let pointX, let pointY) = try Self.bob().material else {
            Issue.record("no point of P-256")
            return
        }
        let zero = [UInt8](repeating: 0, count: 32)
        let most = [UInt8](repeating: 0xFF, count: 32)
        let wrong = [
            (pointX, pointX), (pointY, pointX), (zero, zero), (most, pointY), (pointX, most),
            (Array(pointX.dropFirst()), pointY), (pointX, pointY + [0]), ([0] + pointX, pointY), ([], []),
        ]
        for (x, y) in wrong { #expect(P256Point(x: x, y: y) == nil) }
    }

    /// x = 0 is on the curve; x = p is the same number of the field, written beyond it (SP 800-186 §3.2.1.3).
    @Test func `a coordinate beyond the field's prime is refused, though it names a point`() throws {
        let zero = [UInt8](repeating: 0, count: 32)
        let prime = try #require(Base64URL.decode("_____wAAAAEAAAAAAAAAAAAAAAD_______________8".utf8))
        let root = try #require(Base64URL.decode("ZkhceA4vg9ckM71dhKBrtlQcKvMdrocXKL-FahdPk_Q".utf8))
        #expect(prime.count == 32 && root.count == 32)
        #expect(P256Point(x: zero, y: root) != nil)
        #expect(P256Point(x: prime, y: root) == nil)
    }

    @Test func `keys of other kinds agree on nothing`() {
        let (one, other) = (PrivateKey.generate(.p256), PrivateKey.generate(.ed25519))
        #expect(KeyAgreement.sharedSecret(one, with: other.publicKey) == nil)
        #expect(KeyAgreement.sharedSecret(other, with: one.publicKey) == nil)
        #expect(KeyAgreement.wrappingKey(other, with: other.publicKey) == nil)
    }

    @Test func `the example of RFC 7518 appendix C is met`() throws {
        let secret = try #require(KeyAgreement.sharedSecret(try PrivateKey(pem: Self.alicePEM), with: try Self.bob()))
        #expect(
            secret == [
                158, 86, 217, 29, 129, 113, 53, 211, 114, 131, 66, 131, 191, 132, 38, 156, 251, 49, 110, 163, 218, 128,
                106, 72, 246, 218, 167, 121, 140, 254, 144, 196,
            ])
        let derived = KeyAgreement.concatKDF(
            secret, algorithm: "A128GCM", partyU: Array("Alice".utf8), partyV: Array("Bob".utf8), bits: 128)
        #expect(Base64URL.encode(derived) == "VqqN6vgjbSBcIijNcacQGg")
    }

    @Test func `both sides agree`() throws {
        let (one, other) = (PrivateKey.generate(.p256), PrivateKey.generate(.p256))
        let key = try #require(KeyAgreement.wrappingKey(one, with: other.publicKey))
        #expect(key == KeyAgreement.wrappingKey(other, with: one.publicKey))
        #expect(key.count == 32)
    }
}
