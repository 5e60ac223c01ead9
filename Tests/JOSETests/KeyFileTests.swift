import StrictJSON
import Testing

@testable import JOSE

@Suite struct KeyFileTests {
    static let all = Set(SignatureAlgorithm.allCases)
    static let payload = Array("CONTOH FIKTIF".utf8)

    static func token(_ kind: KeyKind = .p256, _ header: KeyValuePairs<String, JSON> = [:]) throws -> [UInt8] {
        let key = try #require(KeyTests.keys[kind])
        var members: JSON = ["alg": .string(key.defaultAlgorithm.rawValue)]
        for (name, value) in header { members[name] = value }
        return try CompactJWS.sign(header: members, payload: payload, key: key, algorithm: key.defaultAlgorithm)
    }

    static func file(_ text: String) throws -> KeyFile { try KeyFile(parsing: Array(text.utf8)) }

    static func publicFile(_ kind: KeyKind = .p256) throws -> KeyFile {
        try file(try #require(KeyTests.keys[kind]).publicKey.pem)
    }

    private func outcome(_ body: () throws -> [UInt8]) -> JOSEFailure.Outcome? {
        do {
            _ = try body()
            return nil
        } catch { return (error as? JOSEFailure)?.outcome }
    }

    @Test(arguments: [
        "", " ", "{", "{}", "[]", "bukan kunci", "-----BEGIN PUBLIC KEY-----", "{\"keys\":5}",
        "{\"kty\":\"oct\",\"k\":\"AA\"}",
        Fixtures.encryptedKey, Fixtures.weakKey, Fixtures.rootList, Fixtures.root + "\n" + Fixtures.leaf,
        Fixtures.secp256k1Key,
    ])
    func `what is not one usable key is unreadable, and the reason repeats nothing of it`(_ text: String) {
        let error = #expect(throws: JOSEFailure.self) { try Self.file(text) }
        #expect(error?.outcome == .unreadable)
        #expect(error?.reason.hasPrefix("the key: ") == true)
    }

    @Test func `a text that is no compact token is unreadable`() throws {
        let key = try Self.publicFile()
        let good = try Self.token()
        let wrong = [
            "", "a", "a.b", "a.b.c", "{\"payload\":\"\",\"signatures\":[]}",
            "{\"payload\":\"e30\",\"protected\":\"e30\"}", "e30.e30.e30",
            String(decoding: good, as: UTF8.self) + "\n\n", " " + String(decoding: good, as: UTF8.self),
            String(decoding: good, as: UTF8.self) + "\r",
        ]
        for text in wrong {
            #expect(
                outcome { try key.verify(Array(text.utf8), allowing: Self.all) } == .unreadable, "\(text.prefix(20))")
        }
    }

    @Test func `one line end is no part of the token`() throws {
        let key = try Self.publicFile()
        for end in ["", "\n", "\r\n"] {
            #expect(try key.verify(try Self.token() + Array(end.utf8), allowing: Self.all) == Self.payload)
        }
    }

    @Test func `a bad signature and a forbidden algorithm are refused`() throws {
        let key = try Self.publicFile()
        let foreign = try CompactJWS.sign(
            header: ["alg": "ES256"], payload: [], key: .generate(.p256), algorithm: .ES256)
        #expect(outcome { try key.verify(foreign, allowing: Self.all) } == .refused)
        #expect(outcome { try key.verify(try Self.token(), allowing: [.EdDSA]) } == .refused)
        #expect(outcome { try key.verify(try Self.token(.p384), allowing: Self.all) } == .refused)
        #expect(outcome { try key.verify(try Self.token(.p256, ["crit": ["x"]]), allowing: Self.all) } == .refused)
        for header in ["{\"alg\":\"none\"}", "{\"alg\":\"HS256\"}"] {
            let text = Base64URL.encode(header.utf8) + ".e30."
            #expect(outcome { try key.verify(Array(text.utf8), allowing: Self.all) } == .refused)
        }
    }

    @Test func `a certificate verifies where its key usage lets it`() throws {
        let key = PrivateKey.generate(.p256)
        let (begin, end): (Int64, Int64) = (1_790_000_000, 1_800_000_000)
        let root = try CertificateAuthority.selfSigned(commonName: "Akar", key: key, notBefore: begin, notAfter: end)
        let own = try #require(KeyTests.keys[.p256]).publicKey
        for (use, expected) in [(CertificateTemplate.Use.signature, nil), (.encryption, JOSEFailure.Outcome.refused)] {
            let template = CertificateTemplate(commonName: "Daun", use: use, notBefore: begin, notAfter: end)
            let leaf = try CertificateAuthority.issue(template, for: own, issuer: root, key: key)
            #expect(outcome { try Self.file(leaf.pem).verify(try Self.token(), allowing: Self.all) } == expected)
        }
    }

    @Test(arguments: KeyTests.kinds)
    func `every form of a key verifies`(_ kind: KeyKind) throws {
        let key = try #require(KeyTests.keys[kind])
        var jwk = try #require(key.publicKey.jwk)
        jwk["kid"] = "a"
        let set: JSON = ["keys": [["kty": "oct", "k": "AA", "kid": "b"], jwk]]
        let token = try Self.token(kind, ["kid": "a"])
        for text in [key.publicKey.pem, key.pem, jwk.text, " \n" + jwk.text, set.text] {
            #expect(try Self.file(text).verify(token, allowing: [key.defaultAlgorithm]) == Self.payload)
        }
        #expect(outcome { try Self.file(set.text).verify(try Self.token(kind), allowing: Self.all) } == .refused)
    }

    @Test func `curve parameters before an old-style key are passed over`() throws {
        let parameters = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
        guard case .privateKey(let key) = try Self.file(parameters + Fixtures.leafKeySEC1) else {
            Issue.record("no private key")
            return
        }
        #expect(key.publicKey.kind == .p256)
    }

    @Test func `opening takes one private key`() throws {
        let key = try #require(KeyTests.keys[.p256])
        let message = try JWE.sealCompact(Self.payload, to: key.publicKey)
        let jwk = try JWKTests.ec()
        for text in [key.publicKey.pem, Fixtures.leaf, key.publicKey.jwk?.text ?? "", (["keys": [jwk]] as JSON).text] {
            #expect(outcome { try Self.file(text).open(message) } == .unreadable)
        }
        #expect(try Self.file(key.pem).open(message + Array("\n".utf8)) == Self.payload)
    }

    @Test func `a message that is none is unreadable, one that says no is refused`() throws {
        let key = try #require(KeyTests.keys[.p256])
        let file = try Self.file(key.pem)
        for text in ["", "a.b.c", "{", "{}", "[]", "a.b.c.d.e"] {
            #expect(outcome { try file.open(Array(text.utf8)) } == .unreadable, "\(text)")
        }
        let refused = [
            try JWE.sealCompact([], to: PrivateKey.generate(.p256).publicKey),
            try JWE.sealCompact([], to: PrivateKey.generate(.rsa2048).publicKey),
            Array(RFCExamples.rfc7516A1.utf8),
            try JWE.seal(
                [], to: [(key: key.publicKey, kid: "a"), (key: PrivateKey.generate(.p256).publicKey, kid: "b")]
            ).bytes,
        ]
        for message in refused { #expect(outcome { try file.open(message) } == .refused) }
        #expect(outcome { try file.open(refused[3], kid: "c") } == .refused)
        #expect(try file.open(refused[3], kid: "a") == [])
    }

    @Test func `every refusal and every error has words of its own`() {
        #expect(Set(JWSRefusal.allCases.map(\.rawValue)).count == JWSRefusal.allCases.count)
        let malformed = JWEError.Part.allCases.map { JOSEFailure(JWEError.malformed($0)) }
        #expect(Set(malformed.map(\.reason)).count == JWEError.Part.allCases.count)
        #expect(malformed.allSatisfy { $0.outcome == .unreadable })
    }
}
