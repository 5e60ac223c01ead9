public import JOSE
public import SimpulBroker
public import SimpulCore
public import SimpulEnvelope

/// An agency of the test network, with all its keys.
public struct TestAgency: Sendable {
    /// Its id.
    public let id: AgencyID
    /// Its role.
    public let role: Role
    /// The certificate of its connections.
    public let tls: Certificate
    /// What it signs with.
    public let signing: SigningIdentity
    /// What bodies for it are sealed to.
    public let seal: Certificate
    /// What it opens them with.
    public let sealKey: PrivateKey
    /// The key behind ``signing``, for tokens that no good client makes.
    public let signKey: PrivateKey

    init(_ id: String, role: String, authority: TestAuthority) throws {
        let agency = try require(AgencyID(id))
        self.id = agency
        self.role = try require(Role(role))
        tls = try authority.certificate(for: id, key: PrivateKey.generate(.p256), usages: [.clientAuth])
        signKey = PrivateKey.generate(.p256)
        let sign = try authority.certificate(for: id, key: signKey)
        signing = try require(SigningIdentity(agency: agency, certificate: sign, key: signKey))
        sealKey = PrivateKey.generate(.p256)
        seal = try authority.certificate(for: id, key: sealKey, use: .encryption)
    }

    /// The entry of the roster.
    public var listed: Agency {
        let certificates = [
            RosterCertificate(agency: id, use: .tls, certificate: tls),
            RosterCertificate(agency: id, use: .sign, certificate: signing.certificate),
            RosterCertificate(agency: id, use: .seal, certificate: seal),
        ]
        let name = LocalizedText("Fictional agency", "Instansi fiktif")
        return Agency(id: id, name: name, roles: [role], certificates: certificates)
    }
}

/// A certification authority of tests.
public struct TestAuthority: Sendable {
    /// Its own certificate.
    public let anchor: Certificate
    /// Its key.
    public let key: PrivateKey
    private let now: Timestamp

    /// An authority whose certificates are valid from an hour before that moment to 90 days after it.
    public init(at now: Timestamp) throws {
        self.now = now
        key = PrivateKey.generate(.p256)
        anchor = try CertificateAuthority.selfSigned(
            commonName: "CONTOH FIKTIF CA", key: key, notBefore: now.seconds - 3600,
            notAfter: now.seconds + 90 * 86400)
    }

    /// A certificate for a key; its dates are seconds from the authority's moment.
    public func certificate(
        for name: String, key subject: PrivateKey, usages: [CertificateTemplate.ExtendedUsage] = [],
        names: [CertificateTemplate.AlternativeName] = [], use: CertificateTemplate.Use = .signature,
        from: Int64 = -3600, until: Int64 = 80 * 86400
    ) throws -> Certificate {
        let template = CertificateTemplate(
            commonName: name, names: names, extendedUsages: usages, use: use, notBefore: now.seconds + from,
            notAfter: now.seconds + until)
        return try CertificateAuthority.issue(template, for: subject.publicKey, issuer: anchor, key: key)
    }
}

/// A value that a test cannot go on without.
public func require<Value>(_ value: Value?, _ what: String = "a value that tests need is missing") throws -> Value {
    guard let value else { throw TestSetupError(what: what) }
    return value
}

/// A test's own preparation went wrong.
public struct TestSetupError: Error {
    let what: String
}
