import Foundation
import JOSE
import StrictJSON
import Testing

/// Project Wycheproof's signature vectors, read from the conformance data beside the project.
@Suite struct WycheproofTests {
    @Test(
        .enabled(if: Vectors.areThere, "skipped: no folder wycheproof in SIMPUL_TESTDATA"),
        arguments: [
            ("ecdsa_secp256r1_sha256_p1363_test.json", SignatureAlgorithm.ES256, "publicKeyDer", 262),
            ("ecdsa_secp384r1_sha384_p1363_test.json", .ES384, "publicKeyDer", 280),
            ("ed25519_test.json", .EdDSA, "publicKeyDer", 151),
            ("rsa_pss_2048_sha256_mgf1_32_test.json", .PS256, "publicKeyDer", 108),
            ("rsa_signature_2048_sha256_test.json", .RS256, "publicKeyDer", 259),
        ])
    func `every valid signature verifies and every invalid one is refused`(
        file: String, algorithm: SignatureAlgorithm, keyMember: String, expected: Int
    ) throws {
        var counts: [String: Int] = [:]
        for group in try Vectors.groups(file) {
            let spki = try #require(group[keyMember]?.string.flatMap(Vectors.octets))
            let key = try PublicKey(spki: spki)
            for test in try #require(group["tests"]).elements {
                let verdict = try #require(test["result"]?.string)
                let signature = try #require(test["sig"]?.string.flatMap(Vectors.octets))
                let message = try #require(test["msg"]?.string.flatMap(Vectors.octets))
                // "acceptable" is one RSA signature whose AlgorithmIdentifier lacks the NULL: refused here.
                let verified = key.verify(signature, of: message, algorithm: algorithm)
                #expect(verified == (verdict == "valid"), "\(file) \(test["tcId"]?.int ?? -1) is \(verdict)")
                counts[verdict, default: 0] += 1
            }
        }
        print("\(algorithm.rawValue): \(counts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" })")
        #expect(counts.values.reduce(0, +) == expected)
    }

    /// Not every group prints its key as a JWK; those that do not go through the JWK that is written here.
    @Test(
        .enabled(if: Vectors.areThere, "skipped: no folder wycheproof in SIMPUL_TESTDATA"),
        arguments: [
            ("ecdsa_secp256r1_sha256_p1363_test.json", SignatureAlgorithm.ES256, 103),
            ("ecdsa_secp384r1_sha384_p1363_test.json", .ES384, 95), ("ed25519_test.json", .EdDSA, 78),
            ("rsa_pss_2048_sha256_mgf1_32_test.json", .PS256, 1), ("rsa_signature_2048_sha256_test.json", .RS256, 0),
        ])
    func `the key of a group's JWK is that of its SubjectPublicKeyInfo, and judges alike`(
        file: String, algorithm: SignatureAlgorithm, expected: Int
    ) throws {
        var count = 0
        for group in try Vectors.groups(file) {
            let spki = try #require(group["publicKeyDer"]?.string.flatMap(Vectors.octets))
            let key = try PublicKey(spki: spki)
            count += group["publicKeyJwk"] == nil ? 0 : 1
            let jwk = try group["publicKeyJwk"].map { try JWK(parsing: $0) } ?? JWK(parsing: #require(key.jwk).bytes)
            #expect(jwk.publicKey == key)
            for test in try #require(group["tests"]).elements {
                let signature = try #require(test["sig"]?.string.flatMap(Vectors.octets))
                let message = try #require(test["msg"]?.string.flatMap(Vectors.octets))
                let verified = jwk.publicKey.verify(signature, of: message, algorithm: algorithm)
                #expect(verified == (test["result"]?.isString("valid") == true), "\(file) \(test["tcId"]?.int ?? -1)")
            }
        }
        #expect(count == expected)
    }
}

private enum Vectors {
    static let folder: URL = {
        if let path = ProcessInfo.processInfo.environment["SIMPUL_TESTDATA"] {
            return URL(fileURLWithPath: path).appending(path: "wycheproof")
        }
        let root = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return root.deletingLastPathComponent().appending(path: "shared/testdata/wycheproof")
    }()

    static let areThere: Bool = {
        let there = FileManager.default.fileExists(atPath: folder.path)
        if !there { print("skipped: the Wycheproof vectors are not at \(folder.path)") }
        return there
    }()

    static func groups(_ file: String) throws -> JSONElements {
        let bytes = [UInt8](try Data(contentsOf: folder.appending(path: file)))
        return try #require(try JSONDocument(bytes).root["testGroups"]).elements
    }

    static func octets(_ hex: String) -> [UInt8]? {
        let letters = Array(hex)
        guard letters.count.isMultiple(of: 2) else { return nil }
        let octets = stride(from: 0, to: letters.count, by: 2).map { UInt8(String(letters[$0...$0 + 1]), radix: 16) }
        return octets.contains(nil) ? nil : octets.compactMap { $0 }
    }
}
