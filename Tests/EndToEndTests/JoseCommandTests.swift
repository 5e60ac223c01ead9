import Foundation
import JOSE
import StrictJSON
import Testing

/// `simpul jose` as a user runs it: the token on the standard input, the exit code, and nothing but the payload on the
/// standard output.
@Suite final class JoseCommandTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "simpul-jose-\(UUID().uuidString)")
    private let payload = Array("CONTOH FIKTIF \u{0} tanpa baris".utf8)
    private let key = PrivateKey.generate(.p256)

    init() throws { try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(at: folder) }

    private func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = folder.appending(path: name)
        try Data(bytes).write(to: file)
        return file.path(percentEncoded: false)
    }

    /// Runs `simpul jose` with that standard input.
    private func jose(_ arguments: [String], input: [UInt8]) async throws -> Programs.Ended {
        let script = "input=$1; shift; exec \"$@\" < \"$input\""
        let simpul = Programs.folder.appending(path: "simpul").path(percentEncoded: false)
        return try await Programs.run(
            URL(filePath: "/bin/sh"),
            ["-c", script, "sh", try file("input", input), simpul, "jose"] + arguments, environment: ["LC_ALL": "C"])
    }

    private func token(_ alg: String = "ES256", kid: String? = nil) throws -> [UInt8] {
        let header: JSON = .object(["alg": .string(alg), "kid": kid.map { .string($0) }])
        return try CompactJWS.sign(header: header, payload: payload, key: key, algorithm: .ES256)
    }

    private func publicKey(_ members: KeyValuePairs<String, JSON> = [:]) throws -> String {
        var jwk = try #require(key.publicKey.jwk)
        for (name, value) in members { jwk[name] = value }
        return try file("key.json", jwk.bytes)
    }

    private func expect(_ ended: Programs.Ended, _ code: Int32, _ output: [UInt8] = []) {
        #expect(ended.code == code, "\(ended.error)")
        #expect(Array(ended.output.utf8) == output)
        #expect(ended.error.isEmpty == (code == 0))
    }

    @Test func `wrong usage, a broken key and a broken token end with 2`() async throws {
        let key = try publicKey()
        for arguments in [
            [], ["verify"], ["open"], ["verify", "--key", key + ".gone"], ["verify", "--key", "-"],
            ["verify", "--key", key, "--allow", "HS256"], ["verify", "--key", key, "--allow", "none"],
            ["verify", "--key", try file("broken.pem", Array("bukan kunci".utf8))], ["open", "--key", key],
        ] {
            expect(try await jose(arguments, input: try token()), 2)
        }
        for text in ["", "a.b", "{\"payload\":\"e30\",\"protected\":\"e30\",\"signature\":\"e30\"}"] {
            expect(try await jose(["verify", "--key", key], input: Array(text.utf8)), 2)
        }
    }

    @Test func `a signature and a rule that say no end with 1`() async throws {
        let good = try token()
        let other = try file("other.pem", Array(PrivateKey.generate(.p256).publicKey.pem.utf8))
        expect(try await jose(["verify", "--key", other], input: good), 1)
        expect(try await jose(["verify", "--key", publicKey(), "--allow", "EdDSA,PS256"], input: good), 1)
        for alg in ["none", "HS256", "ES384"] {
            expect(try await jose(["verify", "--key", publicKey()], input: try token(alg)), 1)
        }
        for members: KeyValuePairs<String, JSON> in [["use": "enc"], ["key_ops": ["sign"]], ["alg": "ES384"]] {
            expect(try await jose(["verify", "--key", publicKey(members)], input: good), 1)
        }
        let set: JSON = ["keys": [try #require(key.publicKey.jwk)]]
        expect(try await jose(["verify", "--key", file("set.json", set.bytes)], input: try token(kid: "a")), 1)
    }

    @Test func `a good token gives its payload, octet by octet`() async throws {
        var jwk = try #require(key.publicKey.jwk)
        jwk["kid"] = "a"
        let files = [
            try publicKey(["use": "sig", "key_ops": ["verify"], "alg": "ES256"]),
            try file("key.pem", Array(key.publicKey.pem.utf8)),
            try file("set.json", (["keys": [["kty": "oct", "k": "AA"], jwk]] as JSON).bytes),
        ]
        for file in files {
            for end in ["", "\n", "\r\n"] {
                let input = try token(kid: "a") + Array(end.utf8)
                expect(try await jose(["verify", "--key", file, "--allow", "ES256,RS256"], input: input), 0, payload)
            }
        }
    }

    @Test func `a message opens for its key only`() async throws {
        let own = try file("own.pem", Array(key.pem.utf8))
        let other = PrivateKey.generate(.p256)
        let general = try JWE.seal(payload, to: [(key: key.publicKey, kid: "a"), (key: other.publicKey, kid: "b")])
        let compact = try JWE.sealCompact(payload, to: key.publicKey)
        expect(try await jose(["open", "--key", own], input: compact + Array("\n".utf8)), 0, payload)
        expect(try await jose(["open", "--key", own, "--kid", "a"], input: general.bytes), 0, payload)
        expect(try await jose(["open", "--key", own], input: general.bytes), 1)
        expect(try await jose(["open", "--key", own, "--kid", "b"], input: general.bytes), 1)
        expect(try await jose(["open", "--key", file("other.pem", Array(other.pem.utf8))], input: compact), 1)
        expect(try await jose(["open", "--key", own], input: Array("a.b.c.d".utf8)), 2)
    }
}
