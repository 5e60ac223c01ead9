import COpenSSL
import JOSE
import Testing

@Suite struct KeyTests {
    static let keys: [KeyKind: PrivateKey] = [
        .p256: .generate(.p256), .ed25519: .generate(.ed25519), .rsa2048: .generate(.rsa2048),
    ]
    static let fitting: [(KeyKind, SignatureAlgorithm)] = [
        (.p256, .ES256), (.ed25519, .EdDSA), (.rsa2048, .PS256), (.rsa2048, .RS256),
    ]
    static let message = Array("CONTOH FIKTIF".utf8)

    @Test func `an algorithm that does not fit the key neither signs nor verifies`() throws {
        for (kind, own) in Self.fitting {
            let key = try #require(Self.keys[kind])
            let signature = try key.sign(Self.message, algorithm: own)
            for other in SignatureAlgorithm.allCases where !key.publicKey.allows(other) {
                #expect(throws: KeyError.algorithmMismatch) { try key.sign(Self.message, algorithm: other) }
                #expect(!key.publicKey.verify(signature, of: Self.message, algorithm: other))
            }
        }
        let rsa = try #require(Self.keys[.rsa2048])
        let pss = try rsa.sign(Self.message, algorithm: .PS256)
        #expect(!rsa.publicKey.verify(pss, of: Self.message, algorithm: .RS256))
    }

    @Test(arguments: fitting)
    func `a changed, cut or extended signature is refused`(_ kind: KeyKind, _ algorithm: SignatureAlgorithm) throws {
        let key = try #require(Self.keys[kind])
        let signature = try key.sign(Self.message, algorithm: algorithm)
        #expect(key.publicKey.verify(signature, of: Self.message, algorithm: algorithm))
        var wrong = [[], Array(signature.dropLast()), Array(signature.dropFirst()), signature + [0], [0] + signature]
        for index in [0, 1, signature.count / 2, signature.count - 1] {
            var changed = signature
            changed[index] ^= 1
            wrong.append(changed)
        }
        for signature in wrong {
            #expect(!key.publicKey.verify(signature, of: Self.message, algorithm: algorithm))
        }
        #expect(!key.publicKey.verify(signature, of: Self.message + [0], algorithm: algorithm))
        #expect(ERR_peek_error() == 0)
    }

    @Test(arguments: fitting)
    func `another key of the same kind verifies nothing`(_ kind: KeyKind, _ algorithm: SignatureAlgorithm) throws {
        let signature = try #require(Self.keys[kind]).sign(Self.message, algorithm: algorithm)
        let other = PrivateKey.generate(kind).publicKey
        #expect(!other.verify(signature, of: Self.message, algorithm: algorithm))
    }

    @Test func `r or s of zero is refused, and so are numbers of the order and above`() throws {
        let key = try #require(Self.keys[.p256])
        let signature = try key.sign(Self.message, algorithm: .ES256)
        let zero = [UInt8](repeating: 0, count: 32)
        let most = [UInt8](repeating: 0xFF, count: 32)
        let (r, s) = (Array(signature.prefix(32)), Array(signature.suffix(32)))
        for wrong in [zero + s, r + zero, zero + zero, most + s, r + most, s + r] {
            #expect(!key.publicKey.verify(wrong, of: Self.message, algorithm: .ES256))
        }
    }

    @Test func `an ES256 signature in DER is refused`() throws {
        let key = try #require(Self.keys[.p256])
        let raw = try key.sign(Self.message, algorithm: .ES256)
        func integer(_ digits: ArraySlice<UInt8>) -> [UInt8] {
            let short = Array(digits.drop { $0 == 0 })
            let padded = (short.first ?? 0) >= 0x80 ? [0] + short : short
            return [0x02, UInt8(padded.count)] + padded
        }
        let body = integer(raw[..<32]) + integer(raw[32...])
        #expect(!key.publicKey.verify([0x30, UInt8(body.count)] + body, of: Self.message, algorithm: .ES256))
    }

    @Test func `an ES256 signature always has 64 octets`() throws {
        let key = try #require(Self.keys[.p256])
        for number in 0..<300 {
            let message = Array("nomor \(number)".utf8)
            let signature = try key.sign(message, algorithm: .ES256)
            #expect(signature.count == 64)
            #expect(key.publicKey.verify(signature, of: message, algorithm: .ES256))
        }
    }

    @Test(arguments: ["", "bukan kunci", Fixtures.encryptedKey, Fixtures.root, String(Fixtures.weakKey.dropLast(200))])
    func `a text that is no readable key is malformed`(_ text: String) {
        #expect(throws: KeyError.malformed) { try PrivateKey(pem: text) }
        #expect(ERR_peek_error() == 0)
    }

    @Test(arguments: [Fixtures.weakKey, Fixtures.p384Key])
    func `a key of a kind that is not used is unsupported`(_ text: String) {
        #expect(throws: KeyError.unsupported) { try PrivateKey(pem: text) }
    }

    @Test func `a public key with octets behind it is malformed`() throws {
        let key = try #require(Self.keys[.p256]).publicKey
        #expect(try PublicKey(spki: key.spki) == key)
        #expect(throws: KeyError.malformed) { try PublicKey(spki: key.spki + [0]) }
        #expect(throws: KeyError.malformed) { try PublicKey(spki: key.spki.dropLast()) }
        #expect(throws: KeyError.malformed) { try PublicKey(spki: []) }
    }

    @Test func `a point beside the curve is malformed`() throws {
        var spki = try #require(Self.keys[.p256]).publicKey.spki
        spki[spki.count - 1] ^= 1
        #expect(throws: KeyError.malformed) { try PublicKey(spki: spki) }
    }

    @Test func `a weak or foreign key parses and allows nothing`() throws {
        let weak = try Certificate(pem: Fixtures.weakLeaf).publicKey
        #expect(weak.kind == .rsa(bits: 1024))
        let foreign = try Certificate(pem: Fixtures.p384Root).publicKey
        #expect(foreign.kind == .other)
        for algorithm in SignatureAlgorithm.allCases {
            #expect(!weak.allows(algorithm))
            #expect(!foreign.allows(algorithm))
        }
    }

    @Test(arguments: [KeyKind.p256, .ed25519, .rsa2048])
    func `a key comes back from its PEM and signs by its default algorithm`(_ kind: KeyKind) throws {
        let key = try #require(Self.keys[kind])
        #expect(key.pem.hasPrefix("-----BEGIN PRIVATE KEY-----\n"))
        let again = try PrivateKey(pem: key.pem)
        #expect(again.publicKey == key.publicKey)
        #expect(again.publicKey.kind == kind)
        let signature = try again.sign(Self.message, algorithm: again.defaultAlgorithm)
        #expect(key.publicKey.verify(signature, of: Self.message, algorithm: key.defaultAlgorithm))
    }

    @Test func `the older form of an EC key is read too`() throws {
        #expect(try PrivateKey(pem: Fixtures.leafKeySEC1).publicKey == Certificate(pem: Fixtures.leaf).publicKey)
    }

    @Test func `one key verifies on many threads at the same time`() async throws {
        let key = try #require(Self.keys[.p256])
        let signature = try key.sign(Self.message, algorithm: .ES256)
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<64 {
                group.addTask { key.publicKey.verify(signature, of: Self.message, algorithm: .ES256) }
            }
            for await verified in group { #expect(verified) }
        }
    }
}
