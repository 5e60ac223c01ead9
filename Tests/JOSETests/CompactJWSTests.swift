import JOSE
import StrictJSON
import Testing

@Suite struct CompactJWSTests {
    static let key = PrivateKey.generate(.p256)

    static func parse(_ text: String) throws -> CompactJWS {
        try CompactJWS(parsing: Array(text.utf8), headerLimits: JSONLimits(depth: 4))
    }

    @Test(arguments: ["", ".", "e30", "e30.e30", "e30.e30.AA.AA", "e30.e30.AA."])
    func `a text without exactly three parts is not compact`(_ text: String) {
        #expect(throws: JWSError.notCompact) { try Self.parse(text) }
    }

    @Test(arguments: [
        ("e30=.e30.AA", JWSError.Part.header), ("e30.e3 0.AA", .payload), ("e30.e30.AB", .signature),
        ("e30.e30.AA\n", .signature), ("e30.e30.A", .signature), ("{}.e30.AA", .header),
    ])
    func `a part that is not strict base64url is named`(_ text: String, _ part: JWSError.Part) {
        #expect(throws: JWSError.badBase64(part)) { try Self.parse(text) }
    }

    @Test(arguments: ["", "{", "{\"a\":1,\"a\":2}", "[[[[[]]]]]", "\u{FEFF}{}"])
    func `a header that is not acceptable JSON is refused`(_ header: String) {
        let token = Base64URL.encode(header.utf8) + ".e30.AA"
        let error = #expect(throws: JWSError.self) { try Self.parse(token) }
        guard case .headerNotJSON = error else { Issue.record("\(String(describing: error))"); return }
    }

    @Test(arguments: ["[]", "null", "\"a\"", "1"])
    func `a header that is no object is refused`(_ header: String) {
        #expect(throws: JWSError.headerNotObject) { try Self.parse(Base64URL.encode(header.utf8) + ".e30.AA") }
    }

    @Test func `a token whose header or payload was changed is not signed`() throws {
        let token = try CompactJWS.sign(header: ["alg": "ES256"], payload: [1, 2, 3], key: Self.key, algorithm: .ES256)
        let parts = token.split(separator: UInt8(ascii: "."))
        let other = Array(Base64URL.encode([1, 2, 4]).utf8)
        let changed = try CompactJWS(
            parsing: Array([parts[0], other[...], parts[2]].joined(separator: [UInt8(ascii: ".")])),
            headerLimits: JSONLimits())
        #expect(!changed.isSigned(by: Self.key.publicKey, algorithm: .ES256))
        let header = Array(Base64URL.encode("{\"alg\": \"ES256\"}".utf8).utf8)
        let spaced = try CompactJWS(
            parsing: Array([header[...], parts[1], parts[2]].joined(separator: [UInt8(ascii: ".")])),
            headerLimits: JSONLimits())
        #expect(!spaced.isSigned(by: Self.key.publicKey, algorithm: .ES256))
    }

    @Test func `the algorithm is the caller's, never the token's`() throws {
        let token = try CompactJWS.sign(header: ["alg": "none"], payload: [], key: Self.key, algorithm: .ES256)
        let jws = try CompactJWS(parsing: token, headerLimits: JSONLimits())
        #expect(jws.isSigned(by: Self.key.publicKey, algorithm: .ES256))
        #expect(!jws.isSigned(by: Self.key.publicKey, algorithm: .EdDSA))
        #expect(!jws.isSigned(by: PrivateKey.generate(.p256).publicKey, algorithm: .ES256))
    }

    @Test(arguments: KeyTests.fitting)
    func `what was signed comes back whole`(_ kind: KeyKind, _ algorithm: SignatureAlgorithm) throws {
        let key = try #require(KeyTests.keys[kind])
        let payload = (0...255).map { UInt8($0) }
        let token = try CompactJWS.sign(
            header: ["alg": .string(algorithm.rawValue)], payload: payload, key: key, algorithm: algorithm)
        let jws = try CompactJWS(parsing: token, headerLimits: JSONLimits(depth: 4))
        #expect(jws.header["alg"]?.isString(algorithm.rawValue) == true)
        #expect(jws.payload == payload)
        #expect(jws.bytes == token)
        #expect(jws.signingInput.elementsEqual(token.prefix(jws.signingInput.count)))
        #expect(token[jws.signingInput.endIndex] == UInt8(ascii: "."))
        #expect(jws.isSigned(by: key.publicKey, algorithm: algorithm))
    }

    @Test func `signing with another kind's algorithm fails`() {
        #expect(throws: KeyError.algorithmMismatch) {
            try CompactJWS.sign(header: ["alg": "PS256"], payload: [], key: Self.key, algorithm: .PS256)
        }
    }

    /// RFC 7515 appendix A.3.
    @Test func `the ES256 example of RFC 7515 verifies`() throws {
        let key = try PublicKey(
            spki: [
                0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2A, 0x86, 0x48, 0xCE, 0x3D, 0x02, 0x01, 0x06, 0x08, 0x2A, 0x86,
                0x48, 0xCE, 0x3D, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00, 0x04,
            ]
                + #require(Base64URL.decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU".utf8))
                + #require(Base64URL.decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0".utf8)))
        let token =
            "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290"
            + "Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
        #expect(try Self.parse(token).isSigned(by: key, algorithm: .ES256))
    }
}
