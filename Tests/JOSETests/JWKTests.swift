import COpenSSL
import JOSE
import StrictJSON
import Testing

@Suite struct JWKTests {
    static func parse(_ value: JSON, limits: JWKLimits = JWKLimits()) throws -> JWK {
        try JWK(parsing: value.bytes, limits: limits)
    }

    static func tree(_ text: String) throws -> JSON { JSON(try JSONDocument(Array(text.utf8)).root) }

    /// The private key on P-256 of RFC 7515 appendix A.3 with members changed; nil takes one away.
    static func ec(_ changes: KeyValuePairs<String, JSON?> = [:]) throws -> JSON {
        try changed(RFCExamples.rfc7515A3Key, changes)
    }

    static func rsa(_ changes: KeyValuePairs<String, JSON?> = [:]) throws -> JSON {
        try changed(RFCExamples.rfc7515A2Key, changes)
    }

    static func okp(_ changes: KeyValuePairs<String, JSON?> = [:]) throws -> JSON {
        try changed(RFCExamples.rfc8037Key, changes)
    }

    private static func changed(_ text: String, _ changes: KeyValuePairs<String, JSON?>) throws -> JSON {
        var value = try tree(text)
        for (name, member) in changes { value[name] = member }
        return value
    }

    static func octets(_ value: JSON, _ name: String) throws -> [UInt8] {
        guard case .string(let text) = value[name] else { return [] }
        return try #require(Base64URL.decode(text.utf8))
    }

    static func text(_ octets: [UInt8]) -> JSON { .string(Base64URL.encode(octets)) }

    private func refuses(_ value: JSON, _ error: JWKError, limits: JWKLimits = JWKLimits()) {
        #expect(throws: error) { try Self.parse(value, limits: limits) }
        #expect(ERR_peek_error() == 0)
    }

    @Test func `what is no JSON object is no JWK`() {
        for value: JSON in [[], "kty", 5, .null] { refuses(value, .malformed(.object)) }
        for text in ["", "{", "{\"kty\":\"EC\",\"kty\":\"EC\"}"] {
            let error = #expect(throws: JWKError.self) { try JWK(parsing: Array(text.utf8)) }
            guard case .notJSON = error else { Issue.record("\(String(describing: error))"); return }
        }
    }

    @Test(arguments: ["oct", "ec", "AKP", "", "E\u{0421}"])
    func `another type of key is unsupported, a secret above all`(_ type: String) throws {
        refuses(try Self.ec(["kty": .string(type)]), .unsupportedKeyType)
        refuses(["kty": .string(type), "k": "AAAA"], .unsupportedKeyType)
    }

    @Test(arguments: ["P-192", "secp256k1", "p-256", "Ed25519", "X25519", ""])
    func `another curve is unsupported`(_ curve: String) throws {
        refuses(try Self.ec(["crv": .string(curve)]), .unsupportedCurve)
        if curve != "Ed25519" { refuses(try Self.okp(["crv": .string(curve)]), .unsupportedCurve) }
    }

    @Test(arguments: [("kty", JWKError.Part.kty), ("crv", .crv), ("x", .x), ("y", .y)])
    func `a member that is missing or no string is malformed`(_ name: String, _ part: JWKError.Part) throws {
        for value: JSON? in [nil, .null, 5, [], .bool(true), .object([])] {
            refuses(try Self.ec([name: value]), .malformed(part))
            if name != "y" { refuses(try Self.okp([name: value]), .malformed(part)) }
        }
    }

    @Test func `a coordinate of another length is malformed`() throws {
        for (name, part) in [("x", JWKError.Part.x), ("y", .y), ("d", .d)] {
            let octets = try Self.octets(try Self.ec(), name)
            for wrong in [[], Array(octets.dropFirst()), Array(octets.dropLast()), [0] + octets, octets + [0]] {
                refuses(try Self.ec([name: Self.text(wrong)]), .malformed(part))
            }
            refuses(try Self.ec([name: .string(Base64URL.encode(octets) + "=")]), .malformed(part))
        }
        for (name, part) in [("x", JWKError.Part.x), ("d", .d)] {
            let octets = try Self.octets(try Self.okp(), name)
            for wrong in [[], Array(octets.dropLast()), octets + [0]] {
                refuses(try Self.okp([name: Self.text(wrong)]), .malformed(part))
            }
        }
    }

    @Test func `a point beside its curve, or of another curve, is malformed`() throws {
        let x = try Self.octets(try Self.ec(), "x")
        refuses(try Self.ec(["y": Self.text(x)]), .malformed(.x))
        refuses(try Self.ec(["y": Self.text([UInt8](repeating: 0xFF, count: 32))]), .malformed(.x))
        refuses(try Self.ec(["crv": "P-384"]), .malformed(.x))
    }

    @Test func `a private part of another key is inconsistent`() throws {
        let order = try #require(Base64URL.decode("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE".utf8))
        let d = try Self.octets(try Self.ec(), "d")
        for wrong in [d.reversed(), [UInt8](repeating: 0, count: 32), order, [UInt8](repeating: 0xFF, count: 32)] {
            refuses(try Self.ec(["d": Self.text(Array(wrong))]), .inconsistent)
        }
        refuses(try Self.okp(["d": Self.text([UInt8](repeating: 1, count: 32))]), .inconsistent)
    }

    /// d + n names the same point: only the range tells them apart (SEC 1 §3.2.1).
    @Test func `a private number beyond the order is inconsistent, though it names the same point`() throws {
        let key = try Self.tree(RFCExamples.rfc7515A4Key)
        let order = [0x01] + [UInt8](repeating: 0xFF, count: 32) + [0xFA] + Self.p521Rest
        #expect(order.count == 66)
        var sum = [UInt8](repeating: 0, count: 66)
        var carry = 0
        for index in stride(from: 65, through: 0, by: -1) {
            carry += Int(order[index]) + Int(try Self.octets(key, "d")[index])
            sum[index] = UInt8(truncatingIfNeeded: carry)
            carry >>= 8
        }
        var beyond = key
        beyond["d"] = Self.text(sum)
        refuses(beyond, .inconsistent)
        #expect(try Self.parse(key).privateKey != nil)
    }

    /// The lower half of the order of P-521 (SP 800-186 §3.2.1.5).
    private static let p521Rest: [UInt8] = [
        0x51, 0x86, 0x87, 0x83, 0xBF, 0x2F, 0x96, 0x6B, 0x7F, 0xCC, 0x01, 0x48, 0xF7, 0x09, 0xA5, 0xD0, 0x3B, 0xB5,
        0xC9, 0xB8, 0x89, 0x9C, 0x47, 0xAE, 0xBB, 0x6F, 0xB7, 0x1E, 0x91, 0x38, 0x64, 0x09,
    ]

    @Test func `the purpose has to be of the right types and without contradiction`() throws {
        for (name, part) in [("kid", JWKError.Part.kid), ("alg", .alg), ("use", .use)] {
            for value: JSON in [.null, 5, ["a"]] { refuses(try Self.ec([name: value]), .malformed(part)) }
        }
        let many = JSON.array((0..<33).map { .string("op\($0)") })
        for value: JSON in ["verify", .null, [5], ["verify", "verify"], many] {
            refuses(try Self.ec(["key_ops": value]), .malformed(.keyOperations))
        }
        refuses(try Self.ec(["use": "sig", "key_ops": ["deriveKey"]]), .contradictoryUse)
        refuses(try Self.ec(["use": "enc", "key_ops": ["deriveKey", "sign"]]), .contradictoryUse)
        #expect(try Self.parse(Self.ec(["use": "sig", "key_ops": ["verify", "x"]])).operations == ["verify", "x"])
    }

    @Test func `members that nobody asked for are ignored, x5c among them`() throws {
        let key = try Self.parse(Self.ec(["x5c": ["AAAA"], "x5t": 7, "exp": 1, "k": "AA"]))
        #expect(key.publicKey.kind == .p256)
    }

    @Test func `a key comes back from its own JWK`() throws {
        for (kind, key) in KeyTests.keys {
            let again = try Self.parse(try #require(key.publicKey.jwk))
            #expect(again.publicKey == key.publicKey && again.privateKey == nil && again.publicKey.kind == kind)
            #expect(again.thumbprint == key.publicKey.jwkThumbprint)
        }
        #expect(try PublicKey(pem: Fixtures.unusableKeys["secp256k1"] ?? "").jwk == nil)
    }

    @Test func `a private JWK signs, and its public half holds no secret`() throws {
        let keys = [
            RFCExamples.rfc7515A2Key, RFCExamples.rfc7515A3Key, RFCExamples.rfc7515A4Key, RFCExamples.rfc8037Key,
        ]
        for text in keys {
            var value = try Self.tree(text)
            value["kid"] = "a"
            value["use"] = "sig"
            value["key_ops"] = ["sign"]
            let key = try Self.parse(value)
            let own = try #require(key.privateKey)
            let signature = try own.sign(KeyTests.message, algorithm: own.defaultAlgorithm)
            #expect(key.publicKey.verify(signature, of: KeyTests.message, algorithm: own.defaultAlgorithm))
            #expect(try PrivateKey(pem: own.pem).publicKey == key.publicKey)
            let exported = try #require(key.publicJSON)
            for name in ["d", "p", "q", "dp", "dq", "qi", "key_ops"] { #expect(exported[name] == nil) }
            #expect(exported["kid"] == "a" && exported["use"] == "sig")
            let again = try Self.parse(exported)
            #expect(again.publicKey == key.publicKey && again.privateKey == nil)
        }
    }

    @Test func `the thumbprints are those of RFC 7638 and RFC 8037`() throws {
        let rsa = try JWK(parsing: Array(RFCExamples.rfc7638Key.utf8))
        #expect(rsa.thumbprint?.base64url == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs")
        #expect(rsa.kid == "2011-04-29" && rsa.algorithm == "RS256")
        let okp = try JWK(parsing: Array(RFCExamples.rfc8037Key.utf8))
        #expect(okp.thumbprint?.base64url == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
    }
}
