import COpenSSL
import JOSE
import Testing

@Suite struct CertificateAuthorityTests {
    static let begin: Int64 = 1_790_000_000
    static let end: Int64 = begin + 86_400 * 365
    static let key = PrivateKey.generate(.p256)
    static let subjectKey = PrivateKey.generate(.p256).publicKey

    static func authority() throws -> Certificate {
        try CertificateAuthority.selfSigned(
            commonName: "Akar", organisation: "CONTOH FIKTIF", key: key, notBefore: begin, notAfter: end)
    }

    static func issue(
        _ change: (inout CertificateTemplate) -> Void = { _ in }, for key: PublicKey = subjectKey
    ) throws -> Certificate {
        var template = CertificateTemplate(commonName: "Daun", notBefore: begin, notAfter: end)
        change(&template)
        return try CertificateAuthority.issue(template, for: key, issuer: authority(), key: Self.key)
    }

    @Test(arguments: ["", String(repeating: "a", count: 65), "a\nb", "a\0b"])
    func `a common name that a certificate cannot hold is not issued`(_ name: String) {
        #expect(throws: CertificateError.notIssuable) { try Self.issue { $0.commonName = name } }
        #expect(throws: CertificateError.notIssuable) { try Self.issue { $0.organisation = name } }
        #expect(ERR_peek_error() == 0)
    }

    @Test(arguments: [
        CertificateTemplate.AlternativeName.dns(""), .dns("a b"), .dns("é.example"), .uri(""), .uri("urn:a\n"),
        .ip("300.0.0.1"), .ip("contoh"), .ip(""), .dns("a\0b"),
    ])
    func `an alternative name that is none is not issued`(_ name: CertificateTemplate.AlternativeName) {
        #expect(throws: CertificateError.notIssuable) { try Self.issue { $0.names = [.dns("a.example"), name] } }
    }

    @Test func `times the wrong way round, and keys of another use, are not issued`() {
        #expect(throws: CertificateError.notIssuable) { try Self.issue { $0.notAfter = Self.begin - 1 } }
        for kind in [KeyKind.ed25519, .ed448, .p384, .p521] {
            let key = PrivateKey.generate(kind).publicKey
            #expect(throws: CertificateError.notIssuable) { try Self.issue({ $0.use = .encryption }, for: key) }
        }
        #expect(throws: CertificateError.notIssuable) {
            try Self.issue(for: PublicKey(pem: Fixtures.unusableKeys["secp256k1"] ?? ""))
        }
    }

    @Test func `only an authority with its own key issues`() throws {
        let template = CertificateTemplate(commonName: "Daun", notBefore: Self.begin, notAfter: Self.end)
        let (root, leaf) = (try Self.authority(), try Self.issue())
        let other = PrivateKey.generate(.p256)
        #expect(throws: CertificateError.notIssuable) {
            try CertificateAuthority.issue(template, for: Self.subjectKey, issuer: root, key: other)
        }
        #expect(throws: CertificateError.notIssuable) {
            try CertificateAuthority.issue(template, for: Self.subjectKey, issuer: leaf, key: Self.key)
        }
        #expect(throws: CertificateError.notIssuable) {
            try CertificateAuthority.revocationList(
                issuer: root, key: other, revoked: [], thisUpdate: Self.begin, nextUpdate: Self.end, number: 1)
        }
    }

    @Test(arguments: ["", "zz", "A0", String(repeating: "11", count: 21)])
    func `a serial number that is none is not listed`(_ serial: String) throws {
        let root = try Self.authority()
        #expect(throws: CertificateError.notIssuable) {
            try CertificateAuthority.revocationList(
                issuer: root, key: Self.key, revoked: [(serial, Self.begin)], thisUpdate: Self.begin,
                nextUpdate: Self.end, number: 1)
        }
    }

    @Test func `an authority may sign certificates and lists, and nothing else`() throws {
        let root = try Self.authority()
        #expect(root.isCA)
        #expect(root.keyUsage == [.keyCertSign, .crlSign])
        #expect(root.subject == "CN=Akar,O=CONTOH FIKTIF" && root.issuer == root.subject)
        #expect(root.notBefore == Self.begin && root.notAfter == Self.end)
    }

    @Test func `a certificate says what its template said`() throws {
        let names: [CertificateTemplate.AlternativeName] = [
            .dns("simpul.example"), .ip("127.0.0.1"), .ip("::1"), .uri("urn:contoh:id-1709"),
        ]
        let certificate = try Self.issue {
            $0.names = names
            $0.extendedUsages = [.clientAuth, .serverAuth]
        }
        #expect(certificate.dnsNames == ["simpul.example"])
        #expect(certificate.subjectAlternativeURIs == ["urn:contoh:id-1709"])
        #expect(certificate.hasClientAuth && certificate.hasServerAuth && !certificate.isCA)
        #expect(certificate.keyUsage == .digitalSignature)
        #expect(certificate.publicKey == Self.subjectKey)
    }

    @Test func `a sealing certificate's key usage follows its key`() throws {
        #expect(try Self.issue { $0.use = .encryption }.keyUsage == .keyAgreement)
        let rsa = PrivateKey.generate(.rsa2048).publicKey
        #expect(try Self.issue({ $0.use = .encryption }, for: rsa).keyUsage == .keyEncipherment)
    }

    @Test func `serial numbers are random and of 128 bits`() throws {
        let serials = try (0..<50).map { _ in try Self.issue().serialHex }
        #expect(Set(serials).count == 50)
        #expect(serials.allSatisfy { (28...32).contains($0.utf8.count) })
    }

    @Test(arguments: KeyTests.kinds)
    func `an authority of every kind of key issues what its anchor makes trusted`(_ kind: KeyKind) throws {
        let key = PrivateKey.generate(kind)
        let root = try CertificateAuthority.selfSigned(
            commonName: "Akar \(kind)", key: key, notBefore: Self.begin, notAfter: Self.end)
        let template = CertificateTemplate(
            commonName: "Daun", extendedUsages: [.clientAuth], notBefore: Self.begin, notAfter: Self.end)
        let leaf = try CertificateAuthority.issue(template, for: Self.subjectKey, issuer: root, key: key)
        let list = try CertificateAuthority.revocationList(
            issuer: root, key: key, revoked: [("0102", Self.begin)], thisUpdate: Self.begin, nextUpdate: Self.end,
            number: 7)
        #expect(list.count == 1)
        let store = TrustStore(anchors: [root], revocationLists: [list], generation: 1)
        let verdict = store.verify(leaf, intermediates: [], purpose: .tlsClient, at: Self.begin + 60)
        #expect(verdict == .trusted(chain: [leaf, root]))
    }
}
