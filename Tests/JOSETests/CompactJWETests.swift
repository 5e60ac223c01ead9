import COpenSSL
import StrictJSON
import Testing

@testable import JOSE

@Suite struct CompactJWETests {
    static let ec = PrivateKey.generate(.p256)
    static let rsa = PrivateKey.generate(.rsa2048)
    static let text = Array("CONTOH FIKTIF".utf8)

    /// A message whose protected header has other parameters, sealed as it should be all the same.
    static func message(_ change: (inout JSON) -> Void) throws -> [UInt8] {
        let contentKey = SecureRandom.bytes(32)
        let wrapped = try WrappedKey.wrap(contentKey, to: rsa.publicKey, kid: nil)
        var header = wrapped.header
        header["enc"] = "A256GCM"
        change(&header)
        let protected = Array(Base64URL.encode(header.bytes).utf8)
        let iv = SecureRandom.bytes(12)
        let sealed = try #require(AES256.seal(text, key: contentKey, iv: iv, authenticating: protected))
        let rest = [wrapped.encryptedKey, iv, sealed.ciphertext, sealed.tag].map { Array(Base64URL.encode($0).utf8) }
        return Array(([protected] + rest).joined(separator: [UInt8(ascii: ".")]))
    }

    static func parts(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    }

    static func joined(_ parts: [ArraySlice<UInt8>]) -> [UInt8] {
        Array(parts.joined(separator: [UInt8(ascii: ".")]))
    }

    @Test(arguments: ["", ".", "....", "a.b.c.d", "a.b.c.d.e.f", "{}", "a.b.c.d.e\n", "a.\".c.d.e", "a.b c.c.d.e"])
    func `what has not five parts of base64url is malformed`(_ text: String) {
        for profile in JWEProfile.allCases {
            let error = #expect(throws: JWEError.self) { try JWE(parsingCompact: Array(text.utf8), profile: profile) }
            guard case .malformed = error else { Issue.record("\(String(describing: error))"); return }
        }
    }

    @Test func `a part that is missing, padded or too long is malformed`() throws {
        let whole = Self.parts(of: try JWE.sealCompact(Self.text, to: Self.ec.publicKey))
        let expected: [JWEError.Part] = [.protected, .encryptedKey, .iv, .ciphertext, .tag]
        for index in whole.indices {
            for wrong in [whole[index] + Array("=".utf8), whole[index] + Array("AAA".utf8), Array("+/".utf8)[...]] {
                var parts = whole
                parts[index] = wrong
                #expect(throws: JWEError.malformed(expected[index])) {
                    try JWE(parsingCompact: Self.joined(parts), profile: .standard)
                }
            }
        }
    }

    @Test func `a change of any part is found when opening, and always in the same way`() throws {
        for key in [Self.ec, Self.rsa] {
            let whole = Self.parts(of: try JWE.sealCompact(Self.text, to: key.publicKey, kid: "a"))
            for index in 1..<5 {
                var octets = try #require(Base64URL.decode(whole[index]))
                for at in Set([0, octets.count / 2, octets.count - 1]) {
                    octets[at] ^= 1
                    var parts = whole
                    parts[index] = Array(Base64URL.encode(octets).utf8)[...]
                    octets[at] ^= 1
                    let jwe = try JWE(parsingCompact: Self.joined(parts))
                    #expect(throws: JWEError.decryptionFailed) { try jwe.open(with: key) }
                    #expect(ERR_peek_error() == 0)
                }
            }
            #expect(throws: JWEError.decryptionFailed) {
                try JWE(parsingCompact: Self.joined(whole)).open(with: .generate(key.publicKey.kind))
            }
        }
    }

    @Test func `the narrow profile wants a kid and nothing more`() throws {
        let bytes = try Self.message { _ in }
        #expect(throws: JWEError.malformed(.kid)) { try JWE(parsingCompact: bytes) }
        for name in ["typ", "cty", "apu", "apv", "jku", "x"] {
            let more = try Self.message {
                $0["kid"] = "a"
                $0[name] = "AA"
            }
            #expect(throws: JWEError.forbiddenParameter) { try JWE(parsingCompact: more) }
            #expect(try JWE(parsingCompact: more, profile: .standard).open(with: Self.rsa) == Self.text)
        }
    }

    @Test(arguments: ["crit", "zip"])
    func `crit and zip are refused in every profile`(_ name: String) throws {
        for profile in JWEProfile.allCases {
            let bytes = try Self.message {
                $0["kid"] = "a"
                $0[name] = name == "zip" ? "DEF" : ["exp"]
            }
            #expect(throws: JWEError.forbiddenParameter) { try JWE(parsingCompact: bytes, profile: profile) }
        }
    }

    @Test func `apu and apv that are no base64url are malformed`() throws {
        let whole = Self.parts(of: try JWE.sealCompact(Self.text, to: Self.ec.publicKey))
        for (name, part) in [("apu", JWEError.Part.apu), ("apv", .apv)] {
            for value: JSON in ["A", "AA==", 5, .null] {
                var header = JSON(try JSONDocument(try #require(Base64URL.decode(whole[0]))).root)
                header[name] = value
                let parts = [Array(Base64URL.encode(header.bytes).utf8)[...]] + whole.dropFirst()
                #expect(throws: JWEError.malformed(part)) {
                    try JWE(parsingCompact: Self.joined(parts), profile: .standard)
                }
            }
        }
    }

    @Test func `a key of another use does not open`() throws {
        let bytes = try JWE.sealCompact(Self.text, to: Self.ec.publicKey)
        let jwe = try JWE(parsingCompact: bytes, profile: .standard)
        func jwk(_ members: KeyValuePairs<String, JSON>) throws -> JWK {
            var value = try JWKTests.tree(RFCExamples.rfc7515A3Key)
            for (name, member) in members { value[name] = member }
            return try JWK(parsing: value.bytes)
        }
        for members: KeyValuePairs<String, JSON> in [
            ["use": "sig"], ["alg": "ES256"], ["alg": "RSA-OAEP-256"], ["alg": "ECDH-ES+A256\u{212A}W"],
            ["key_ops": ["sign"]], ["key_ops": []], ["key_ops": ["unwrap\u{212A}ey"]],
        ] {
            #expect(throws: JWEError.keyRestricted) { try jwe.open(with: try jwk(members)) }
        }
        #expect(throws: JWEError.keyRestricted) { try jwe.open(with: JWK(Self.ec.publicKey)) }
        for operation in ["deriveKey", "deriveBits", "unwrapKey"] {
            let key = try jwk(["use": "enc", "alg": "ECDH-ES+A256KW", "key_ops": [.string(operation)]])
            #expect(throws: JWEError.decryptionFailed) { try jwe.open(with: key) }
            let own = try #require(key.privateKey)
            let sealed = try JWE(parsingCompact: JWE.sealCompact(Self.text, to: own.publicKey), profile: .standard)
            #expect(try sealed.open(with: key) == Self.text)
        }
    }

    @Test func `of several recipients the one is meant that is named, by the caller or by the key`() throws {
        let other = PrivateKey.generate(.p256)
        let value = try JWE.seal(Self.text, to: [(key: Self.ec.publicKey, kid: "a"), (key: other.publicKey, kid: "b")])
        let jwe = try JWE(parsing: JSONDocument(value.bytes).root, profile: .standard)
        #expect(throws: JWEError.ambiguousRecipient) { try jwe.open(with: JWK(Self.ec)) }
        #expect(throws: JWEError.noSuchRecipient) { try jwe.open(with: JWK(Self.ec, kid: "c")) }
        #expect(throws: JWEError.decryptionFailed) { try jwe.open(with: JWK(Self.ec, kid: "b")) }
        #expect(throws: JWEError.decryptionFailed) { try jwe.open(with: JWK(Self.ec, kid: "a"), kid: "b") }
        #expect(try jwe.open(with: JWK(Self.ec, kid: "a")) == Self.text)
        #expect(try jwe.open(with: JWK(other), kid: "b") == Self.text)
    }

    @Test(arguments: [0, 1, 65_536])
    func `what was sealed opens, in every profile that it fits`(_ count: Int) throws {
        let text = SecureRandom.bytes(count)
        for key in [Self.ec, Self.rsa] {
            let named = try JWE.sealCompact(text, to: key.publicKey, kid: "a")
            #expect(try JWE(parsingCompact: named).open(with: key, kid: "a") == text)
            let nameless = try JWE(parsingCompact: JWE.sealCompact(text, to: key.publicKey), profile: .standard)
            #expect(try nameless.open(with: key) == text)
            #expect(nameless.recipients.map(\.kid) == [nil])
        }
    }

    @Test func `what another library sealed opens, with apu and apv`() throws {
        let bytes = Array(Fixtures.foreignCompact.utf8)
        #expect(throws: JWEError.forbiddenParameter) { try JWE(parsingCompact: bytes) }
        let jwe = try JWE(parsingCompact: bytes, profile: .standard)
        #expect(try jwe.open(with: try PrivateKey(pem: Fixtures.leafKeySEC1)) == Self.text)
    }

    /// RSA-OAEP with SHA-1 is not taken; what it wrapped is known, so that the contents can be compared.
    @Test func `the contents of RFC 7516 appendix A_1 open, its key management does not`() throws {
        let bytes = Array(RFCExamples.rfc7516A1.utf8)
        #expect(throws: JWEError.unsupportedKeyManagement) { try JWE(parsingCompact: bytes, profile: .standard) }
        let contentKey: [UInt8] = [
            177, 161, 244, 128, 84, 143, 225, 115, 63, 180, 3, 255, 107, 154, 212, 246, 138, 7, 110, 91, 112, 46, 34,
            105,
            47, 130, 203, 46, 122, 234, 64, 252,
        ]
        let parts = Self.parts(of: bytes)
        let octets = try parts.map { try #require(Base64URL.decode($0)) }
        let plaintext = AES256.open(
            octets[3], key: contentKey, iv: octets[2], tag: octets[4], authenticating: Array(parts[0]))
        #expect(plaintext == Array("The true sign of intelligence is not knowledge but imagination.".utf8))
    }
}
