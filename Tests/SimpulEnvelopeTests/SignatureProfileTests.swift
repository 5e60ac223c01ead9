import JOSE
import SimpulEnvelope
import Testing

/// What protocol §1 says, whatever the library underneath knows.
@Suite struct SignatureProfileTests {
    @Test func `the protocol takes four algorithms and no other`() {
        #expect(SignatureProfile.algorithms == [.ES256, .EdDSA, .PS256, .RS256])
        #expect(SignatureAlgorithm.allCases.count > SignatureProfile.algorithms.count)
    }

    @Test(arguments: [KeyKind.p384, .p521, .ed448, .rsa(bits: 2047), .rsa(bits: 8193), .other])
    func `another kind of key has no place in the network`(kind: KeyKind) {
        #expect(!SignatureProfile.takes(kind))
    }

    @Test(arguments: [KeyKind.p256, .ed25519, .rsa(bits: 2048), .rsa(bits: 3072), .rsa(bits: 8192)])
    func `the kinds of the protocol have theirs`(kind: KeyKind) { #expect(SignatureProfile.takes(kind)) }

    @Test func `EdDSA is Ed25519, never Ed448`() {
        #expect(SignatureProfile.allows(.EdDSA, with: PrivateKey.generate(.ed25519).publicKey))
        #expect(!SignatureProfile.allows(.EdDSA, with: PrivateKey.generate(.ed448).publicKey))
    }

    @Test func `an RSA key signs with the hashes of the protocol only`() {
        let key = PrivateKey.generate(.rsa2048).publicKey
        let allowed = SignatureAlgorithm.allCases.filter { SignatureProfile.allows($0, with: key) }
        #expect(allowed == [.PS256, .RS256])
    }

    @Test func `a private key of another kind is not read`() throws {
        for kind in [KeyKind.p384, .p521, .ed448] {
            let pem = PrivateKey.generate(kind).pem
            #expect(throws: KeyError.unsupported) { try SignatureProfile.privateKey(pem: pem) }
        }
        let pem = PrivateKey.generate(.p256).pem
        #expect(try SignatureProfile.privateKey(pem: pem).publicKey.kind == .p256)
    }
}
