import COpenSSL
import StrictJSON
import Testing

@testable import JOSE

/// OpenSSL keeps what went wrong in a queue of the thread, where the next caller would find it: TLS for one takes an old
/// error for its own. So every operation that fails leaves the queue empty.
@Suite struct ErrorQueueTests {
    /// Runs an operation that must fail with a typed error, on a thread that this test does not leave.
    private func fails<Failure: Error & Equatable>(
        _ error: Failure, _ operation: () throws -> Void, sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(throws: error, sourceLocation: sourceLocation) { try operation() }
        #expect(ERR_peek_error() == 0, sourceLocation: sourceLocation)
    }

    private func isNil<Value>(
        _ value: @autoclosure () throws -> Value?, sourceLocation: SourceLocation = #_sourceLocation
    ) rethrows {
        let isNil = try value() == nil
        #expect(isNil, sourceLocation: sourceLocation)
        #expect(ERR_peek_error() == 0, sourceLocation: sourceLocation)
    }

    @Test func `a queue that is not empty would be seen here`() {
        EVP_PKEY_free(EVP_PKEY_new_raw_public_key_ex(nil, "no such algorithm", nil, [1], 1))
        #expect(ERR_peek_error() != 0)
        // Even an error of somebody else's is gone after an operation, rather than taken for ours.
        _ = SHA256.hash([])
        #expect(ERR_peek_error() == 0)
    }

    @Test(arguments: KeyTests.fitting)
    func `bad signatures`(_ kind: KeyKind, _ algorithm: SignatureAlgorithm) throws {
        let key = try #require(KeyTests.keys[kind])
        let signature = try key.sign([1], algorithm: algorithm)
        #expect(ERR_peek_error() == 0)
        let count = signature.count
        let wrong: [[UInt8]] = [
            [], [0], signature.reversed(), Array(signature.dropLast()), signature + [0],
            [UInt8](repeating: 0, count: count), [UInt8](repeating: 0xFF, count: count),
        ]
        for signature in wrong {
            #expect(!key.publicKey.verify(signature, of: [1], algorithm: algorithm))
            #expect(ERR_peek_error() == 0)
        }
        for other in SignatureAlgorithm.allCases where !kind.allows(other) {
            fails(KeyError.algorithmMismatch) { _ = try key.sign([1], algorithm: other) }
        }
    }

    @Test func `bad DER`() throws {
        let key = try #require(KeyTests.keys[.p256]).publicKey.spki
        let certificate = try Certificate(pem: Fixtures.root).der
        let list = try RevocationList(pem: Fixtures.rootList).der
        for (der, index) in zip([key, certificate, list], 0...) {
            for wrong in [
                [], [0x30], der + [0], Array(der.dropLast()), Array(der.dropFirst(3)), [0x30, 0x84, 0xFF, 0xFF],
            ] {
                switch index {
                case 0: fails(KeyError.malformed) { _ = try PublicKey(spki: wrong) }
                case 1: fails(CertificateError.malformed) { _ = try Certificate(der: wrong) }
                default: fails(CertificateError.malformed) { _ = try RevocationList(der: wrong) }
                }
            }
        }
    }

    @Test func `bad points and bad keys`() throws {
        let zero = [UInt8](repeating: 0, count: 32)
        isNil(P256Point(x: zero, y: zero))
        isNil(PrivateKey(zero, on: NamedCurve.p256))
        isNil(PrivateKey([UInt8](repeating: 0xFF, count: 66), on: NamedCurve.p521))
        isNil(PrivateKey([1, 2, 3], on: EdwardsCurve.ed25519))
        for curve in NamedCurve.allCases {
            let one = [UInt8](repeating: 1, count: curve.width)
            fails(KeyError.malformed) { _ = try PublicKey(.point(curve, x: one, y: one)) }
        }
        fails(KeyError.malformed) { _ = try PublicKey(.edwards(.ed448, x: zero)) }
        fails(JWKError.inconsistent) { _ = try JWK(parsing: try JWKTests.ec(["d": JWKTests.text(zero)]).bytes) }
        fails(JWKError.inconsistent) { _ = try JWK(parsing: try JWKTests.rsa(["p": "AQ"]).bytes) }
        for text in Fixtures.unusableKeys.values {
            let key = try PublicKey(pem: text)
            isNil(key.jwk)
            #expect(!key.verify([UInt8](repeating: 1, count: 64), of: [1], algorithm: .ES256))
            #expect(ERR_peek_error() == 0)
        }
    }

    @Test func `bad PEM`() throws {
        let begin = "-----BEGIN PUBLIC KEY-----\n"
        let texts = ["", "x", begin, begin + "!!!!\n-----END PUBLIC KEY-----\n", String(Fixtures.root.dropLast(99))]
        for text in texts + [Fixtures.encryptedKey] {
            fails(KeyError.malformed) { _ = try PublicKey(pem: text) }
            fails(KeyError.malformed) { _ = try PrivateKey(pem: text) }
            #expect(throws: CertificateError.self) { try Certificate(pem: text) }
            #expect(ERR_peek_error() == 0)
            #expect(throws: CertificateError.self) { try RevocationList(pem: text) }
            #expect(ERR_peek_error() == 0)
            #expect(throws: JOSEFailure.self) { try KeyFile(parsing: Array(text.utf8)) }
            #expect(ERR_peek_error() == 0)
        }
        fails(KeyError.unsupported) { _ = try PrivateKey(pem: Fixtures.secp256k1Key) }
    }

    @Test func `failed decryptions`() throws {
        let (ec, rsa) = (PrivateKey.generate(.p256), try #require(KeyTests.keys[.rsa2048]))
        for key in [ec, rsa] {
            let jwe = try JWE(parsingCompact: try JWE.sealCompact([1, 2, 3], to: key.publicKey, kid: "a"))
            fails(JWEError.decryptionFailed) { _ = try jwe.open(with: .generate(key.publicKey.kind)) }
            fails(JWEError.keyMismatch) { _ = try jwe.open(with: .generate(.ed25519)) }
        }
        for wrong in [[], [1], [UInt8](repeating: 0xFF, count: 256), [UInt8](repeating: 1, count: 257)] {
            isNil(RSAOAEP.decrypt(wrong, with: rsa))
        }
        isNil(RSAOAEP.encrypt([UInt8](repeating: 1, count: 300), to: rsa.publicKey))
        isNil(KeyAgreement.sharedSecret(ec, with: rsa.publicKey))
        let zero = [UInt8](repeating: 0, count: 40)
        isNil(AES256.unwrap(zero, with: Array(zero.prefix(32))))
        isNil(
            AES256.open(
                zero, key: Array(zero.prefix(32)), iv: Array(zero.prefix(12)), tag: Array(zero.prefix(16)),
                authenticating: []))
    }

    @Test func `chains that are not trusted, and certificates that cannot be issued`() throws {
        let leaf = try Certificate(pem: Fixtures.leaf)
        let store = TrustStore(anchors: [try Certificate(pem: Fixtures.bareRoot)], revocationLists: [], generation: 1)
        let verdict = store.verify(leaf, intermediates: [], purpose: .any, at: 1_790_000_000)
        #expect(verdict == .refused(.untrusted))
        #expect(ERR_peek_error() == 0)
        fails(CertificateError.notIssuable) {
            _ = try CertificateAuthority.selfSigned(
                commonName: "", key: .generate(.p256), notBefore: 0, notAfter: 86_400)
        }
    }
}
