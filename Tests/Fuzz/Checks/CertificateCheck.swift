import JOSE

extension FuzzTarget {
    /// DER, read as a certificate, as a revocation list and as a public key (RFC 5280). Held true:
    /// * what is accepted keeps its octets, and parses to an equal object from its PEM;
    /// * a chain that is trusted goes from the leaf to the anchor, and is trusted again;
    /// * a key in a kind of its own verifies no signature of zeros;
    /// * OpenSSL's error queue is empty afterwards.
    static let der = FuzzTarget(name: "der") { bytes throws(BrokenInvariant) in
        try withCleanQueue { () throws(BrokenInvariant) in
            if let certificate = try? Certificate(der: bytes) { try checkCertificate(certificate, bytes) }
            if let list = try? RevocationList(der: bytes) { try checkList(list, bytes) }
            if let key = try? PublicKey(spki: bytes) { try checkKey(key) }
        }
    }

    /// Text, read as PEM (RFC 7468): certificates, a revocation list, a private key. Held true:
    /// * what is accepted, written as PEM, reads back equal; a chain is never empty;
    /// * a private key signs what its public half verifies, or refuses to sign;
    /// * OpenSSL's error queue is empty afterwards.
    static let pem = FuzzTarget(name: "pem") { bytes throws(BrokenInvariant) in
        let text = String(decoding: bytes, as: UTF8.self)
        try withCleanQueue { () throws(BrokenInvariant) in
            if let chain = try? Certificate.chain(pem: text) {
                try hold(!chain.isEmpty, "a chain is never empty")
                for certificate in chain { try checkCertificate(certificate, certificate.der) }
                let again = try? Certificate.chain(pem: chain.map(\.pem).joined())
                try hold(again == chain, "a chain that is written reads back")
            }
            if let list = try? RevocationList(pem: text) { try checkList(list, list.der) }
            if let key = try? PrivateKey(pem: text) { try checkPrivateKey(key) }
        }
    }
}

/// Issued by a fixed key under a fixed name, so that what was issued by it in one run is trusted in the next.
private let anchor: Certificate? = try? CertificateAuthority.selfSigned(
    commonName: "Fuzz", key: FixedKeys.p256, notBefore: 1_767_225_600, notAfter: 2_082_758_400)

private let moment: Int64 = 1_800_000_000

private func checkCertificate(_ certificate: Certificate, _ der: [UInt8]) throws(BrokenInvariant) {
    try hold(certificate.der == der, "a certificate keeps its octets")
    try hold((try? Certificate(pem: certificate.pem)) == certificate, "a certificate that is written reads back")
    try hold(certificate.thumbprint == SHA256.hash(der), "a thumbprint is of all octets")
    let names = certificate.dnsNames + certificate.subjectAlternativeURIs
    try hold(names.allSatisfy { $0.utf8.allSatisfy { (0x21...0x7E).contains($0) } }, "names are printable ASCII")
    try checkKey(certificate.publicKey)
    guard let anchor else { throw BrokenInvariant(description: "an authority can certify itself") }
    let trust = TrustStore(anchors: [anchor], revocationLists: [], generation: 1)
    for purpose in [TrustStore.Purpose.tlsClient, .tlsServer, .any] {
        let verdict = trust.verify(certificate, intermediates: [certificate], purpose: purpose, at: moment)
        guard case .trusted(let chain) = verdict else { continue }
        try hold(chain.first == certificate && chain.last == anchor, "a chain goes from the leaf to the anchor")
        let again = trust.verify(certificate, intermediates: [certificate], purpose: purpose, at: moment)
        guard case .trusted(chain) = again else {
            throw BrokenInvariant(description: "a chain that was trusted is trusted again")
        }
    }
}

private func checkList(_ list: RevocationList, _ der: [UInt8]) throws(BrokenInvariant) {
    try hold(list.der == der, "a revocation list keeps its octets")
    try hold(list.count >= 0, "a revocation list revokes none or more")
    try hold((try? RevocationList(pem: list.pem))?.der == der, "a revocation list that is written reads back")
    guard let anchor else { throw BrokenInvariant(description: "an authority can certify itself") }
    let trust = TrustStore(anchors: [anchor], revocationLists: [list], generation: 1)
    _ = trust.verify(anchor, intermediates: [], purpose: .any, at: moment)
}

private func checkKey(_ key: PublicKey) throws(BrokenInvariant) {
    try hold((try? PublicKey(spki: key.spki)) == key, "a key that is encoded reads back")
    let signature = [UInt8](repeating: 0, count: 64)
    for algorithm in SignatureAlgorithm.allCases {
        let verified = key.verify(signature, of: [1, 2, 3], algorithm: algorithm)
        try hold(!verified || key.allows(algorithm), "a key verifies only what it allows")
    }
}

private func checkPrivateKey(_ key: PrivateKey) throws(BrokenInvariant) {
    try hold((try? PrivateKey(pem: key.pem))?.publicKey == key.publicKey, "a private key that is written reads back")
    try checkKey(key.publicKey)
    guard key.publicKey.allows(key.defaultAlgorithm) else {
        throw BrokenInvariant(description: "a private key can sign")
    }
    _ = try? key.sign([1, 2, 3], algorithm: key.defaultAlgorithm)
}
