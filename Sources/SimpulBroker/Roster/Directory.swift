public import JOSE
public import SimpulCore
public import StrictJSON

/// The answer to `GET /v1/directory`: the agencies and what to seal to. A client believes it only as far as the
/// endorsements in it reach (protocol §2).
public struct Directory: Sendable {
    private let broker: AgencyID
    private let certificates: [BrokerCertificate]

    /// A certificate of the broker itself: `tls`, `sign`, `log` or `courier`.
    public struct BrokerCertificate: Sendable {
        /// What it is for.
        public var use: String
        /// The certificate.
        public var certificate: Certificate
        /// The `sign` key's word for it, where clients need one.
        public var endorsement: String?

        /// A certificate and its use.
        public init(use: String, certificate: Certificate, endorsement: String? = nil) {
            self.use = use
            self.certificate = certificate
            self.endorsement = endorsement
        }
    }

    /// The directory of a broker with those certificates.
    public init(broker: AgencyID, certificates: [BrokerCertificate]) {
        self.broker = broker
        self.certificates = certificates
    }

    /// The broker and every active agency.
    public func all(in roster: Roster) -> JSON {
        [
            "broker": [
                "id": .string(broker.description),
                "certificates": .array(
                    certificates.map { Self.entry(use: $0.use, $0.certificate, endorsement: $0.endorsement) }),
            ],
            "agencies": .array(
                roster.agencies.values.filter(\.isActive).sorted { $0.id < $1.id }.map(Self.entry)),
        ]
    }

    /// One active agency, or nil.
    public func one(_ id: AgencyID, in roster: Roster) -> JSON? {
        roster.activeAgency(id).map(Self.entry)
    }

    private static func entry(_ agency: Agency) -> JSON {
        .object([
            "id": .string(agency.id.description),
            "name": ["id": .string(agency.name.indonesian), "en": .string(agency.name.english)],
            "roles": .array(agency.roles.map(\.description).sorted().map { .string($0) }),
            "certificates": .array(
                agency.certificates.filter { !$0.isRetired }.map { listed in
                    entry(
                        use: listed.use.rawValue, listed.certificate, from: listed.from, until: listed.until,
                        endorsement: listed.endorsement)
                }),
            "dataProtection": agency.dataProtection.map { .string($0) },
        ])
    }

    private static func entry(
        use: String, _ certificate: Certificate, from: Timestamp? = nil, until: Timestamp? = nil,
        endorsement: String? = nil
    ) -> JSON {
        .object([
            "use": .string(use), "x5t#S256": .string(certificate.thumbprint.base64url),
            "pem": .string(certificate.pem),
            "from": .string((from ?? Timestamp(milliseconds: certificate.notBefore * 1000)).description),
            "until": .string((until ?? Timestamp(milliseconds: certificate.notAfter * 1000)).description),
            "endorsement": endorsement.map { .string($0) },
        ])
    }
}
