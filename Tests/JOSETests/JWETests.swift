import COpenSSL
import JOSE
import StrictJSON
import Testing

@Suite struct JWETests {
    static let ec = PrivateKey.generate(.p256)
    static let rsa = PrivateKey.generate(.rsa2048)
    static let text = Array("CONTOH FIKTIF".utf8)

    static func sealed() throws -> JSON {
        try JWE.seal(text, to: [(key: ec.publicKey, kid: "ec"), (key: rsa.publicKey, kid: "rsa")])
    }

    static func parse(_ value: JSON) throws -> JWE { try JWE(parsing: JSONDocument(value.bytes).root) }

    /// The same JWE flattened for its first recipient, whose parameters move into the protected header where asked.
    static func flattened(protecting: Bool) throws -> JSON {
        var value = try JWE.seal(text, to: [(key: ec.publicKey, kid: "ec")])
        guard case .array(let recipients) = value["recipients"], let first = recipients.first else { return .null }
        value["recipients"] = nil
        value["encrypted_key"] = first["encrypted_key"]
        if protecting {
            var header = first["header"] ?? .null
            header["enc"] = "A256GCM"
            value["protected"] = .string(Base64URL.encode(header.bytes))
        } else {
            value["header"] = first["header"]
        }
        return value
    }

    /// The general serialization with one thing changed in the first recipient.
    static func changingFirst(_ change: (inout JSON) -> Void) throws -> JSON {
        var value = try sealed()
        guard case .array(var recipients) = value["recipients"] else { return .null }
        change(&recipients[0])
        value["recipients"] = .array(recipients)
        return value
    }

    static func changingHeader(_ name: String, _ parameter: JSON?) throws -> JSON {
        try changingFirst {
            var header = $0["header"] ?? .null
            header[name] = parameter
            $0["header"] = header
        }
    }

    @Test(arguments: ["unprotected", "aad", "header", "encrypted_key", "zip", "x"])
    func `a member beyond the profile is forbidden`(_ name: String) throws {
        var value = try Self.sealed()
        value[name] = name == "aad" ? "AA" : .object([])
        #expect(throws: JWEError.forbiddenMember) { try Self.parse(value) }
        let inRecipient = try Self.changingFirst { $0[name == "header" || name == "encrypted_key" ? "y" : name] = "AA" }
        #expect(throws: JWEError.forbiddenMember) { try Self.parse(inRecipient) }
    }

    @Test(arguments: ["zip", "apu", "apv", "crit", "enc", "typ", "jwk", "x5c", "b64"])
    func `a parameter beyond the profile is forbidden in the recipient's header`(_ name: String) throws {
        let value = try Self.changingHeader(name, name == "enc" ? "A256GCM" : "AA")
        #expect(throws: JWEError.forbiddenParameter) { try Self.parse(value) }
    }

    @Test(arguments: ["zip", "apu", "apv", "crit", "typ", "p2c"])
    func `a parameter beyond the profile is forbidden in the protected header`(_ name: String) throws {
        var value = try Self.sealed()
        let header: JSON = .object([JSON.Member("enc", "A256GCM"), JSON.Member(name, "AA")])
        value["protected"] = .string(Base64URL.encode(header.bytes))
        #expect(throws: JWEError.forbiddenParameter) { try Self.parse(value) }
    }

    @Test func `a parameter at two places is forbidden`() throws {
        var value = try Self.flattened(protecting: true)
        value["header"] = ["kid": "ec"]
        #expect(throws: JWEError.forbiddenParameter) { try Self.parse(value) }
    }

    @Test(arguments: ["A128GCM", "A256CBC-HS512", "", "a256gcm"])
    func `another content encryption is unsupported`(_ name: String) throws {
        var value = try Self.sealed()
        value["protected"] = .string(Base64URL.encode((["enc": .string(name)] as JSON).bytes))
        #expect(throws: JWEError.unsupportedEncryption) { try Self.parse(value) }
        value["protected"] = .string(Base64URL.encode("{}".utf8))
        #expect(throws: JWEError.unsupportedEncryption) { try Self.parse(value) }
    }

    @Test(arguments: ["dir", "RSA1_5", "RSA-OAEP", "ECDH-ES", "A256KW", "PBES2-HS512+A256KW", "ECDH-ES+A256\u{212A}W"])
    func `another key management is unsupported`(_ name: String) throws {
        let value = try Self.changingHeader("alg", .string(name))
        #expect(throws: JWEError.unsupportedKeyManagement) { try Self.parse(value) }
    }

    @Test(arguments: [
        ("protected", JWEError.Part.protected), ("iv", .iv), ("ciphertext", .ciphertext), ("tag", .tag),
        ("recipients", .encryptedKey),
    ])
    func `a part that is missing is malformed`(_ name: String, _ part: JWEError.Part) throws {
        var value = try Self.sealed()
        value[name] = nil
        #expect(throws: JWEError.malformed(part == .encryptedKey ? .kid : part)) { try Self.parse(value) }
        value[name] = 5
        #expect(throws: JWEError.malformed(name == "recipients" ? .recipients : part)) { try Self.parse(value) }
    }

    @Test(arguments: [("iv", 11), ("iv", 13), ("iv", 16), ("tag", 15), ("tag", 4), ("tag", 0), ("iv", 0)])
    func `iv and tag of other lengths are malformed`(_ name: String, _ count: Int) throws {
        var value = try Self.sealed()
        value[name] = .string(Base64URL.encode([UInt8](repeating: 0, count: count)))
        #expect(throws: JWEError.malformed(name == "iv" ? .iv : .tag)) { try Self.parse(value) }
    }

    @Test func `a header of the wrong form is malformed`() throws {
        let parts: [(JSON, JWEError.Part)] = [
            (try Self.changingHeader("kid", nil), .kid), (try Self.changingHeader("kid", ""), .kid),
            (try Self.changingHeader("kid", "\u{212A}"), .kid), (try Self.changingHeader("alg", nil), .alg),
            (try Self.changingHeader("alg", 1), .alg), (try Self.changingHeader("epk", nil), .epk),
            (try Self.changingFirst { $0["header"] = "AA" }, .header),
            (try Self.changingFirst { $0["encrypted_key"] = nil }, .encryptedKey),
            (try Self.changingFirst { $0["encrypted_key"] = "AAAA" }, .encryptedKey),
        ]
        for (value, part) in parts { #expect(throws: JWEError.malformed(part)) { try Self.parse(value) } }
        var value = try Self.sealed()
        value["recipients"] = .array([])
        #expect(throws: JWEError.malformed(.recipients)) { try Self.parse(value) }
        #expect(throws: JWEError.malformed(.object)) { try Self.parse(.array([])) }
    }

    @Test func `a sender's key that is no point of the curve, or says more than it must, is malformed`() throws {
        let zero = Base64URL.encode([UInt8](repeating: 0, count: 32))
        let one = Base64URL.encode([UInt8](repeating: 1, count: 32))
        let keys: [JSON] = [
            ["kty": "EC", "crv": "P-256", "x": .string(zero), "y": .string(zero)],
            ["kty": "EC", "crv": "P-256", "x": .string(one), "y": .string(one)],
            ["kty": "EC", "crv": "P-384", "x": .string(one), "y": .string(one)],
            ["kty": "OKP", "crv": "P-256", "x": .string(one), "y": .string(one)],
            ["kty": "EC", "crv": "P-256", "x": .string(one)], "AA",
        ]
        for key in keys {
            let value = try Self.changingHeader("epk", key)
            #expect(throws: JWEError.malformed(.epk)) { try Self.parse(value) }
        }
        let extended = try Self.changingFirst {
            var header = $0["header"] ?? .null
            var key = header["epk"] ?? .null
            key["d"] = .string(one)
            header["epk"] = key
            $0["header"] = header
        }
        #expect(throws: JWEError.malformed(.epk)) { try Self.parse(extended) }
        #expect(ERR_peek_error() == 0)
    }

    @Test func `two recipients of the same name are refused when sealing and when reading`() throws {
        #expect(throws: JWEError.duplicateRecipient) {
            try JWE.seal(Self.text, to: [(key: Self.ec.publicKey, kid: "a"), (key: Self.rsa.publicKey, kid: "a")])
        }
        #expect(throws: JWEError.duplicateRecipient) { try Self.parse(try Self.changingHeader("kid", "rsa")) }
    }

    @Test func `nobody, and keys that only sign, cannot be sealed to`() {
        #expect(throws: JWEError.noSuchRecipient) { try JWE.seal(Self.text, to: []) }
        #expect(throws: JWEError.unsupportedKeyManagement) {
            try JWE.seal(Self.text, to: [(key: PrivateKey.generate(.ed25519).publicKey, kid: "a")])
        }
    }

    @Test(arguments: ["protected", "iv", "ciphertext", "tag"])
    func `a change of any part is found when opening`(_ name: String) throws {
        let original = try Self.sealed()
        guard case .string(let part) = original[name] else { return }
        var octets = try #require(Base64URL.decode(part.utf8))
        for index in octets.indices {
            var value = original
            if name == "protected" {
                value[name] = .string(Base64URL.encode("{\"enc\": \"A256GCM\"}".utf8))
            } else {
                octets[index] ^= 1
                value[name] = .string(Base64URL.encode(octets))
                octets[index] ^= 1
            }
            let jwe = try Self.parse(value)
            #expect(throws: JWEError.decryptionFailed) { try jwe.open(with: Self.ec, kid: "ec") }
            #expect(throws: JWEError.decryptionFailed) { try jwe.open(with: Self.rsa, kid: "rsa") }
        }
        #expect(ERR_peek_error() == 0)
    }

    @Test func `a change of the wrapped key, or the sender's key of another message, is found`() throws {
        let swapped = try Self.changingHeader("epk", Self.parseHeader(of: Self.sealed())["epk"])
        #expect(throws: JWEError.decryptionFailed) { try Self.parse(swapped).open(with: Self.ec, kid: "ec") }
        let changed = try Self.changingFirst {
            $0["encrypted_key"] = .string(Base64URL.encode([UInt8](repeating: 1, count: 40)))
        }
        #expect(throws: JWEError.decryptionFailed) { try Self.parse(changed).open(with: Self.ec, kid: "ec") }
    }

    private static func parseHeader(of value: JSON) throws -> JSON {
        guard case .array(let recipients) = value["recipients"] else { return .null }
        return recipients[0]["header"] ?? .null
    }

    @Test func `nobody but the named recipient opens`() throws {
        let jwe = try Self.parse(try Self.sealed())
        #expect(throws: JWEError.noSuchRecipient) { try jwe.open(with: Self.ec, kid: "x") }
        #expect(throws: JWEError.keyMismatch) { try jwe.open(with: Self.ec, kid: "rsa") }
        #expect(throws: JWEError.ambiguousRecipient) { try jwe.open(with: Self.ec) }
        #expect(throws: JWEError.keyMismatch) { try jwe.open(with: .generate(.ed25519), kid: "ec") }
        #expect(throws: JWEError.decryptionFailed) { try jwe.open(with: .generate(.p256), kid: "ec") }
        #expect(throws: JWEError.decryptionFailed) { try jwe.open(with: .generate(.rsa2048), kid: "rsa") }
    }

    @Test func `every recipient opens what was sealed`() throws {
        let jwe = try Self.parse(try Self.sealed())
        #expect(jwe.recipients.map(\.kid) == ["ec", "rsa"])
        #expect(jwe.recipients.map(\.algorithm) == [.ecdhESA256KW, .rsaOAEP256])
        #expect(try jwe.open(with: Self.ec, kid: "ec") == Self.text)
        #expect(try jwe.open(with: Self.rsa, kid: "rsa") == Self.text)
    }

    @Test(arguments: [0, 1, 512, 65_536])
    func `texts of every size come back`(_ count: Int) throws {
        let text = SecureRandom.bytes(count)
        let jwe = try Self.parse(try JWE.seal(text, to: [(key: Self.ec.publicKey, kid: "a")]))
        #expect(try jwe.open(with: Self.ec, kid: "a") == text)
    }

    @Test func `the flattened form is read, with its parameters at either place`() throws {
        let plain = try Self.parse(try Self.flattened(protecting: false))
        #expect(try plain.open(with: Self.ec, kid: "ec") == Self.text)
        // Moving parameters changes what the tag covers, so this one is read but does not open.
        let protected = try Self.parse(try Self.flattened(protecting: true))
        #expect(protected.recipients.map(\.kid) == ["ec"])
        #expect(throws: JWEError.decryptionFailed) { try protected.open(with: Self.ec, kid: "ec") }
    }

    @Test(arguments: ["flattened and protected", "general"])
    func `what another library sealed opens`(_ form: String) throws {
        let text = form == "general" ? Fixtures.foreignGeneral : Fixtures.foreignFlattened
        let jwe = try JWE(parsing: JSONDocument(Array(text.utf8)).root)
        let key = try PrivateKey(pem: Fixtures.leafKeySEC1)
        #expect(try jwe.open(with: key, kid: "daun") == Self.text)
    }

    @Test func `two seals of one text share nothing`() throws {
        let (one, other) = (try Self.sealed(), try Self.sealed())
        for name in ["iv", "ciphertext", "tag"] { #expect(one[name] != other[name]) }
        #expect(try Self.parseHeader(of: one)["epk"] != Self.parseHeader(of: other)["epk"])
    }
}
