import COpenSSL
import JOSE
import Testing

@Suite struct KeyTests {
    static let keys: [KeyKind: PrivateKey] = [
        .p256: .generate(.p256), .p384: .generate(.p384), .p521: .generate(.p521), .ed25519: .generate(.ed25519),
        .ed448: .generate(.ed448), .rsa2048: .generate(.rsa2048),
    ]
    static let kinds: [KeyKind] = [.p256, .p384, .p521, .ed25519, .ed448, .rsa2048]
    static let fitting: [(KeyKind, SignatureAlgorithm)] = [
        (.p256, .ES256), (.p384, .ES384), (.p521, .ES512), (.ed25519, .EdDSA), (.ed448, .EdDSA), (.rsa2048, .PS256),
        (.rsa2048, .PS384), (.rsa2048, .PS512), (.rsa2048, .RS256), (.rsa2048, .RS384), (.rsa2048, .RS512),
    ]
    static let curves: [(KeyKind, SignatureAlgorithm, Int)] = [
        (.p256, .ES256, 32), (.p384, .ES384, 48), (.p521, .ES512, 66),
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
    }

    @Test func `an RSA signature verifies by the scheme and hash that it was made with alone`() throws {
        let key = try #require(Self.keys[.rsa2048])
        let algorithms = SignatureAlgorithm.allCases.filter(key.publicKey.allows)
        #expect(algorithms == [.PS256, .PS384, .PS512, .RS256, .RS384, .RS512])
        for own in algorithms {
            let signature = try key.sign(Self.message, algorithm: own)
            for other in algorithms {
                #expect(key.publicKey.verify(signature, of: Self.message, algorithm: other) == (own == other))
            }
        }
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

    @Test func `an RSA signature that begins with a zero is refused without it`() throws {
        let key = try #require(Self.keys[.rsa2048])
        var signature: [UInt8] = []
        // Each signature has another salt, and one of 256 begins with a zero; none in 5 000 will never be seen.
        for _ in 0..<5000 where signature.first != 0 { signature = try key.sign(Self.message, algorithm: .PS256) }
        try #require(signature.first == 0)
        #expect(key.publicKey.verify(signature, of: Self.message, algorithm: .PS256))
        #expect(!key.publicKey.verify(signature.dropFirst(), of: Self.message, algorithm: .PS256))
    }

    @Test(arguments: fitting)
    func `another key of the same kind verifies nothing`(_ kind: KeyKind, _ algorithm: SignatureAlgorithm) throws {
        let signature = try #require(Self.keys[kind]).sign(Self.message, algorithm: algorithm)
        let other = PrivateKey.generate(kind).publicKey
        #expect(!other.verify(signature, of: Self.message, algorithm: algorithm))
    }

    @Test(arguments: curves)
    func `r or s of zero is refused, and so are numbers of the order and above`(
        _ kind: KeyKind, _ algorithm: SignatureAlgorithm, _ width: Int
    ) throws {
        let key = try #require(Self.keys[kind])
        let signature = try key.sign(Self.message, algorithm: algorithm)
        let zero = [UInt8](repeating: 0, count: width)
        let most = [UInt8](repeating: 0xFF, count: width)
        let (r, s) = (Array(signature.prefix(width)), Array(signature.suffix(width)))
        for wrong in [zero + s, r + zero, zero + zero, most + s, r + most, s + r] {
            #expect(!key.publicKey.verify(wrong, of: Self.message, algorithm: algorithm))
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

    /// r and s are fixed in width: one in 256 begins with a zero octet.
    @Test(arguments: curves)
    func `an ECDSA signature always has both numbers in full`(
        _ kind: KeyKind, _ algorithm: SignatureAlgorithm, _ width: Int
    ) throws {
        let key = try #require(Self.keys[kind])
        for number in 0..<(kind == .p256 ? 300 : 60) {
            let message = Array("nomor \(number)".utf8)
            let signature = try key.sign(message, algorithm: algorithm)
            #expect(signature.count == 2 * width)
            #expect(key.publicKey.verify(signature, of: message, algorithm: algorithm))
        }
    }

    @Test(arguments: ["", "bukan kunci", Fixtures.encryptedKey, Fixtures.root, String(Fixtures.weakKey.dropLast(200))])
    func `a text that is no readable key is malformed`(_ text: String) {
        #expect(throws: KeyError.malformed) { try PrivateKey(pem: text) }
        #expect(ERR_peek_error() == 0)
    }

    @Test(arguments: [Fixtures.weakKey, Fixtures.secp256k1Key])
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

    @Test(arguments: [KeyKind.p256, .p384, .p521])
    func `a point beside the curve is malformed`(_ kind: KeyKind) throws {
        var spki = try #require(Self.keys[kind]).publicKey.spki
        spki[spki.count - 1] ^= 1
        #expect(throws: KeyError.malformed) { try PublicKey(spki: spki) }
    }

    @Test func `a weak or foreign key parses and allows nothing`() throws {
        let weak = try Certificate(pem: Fixtures.weakLeaf).publicKey
        #expect(weak.kind == .rsa(bits: 1024))
        #expect(SignatureAlgorithm.allCases.allSatisfy { !weak.allows($0) })
        for (name, text) in Fixtures.unusableKeys {
            let key = try PublicKey(pem: text)
            #expect(key.kind == .other, "\(name)")
            #expect(SignatureAlgorithm.allCases.allSatisfy { !key.allows($0) }, "\(name)")
        }
    }

    @Test func `RSA keys are used from 2048 to 8192 bits`() {
        for (bits, isUsed) in [(1024, false), (2047, false), (2048, true), (8192, true), (8193, false)] {
            for algorithm in [SignatureAlgorithm.PS256, .PS384, .PS512, .RS256, .RS384, .RS512] {
                #expect(KeyKind.rsa(bits: bits).allows(algorithm) == isUsed)
            }
        }
    }

    @Test func `a public key comes back from its PEM, and from no other`() throws {
        for key in Self.keys.values { #expect(try PublicKey(pem: key.publicKey.pem) == key.publicKey) }
        let key = try #require(Self.keys[.p384])
        let text = key.publicKey.pem
        let others = ["", key.pem, Fixtures.root, text + text, text + Fixtures.root, String(text.dropLast(40))]
        for other in others { #expect(throws: KeyError.malformed) { try PublicKey(pem: other) } }
        #expect(ERR_peek_error() == 0)
    }

    @Test(arguments: kinds)
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
