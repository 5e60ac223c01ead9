import COpenSSL
import JOSE
import Testing

@Suite struct CertificateTests {
    @Test func `octets that are not one whole certificate are malformed`() throws {
        let der = try Certificate(pem: Fixtures.leaf).der
        for wrong in [[], der + [0], Array(der.dropLast()), [0x30, 0x00], Array(der.dropFirst())] {
            #expect(throws: CertificateError.malformed) { try Certificate(der: wrong) }
        }
        #expect(ERR_peek_error() == 0)
    }

    @Test func `one certificate means one`() {
        #expect(throws: CertificateError.wrongCount) { try Certificate(pem: "") }
        #expect(throws: CertificateError.wrongCount) { try Certificate(pem: Fixtures.weakKey) }
        #expect(throws: CertificateError.wrongCount) { try Certificate(pem: Fixtures.root + "\n" + Fixtures.leaf) }
        #expect(throws: CertificateError.malformed) {
            try Certificate.chain(pem: Fixtures.root + "\n" + Fixtures.leaf.dropLast(60))
        }
        #expect(ERR_peek_error() == 0)
    }

    @Test func `a chain is read in its order, also between other objects`() throws {
        let text = [Fixtures.leaf, Fixtures.weakKey, "komentar", Fixtures.root].joined(separator: "\n")
        let chain = try Certificate.chain(pem: text)
        #expect(chain.map(\.subject) == ["CN=Daun,O=CONTOH FIKTIF", "CN=Akar,O=CONTOH FIKTIF"])
    }

    @Test func `a name with a NUL octet is left out, not cut`() throws {
        let certificate = try Certificate(pem: Fixtures.nulName)
        #expect(certificate.dnsNames == ["baik.example"])
        #expect(certificate.subjectAlternativeURIs == ["urn:contoh:a"])
    }

    @Test func `a certificate tells what it says`() throws {
        let leaf = try Certificate(pem: Fixtures.leaf)
        #expect(leaf.subject == "CN=Daun,O=CONTOH FIKTIF")
        #expect(leaf.issuer == "CN=Antara,O=CONTOH FIKTIF")
        #expect(leaf.notBefore == 1_767_225_600)
        #expect(leaf.notAfter == 2_082_758_400)
        #expect(leaf.hasClientAuth && !leaf.hasServerAuth && !leaf.isCA)
        #expect(leaf.keyUsage == .digitalSignature)
        #expect(leaf.allows(.digitalSignature) && !leaf.allows(.keyAgreement))
        #expect(leaf.thumbprint == SHA256.hash(leaf.der))
        #expect(leaf.serialHex.utf8.count.isMultiple(of: 2))
        #expect(try Certificate(pem: leaf.pem) == leaf)
        let root = try Certificate(pem: Fixtures.root)
        #expect(root.isCA && root.keyUsage == [.keyCertSign, .crlSign] && !root.hasClientAuth)
        let bare = try Certificate(pem: Fixtures.bareLeaf)
        #expect(bare.keyUsage == nil && bare.allows(.digitalSignature) && !bare.hasClientAuth)
    }

    @Test func `a certificate names the hosts of its alternative names, and no other`() throws {
        let key = PrivateKey.generate(.p256)
        let anchor = try CertificateAuthority.selfSigned(commonName: "CA", key: key, notBefore: 0, notAfter: 1)
        func leaf(_ names: [CertificateTemplate.AlternativeName], subject: String = "x") throws -> Certificate {
            let template = CertificateTemplate(commonName: subject, names: names, notBefore: 0, notAfter: 1)
            return try CertificateAuthority.issue(template, for: key.publicKey, issuer: anchor, key: key)
        }
        let named = try leaf([.dns("masuk.polres.example"), .ip("127.0.0.1"), .ip("::1")])
        #expect(named.names(host: "masuk.polres.example") && named.names(host: "MASUK.polres.example"))
        for other in ["polres.example", "x.masuk.polres.example", "127.0.0.1", "", "masuk.polres.example\0.org"] {
            #expect(!named.names(host: other))
        }
        #expect(named.names(address: [127, 0, 0, 1]) && named.names(address: [UInt8](repeating: 0, count: 15) + [1]))
        #expect(!named.names(address: [127, 0, 0, 2]) && !named.names(address: []))
        let wild = try leaf([.dns("*.polres.example"), .dns("m*.kantor.example")])
        #expect(wild.names(host: "a.polres.example") && !wild.names(host: "a.b.polres.example"))
        #expect(!wild.names(host: "polres.example") && !wild.names(host: "masuk.kantor.example"))
        #expect(try !leaf([], subject: "masuk.polres.example").names(host: "masuk.polres.example"))
        #expect(try !leaf([.dns("127.0.0.1")]).names(address: [127, 0, 0, 1]))
    }

    @Test func `a revocation list is read and a cut one is malformed`() throws {
        let list = try RevocationList(pem: Fixtures.rootList)
        #expect(list.issuer == "CN=Akar,O=CONTOH FIKTIF")
        #expect(list.nextUpdate == 2_082_758_400)
        #expect(list.count == 0)
        #expect(throws: CertificateError.malformed) { try RevocationList(der: list.der + [0]) }
        #expect(throws: CertificateError.wrongCount) { try RevocationList(pem: Fixtures.root) }
        #expect(throws: CertificateError.wrongCount) { try RevocationList(pem: list.pem + list.pem) }
    }
}
