public import JOSE
public import SimpulCore
public import StrictJSON

/// A private key and the certificate that names it: whoever holds it can sign envelopes, receipts and endorsements.
public struct SigningIdentity: Sendable {
    /// Who signs.
    public let agency: AgencyID
    /// The certificate whose thumbprint stands in each token.
    public let certificate: Certificate
    private let key: PrivateKey
    private let algorithm: SignatureAlgorithm

    /// An identity, or nil where the certificate is not that key's, or the key of a kind that the protocol does not take.
    public init?(agency: AgencyID, certificate: Certificate, key: PrivateKey) {
        guard certificate.publicKey.spki == key.publicKey.spki,
            SignatureProfile.allows(key.defaultAlgorithm, with: key.publicKey)
        else { return nil }
        self.agency = agency
        self.certificate = certificate
        self.key = key
        algorithm = key.defaultAlgorithm
    }

    /// The envelope of a document, signed and compressed.
    public func envelope(header: JSON, body: JSON) throws(KeyError) -> [UInt8] {
        let document = JSON.object([JSON.Member("header", header), JSON.Member("body", body)])
        return try token(type: "simpul+jws", payload: Deflate.deflate(document.bytes), compressed: true)
    }

    /// The receipt of a statement.
    public func receipt(_ statement: ReceiptStatement) throws(KeyError) -> Receipt {
        Receipt(token: try token(type: "simpul-receipt+jws", payload: statement.json.bytes))
    }

    /// The endorsement of another certificate of the same agency.
    public func endorsement(_ endorsement: Endorsement) throws(KeyError) -> [UInt8] {
        try token(type: "simpul-key+jws", payload: endorsement.json.bytes)
    }

    /// The approval of a change of the rules.
    public func approval(of change: RuleChange) throws(KeyError) -> [UInt8] {
        try token(type: "simpul-change+jws", payload: change.octets)
    }

    /// One line of a courier bundle.
    public func bundleLine(_ payload: [UInt8]) throws(KeyError) -> [UInt8] {
        try token(type: BundleLine.tokenType, payload: payload)
    }

    private func token(type: String, payload: [UInt8], compressed: Bool = false) throws(KeyError) -> [UInt8] {
        var header: JSON = [
            "alg": .string(algorithm.rawValue), "typ": .string(type),
            "x5t#S256": .string(certificate.thumbprint.base64url),
        ]
        if compressed { header["zip"] = "DEF" }
        return try CompactJWS.sign(header: header, payload: payload, key: key, algorithm: algorithm)
    }
}

/// What a `sign` certificate says about another certificate of its agency (protocol §2).
public struct Endorsement: Hashable, Sendable {
    /// The agency.
    public var agency: AgencyID
    /// What the endorsed certificate is for: `sign`, `seal` or `tls`; of a broker also `courier`.
    public var use: CertificateUse
    /// The endorsed certificate.
    public var thumbprint: SHA256Digest
    /// From when it is good.
    public var from: Timestamp
    /// Until when it is good.
    public var until: Timestamp

    /// An endorsement to be signed.
    public init(
        agency: AgencyID, use: CertificateUse, thumbprint: SHA256Digest, from: Timestamp, until: Timestamp
    ) {
        self.agency = agency
        self.use = use
        self.thumbprint = thumbprint
        self.from = from
        self.until = until
    }

    var json: JSON {
        [
            "agency": .string(agency.description), "use": .string(use.rawValue),
            "x5t#S256": .string(thumbprint.base64url), "from": .string(from.description),
            "until": .string(until.description),
        ]
    }

    init?(_ value: JSONValue) {
        guard value.count == 5, let agency = value["agency"]?.string.flatMap(AgencyID.init),
            let use = value["use"]?.string.flatMap(CertificateUse.init),
            let thumbprint = value["x5t#S256"]?.utf8.flatMap({ Base64URL.decode($0) }).flatMap(SHA256Digest.init),
            let from = value["from"]?.string.flatMap(Timestamp.init),
            let until = value["until"]?.string.flatMap(Timestamp.init)
        else { return nil }
        self.init(agency: agency, use: use, thumbprint: thumbprint, from: from, until: until)
    }
}

/// What a certificate is for; one key has one use.
public enum CertificateUse: String, Hashable, Sendable, CaseIterable {
    case tls, sign, seal
    /// A broker's: courier bundles for it are sealed to it, and nothing else is. No agency lists one.
    case courier
}
