import JOSE
import StrictJSON
import Testing

@Suite struct JWKSetTests {
    static func parse(_ keys: [JSON], limits: JWKLimits = JWKLimits()) throws -> JWKSet {
        try JWKSet(parsing: (["keys": .array(keys)] as JSON).bytes, limits: limits)
    }

    @Test func `what has no list of keys is no set`() {
        for value: JSON in [[], "keys"] {
            #expect(throws: JWKError.malformed(.object)) { try JWKSet(parsing: value.bytes) }
        }
        for value: JSON in [.object([]), ["keys": .object([])], ["keys": .null]] {
            #expect(throws: JWKError.malformed(.keys)) { try JWKSet(parsing: value.bytes) }
        }
    }

    @Test func `more keys than the limit are refused before any is looked at`() throws {
        #expect(throws: JWKError.tooManyKeys) { try Self.parse([5, 5, 5], limits: JWKLimits(keys: 2)) }
        #expect(throws: JWKError.tooManyKeys) { try Self.parse([JSON](repeating: .null, count: 101)) }
        let key = try JWKTests.ec(["d": nil])
        #expect(try Self.parse([key, key], limits: JWKLimits(keys: 2)).keys.count == 2)
    }

    @Test func `keys that are not used here are passed over and counted`() throws {
        let unused: [JSON] = [
            ["kty": "oct", "k": "AAAA", "kid": "a"], ["kty": "AKP"], try JWKTests.ec(["crv": "secp256k1"]),
            ["kty": "OKP", "crv": "X25519", "x": "AA"], ["kty": "RSA", "n": "_w", "e": "AQAB"],
        ]
        let set = try Self.parse(unused + [try JWKTests.ec(["kid": "a"])])
        #expect(set.ignored == 5 && set.keys.count == 1)
        #expect(set.keys(withID: "a").count == 1)
        #expect(try Self.parse([]).keys.isEmpty)
    }

    @Test func `a broken key of a used type spoils the set`() throws {
        let sound = try JWKTests.ec()
        #expect(throws: JWKError.malformed(.x)) { try Self.parse([sound, try JWKTests.ec(["x": "AA"])]) }
        #expect(throws: JWKError.malformed(.kty)) { try Self.parse([sound, .object([])]) }
        #expect(throws: JWKError.malformed(.object)) { try Self.parse([sound, 5]) }
    }

    @Test func `a kid is compared octet by octet`() throws {
        let set = try Self.parse([try JWKTests.ec(["kid": "K"]), try JWKTests.okp(["kid": "\u{212A}"])])
        #expect(set.keys(withID: "K").map(\.publicKey.kind) == [.p256])
        #expect(set.keys(withID: "\u{212A}").map(\.publicKey.kind) == [.ed25519])
        #expect(set.keys(withID: "k").isEmpty)
    }
}
