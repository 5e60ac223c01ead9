import JOSE
import StrictJSON
import Testing

@Suite struct JWSVerificationTests {
    static let all = Set(SignatureAlgorithm.allCases)
    static let payload = Array("CONTOH FIKTIF".utf8)

    /// A token that was signed well, with a header of the caller's.
    static func token(
        _ header: JSON, _ kind: KeyKind = .p256, _ algorithm: SignatureAlgorithm = .ES256
    ) throws -> CompactJWS {
        let key = try #require(KeyTests.keys[kind])
        let bytes = try CompactJWS.sign(header: header, payload: payload, key: key, algorithm: algorithm)
        return try CompactJWS(parsing: bytes, headerLimits: JSONLimits())
    }

    static func publicKey(_ kind: KeyKind = .p256) throws -> PublicKey { try #require(KeyTests.keys[kind]).publicKey }

    /// The JWK of a key with members more.
    static func jwk(_ kind: KeyKind = .p256, _ members: KeyValuePairs<String, JSON>) throws -> JWK {
        var value = try #require(try publicKey(kind).jwk)
        for (name, member) in members { value[name] = member }
        return try JWK(parsing: value.bytes)
    }

    private func refuses(_ header: JSON, _ refusal: JWSRefusal, allowing allowed: Set<SignatureAlgorithm> = all) throws
    {
        let token = try Self.token(header)
        #expect(throws: refusal) { try token.verify(with: try Self.publicKey(), allowing: allowed) }
    }

    @Test func `a header without alg, or with one that is no string, is refused`() throws {
        for header: JSON in [.object([]), ["alg": 5], ["alg": .null], ["alg": ["ES256"]], ["ALG": "ES256"]] {
            try refuses(header, .noAlgorithm)
        }
    }

    @Test(arguments: ["none", "None", "", "HS256", "HS384", "HS512", "ES256K", "es256", "Ed25519", "ES256 "])
    func `an alg that is none, an HMAC or unknown is refused`(_ name: String) throws {
        try refuses(["alg": .string(name)], .unknownAlgorithm)
    }

    @Test(arguments: ["[]", "[\"b64\"]", "[\"exp\"]", "null", "\"exp\""])
    func `crit is refused whatever it says`(_ value: String) throws {
        let crit = JSON.verbatim(Array(value.utf8))
        try refuses(["alg": "ES256", "crit": crit], .critical)
        try refuses(["alg": "none", "crit": crit], .critical)
    }

    @Test(arguments: [JSON.bool(false), .bool(true), .null])
    func `b64 is refused whatever it says`(_ value: JSON) throws {
        try refuses(["alg": "ES256", "b64": value], .unencodedPayload)
    }

    @Test func `an algorithm that the caller does not list is refused`() throws {
        try refuses(["alg": "ES256"], .algorithmNotAllowed, allowing: [])
        try refuses(["alg": "ES256"], .algorithmNotAllowed, allowing: Self.all.subtracting([.ES256]))
    }

    /// A token made with another kind of key, too, and one that lies about its algorithm.
    @Test(arguments: KeyTests.fitting)
    func `an algorithm that does not fit the key is refused`(_ kind: KeyKind, _ algorithm: SignatureAlgorithm) throws {
        let token = try Self.token(["alg": .string(algorithm.rawValue)], kind, algorithm)
        for other in KeyTests.kinds where !other.allows(algorithm) {
            #expect(throws: JWSRefusal.keyKind) {
                try token.verify(with: try Self.publicKey(other), allowing: Self.all)
            }
        }
        for other in SignatureAlgorithm.allCases where other != algorithm && kind.allows(other) {
            let lie = try Self.token(["alg": .string(other.rawValue)], kind, algorithm)
            #expect(throws: JWSRefusal.badSignature) {
                try lie.verify(with: try Self.publicKey(kind), allowing: Self.all)
            }
        }
    }

    @Test func `another key, another payload and a signature of another length do not verify`() throws {
        let token = try Self.token(["alg": "ES256"])
        let other = PrivateKey.generate(.p256).publicKey
        #expect(throws: JWSRefusal.badSignature) { try token.verify(with: other, allowing: Self.all) }
        let parts = token.bytes.split(separator: UInt8(ascii: "."))
        let changed = [
            (parts[1].dropLast(2), parts[2]), (parts[1], parts[2].dropLast(2)), (parts[1], parts[2].prefix(0)),
        ]
        for (payload, signature) in changed {
            let text = Array([parts[0], payload, signature].joined(separator: [UInt8(ascii: ".")]))
            let other = try CompactJWS(parsing: text, headerLimits: JSONLimits())
            #expect(throws: JWSRefusal.badSignature) {
                try other.verify(with: try Self.publicKey(), allowing: Self.all)
            }
        }
    }

    @Test func `the JWK's own alg, use and key_ops have to allow it`() throws {
        let token = try Self.token(["alg": "ES256"])
        let refused: [(KeyValuePairs<String, JSON>, JWSRefusal)] = [
            (["alg": "ES384"], .keyAlgorithm), (["alg": "ECDH-ES+A256KW"], .keyAlgorithm), (["alg": ""], .keyAlgorithm),
            (["use": "enc"], .keyUse), (["use": "SIG"], .keyUse), (["use": ""], .keyUse),
            (["key_ops": ["sign"]], .keyOperations), (["key_ops": []], .keyOperations),
            (["key_ops": ["deriveKey"]], .keyOperations), (["use": "sig", "key_ops": ["sign"]], .keyOperations),
        ]
        for (members, refusal) in refused {
            let key = try Self.jwk(.p256, members)
            #expect(throws: refusal) { try token.verify(with: key, allowing: Self.all) }
        }
        let full: KeyValuePairs<String, JSON> = [
            "alg": "ES256", "use": "sig", "key_ops": ["sign", "verify"], "kid": "a",
        ]
        #expect(try token.verify(with: try Self.jwk(.p256, full), allowing: [.ES256]) == Self.payload)
    }

    @Test func `of a set the one key is used that the token names`() throws {
        let keys = try JWKSet(
            parsing: ([
                "keys": [
                    try Self.named("a", .p256), try Self.named("b", .p384), try Self.named("c", .p256),
                    try Self.named("c", .p384), try Self.named(nil, .p256),
                ]
            ] as JSON).bytes)
        func refusal(_ header: JSON) -> JWSRefusal? {
            do {
                _ = try Self.token(header).verify(with: keys, allowing: Self.all)
                return nil
            } catch { return error as? JWSRefusal }
        }
        #expect(refusal(["alg": "ES256", "kid": "a"]) == nil)
        #expect(refusal(["alg": "ES256", "kid": "b"]) == .keyKind)
        #expect(refusal(["alg": "ES256", "kid": "c"]) == .ambiguousKeyID)
        #expect(refusal(["alg": "ES256", "kid": "d"]) == .unknownKeyID)
        #expect(refusal(["alg": "ES256", "kid": 5]) == .noKeyID)
        #expect(refusal(["alg": "ES256"]) == .noKeyID)
        #expect(refusal(["alg": "none", "kid": "a"]) == .unknownAlgorithm)
        #expect(refusal(["alg": "HS256"]) == .unknownAlgorithm)
    }

    private static func named(_ kid: String?, _ kind: KeyKind) throws -> JSON {
        var value = try #require(try publicKey(kind).jwk)
        value["kid"] = kid.map { .string($0) }
        return value
    }

    @Test func `keys and addresses of keys in the header are not looked at`() throws {
        let attacker = PrivateKey.generate(.p256)
        let header: JSON = [
            "alg": "ES256", "jwk": try #require(attacker.publicKey.jwk), "jku": "https://contoh.example",
        ]
        let bytes = try CompactJWS.sign(header: header, payload: Self.payload, key: attacker, algorithm: .ES256)
        let token = try CompactJWS(parsing: bytes, headerLimits: JSONLimits())
        #expect(throws: JWSRefusal.badSignature) { try token.verify(with: try Self.publicKey(), allowing: Self.all) }
    }

    @Test(arguments: KeyTests.fitting)
    func `what the owner signed gives its payload`(_ kind: KeyKind, _ algorithm: SignatureAlgorithm) throws {
        let token = try Self.token(["alg": .string(algorithm.rawValue), "typ": "x"], kind, algorithm)
        #expect(try token.verify(with: try Self.publicKey(kind), allowing: [algorithm]) == Self.payload)
    }

    @Test(arguments: [
        (RFCExamples.rfc7515A2Key, RFCExamples.rfc7515A2, SignatureAlgorithm.RS256),
        (RFCExamples.rfc7515A3Key, RFCExamples.rfc7515A3, .ES256),
        (RFCExamples.rfc7515A4Key, RFCExamples.rfc7515A4, .ES512),
        (RFCExamples.rfc7520RSAKey, RFCExamples.rfc7520PS384, .PS384),
        (RFCExamples.rfc7520ECKey, RFCExamples.rfc7520ES512, .ES512),
        (RFCExamples.rfc8037Key, RFCExamples.rfc8037A4, .EdDSA),
    ])
    func `the examples of the RFCs verify, by their own algorithm only`(
        _ key: String, _ token: String, _ algorithm: SignatureAlgorithm
    ) throws {
        let token = try CompactJWS(parsing: Array(token.utf8), headerLimits: JSONLimits(depth: 4))
        let key = try JWK(parsing: Array(key.utf8))
        #expect(try token.verify(with: key, allowing: [algorithm]) == token.payload)
        #expect(throws: JWSRefusal.algorithmNotAllowed) {
            try token.verify(with: key, allowing: Self.all.subtracting([algorithm]))
        }
    }

    /// Ed25519 and RS256 leave nothing to chance, so signing gives the very tokens.
    @Test func `signing gives the tokens of RFC 7515 A_2 and RFC 8037 A_4`() throws {
        for (key, text, algorithm) in [
            (RFCExamples.rfc7515A2Key, RFCExamples.rfc7515A2, SignatureAlgorithm.RS256),
            (RFCExamples.rfc8037Key, RFCExamples.rfc8037A4, .EdDSA),
        ] {
            let token = try CompactJWS(parsing: Array(text.utf8), headerLimits: JSONLimits(depth: 4))
            let own = try #require(try JWK(parsing: Array(key.utf8)).privateKey)
            #expect(try own.sign(token.signingInput, algorithm: algorithm) == token.signature)
        }
    }
}
