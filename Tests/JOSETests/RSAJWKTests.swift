import COpenSSL
import JOSE
import StrictJSON
import Testing

@Suite struct RSAJWKTests {
    private func refuses(_ value: JSON, _ error: JWKError, limits: JWKLimits = JWKLimits()) {
        #expect(throws: error) { try JWKTests.parse(value, limits: limits) }
        #expect(ERR_peek_error() == 0)
    }

    @Test(arguments: ["n", "e", "d", "p", "q", "dp", "dq", "qi"])
    func `a number with leading zero octets, empty or no string is malformed`(_ name: String) throws {
        let part = try #require(JWKError.Part(rawValue: name))
        let octets = try JWKTests.octets(try JWKTests.rsa(), name)
        for wrong in [[], [0], [0] + octets] {
            refuses(try JWKTests.rsa([name: JWKTests.text(wrong)]), .malformed(part))
        }
        for value: JSON in [.null, 65537, []] { refuses(try JWKTests.rsa([name: value]), .malformed(part)) }
    }

    @Test func `a modulus that is even, too small, too large or beyond the caller's limit is refused`() throws {
        func modulus(bits: Int) -> JSON {
            var octets = [UInt8](repeating: 0xFF, count: (bits + 7) / 8)
            octets[0] = UInt8((1 << ((bits - 1) % 8 + 1)) - 1)
            return ["kty": "RSA", "e": "AQAB", "n": JWKTests.text(octets)]
        }
        for bits in [8, 1024, 2047, 8193, 16_384] { refuses(modulus(bits: bits), .unsupportedSize) }
        let wide = JWKLimits(rsaBits: 1...100_000)
        for bits in [1024, 2047, 8193] { refuses(modulus(bits: bits), .unsupportedSize, limits: wide) }
        refuses(modulus(bits: 4096), .unsupportedSize, limits: JWKLimits(rsaBits: 2048...3072))
        for bits in [2048, 2049, 8192] {
            #expect(try JWKTests.parse(modulus(bits: bits)).publicKey.kind == .rsa(bits: bits))
        }
        var n = try JWKTests.octets(try JWKTests.rsa(), "n")
        n[n.count - 1] &= 0xFE
        refuses(["kty": "RSA", "e": "AQAB", "n": JWKTests.text(n)], .malformed(.n))
    }

    @Test(arguments: [[1], [2], [1, 0], [1, 0, 0, 0, 1], [UInt8](repeating: 0xFF, count: 256)])
    func `a public exponent that is even, one, or of more than 32 bits is refused`(_ e: [UInt8]) throws {
        refuses(
            ["kty": "RSA", "n": try #require(try JWKTests.rsa()["n"]), "e": JWKTests.text(e)], .unsupportedExponent)
    }

    @Test(arguments: [[3], [1, 0, 1], [0xFF, 0xFF, 0xFF, 0xFF]])
    func `every other public exponent is taken`(_ e: [UInt8]) throws {
        let key = try JWKTests.parse([
            "kty": "RSA", "n": try #require(try JWKTests.rsa()["n"]), "e": JWKTests.text(e),
        ])
        #expect(key.publicKey.kind == .rsa2048)
    }

    @Test func `a private key needs all its numbers and no third prime`() throws {
        for (name, part) in [("p", JWKError.Part.p), ("q", .q), ("dp", .dp), ("dq", .dq), ("qi", .qi), ("d", .d)] {
            refuses(try JWKTests.rsa([name: nil]), .malformed(part))
        }
        let bare = try JWKTests.rsa(["p": nil, "q": nil, "dp": nil, "dq": nil, "qi": nil])
        refuses(bare, .unsupportedPrivateForm)
        refuses(try JWKTests.rsa(["oth": []]), .unsupportedPrivateForm)
    }

    @Test(arguments: ["n", "e", "d", "p", "q", "dp", "dq", "qi"])
    func `numbers that do not fit each other are inconsistent`(_ name: String) throws {
        var octets = try JWKTests.octets(try JWKTests.rsa(), name)
        octets[octets.count / 2] ^= 2
        refuses(try JWKTests.rsa([name: JWKTests.text(octets)]), .inconsistent)
        let n = try JWKTests.octets(try JWKTests.rsa(), "n")
        guard !["n", "e"].contains(name) else { return }
        for wrong in [[1], n, n + [1]] { refuses(try JWKTests.rsa([name: JWKTests.text(wrong)]), .inconsistent) }
    }

    @Test func `primes that changed places are inconsistent`() throws {
        let whole = try JWKTests.rsa()
        refuses(try JWKTests.rsa(["p": whole["q"], "q": whole["p"]]), .inconsistent)
        refuses(try JWKTests.rsa(["p": .string("AQ"), "q": whole["n"]]), .inconsistent)
    }
}
