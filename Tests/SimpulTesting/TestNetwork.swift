public import JOSE
public import SimpulBroker
public import SimpulCore
public import SimpulEnvelope
public import StrictJSON

/// A small network of fictional agencies with real keys and certificates, at a fixed moment. Nothing in it is a stub:
/// messages come out of the real path.
public struct TestNetwork: Sendable {
    /// The network that tests share; making its keys takes a few milliseconds.
    public static let shared = Result { try TestNetwork() }

    /// The moment at which everything happens unless a test says otherwise.
    public let now: Timestamp
    /// The authority that everybody's certificates chain to.
    public let authority: TestAuthority
    /// The broker's signing identity.
    public let broker: SigningIdentity
    /// The passport desk, role IMM.
    public let immigration: TestAgency
    /// Role POL.
    public let police: TestAgency
    /// The regency's protection unit, role UPTD.
    public let protection: TestAgency
    /// A shelter, role NGO.
    public let shelter: TestAgency
    /// The schemas.
    public let catalogue: SchemaCatalogue
    /// The bounds.
    public let limits = Limits()

    init() throws {
        now = try require(Timestamp("2026-03-04T21:14:05+07:00"))
        authority = try TestAuthority(at: now)
        let hub = try require(AgencyID("id-1709.simpul"))
        let key = PrivateKey.generate(.p256)
        let certificate = try authority.certificate(for: hub.description, key: key)
        broker = try require(SigningIdentity(agency: hub, certificate: certificate, key: key))
        immigration = try TestAgency("id-1709.imigrasi", role: "IMM", authority: authority)
        police = try TestAgency("id-1709.polres.ppa", role: "POL", authority: authority)
        protection = try TestAgency("id-1709.uptd-ppa", role: "UPTD", authority: authority)
        shelter = try TestAgency("id-1709.ngo.rumah-aman", role: "NGO", authority: authority)
        catalogue = try SchemaCatalogue()
    }

    /// One more agency, with keys of its own.
    public func makeAgency(_ id: String, role: String) throws -> TestAgency {
        try TestAgency(id, role: role, authority: authority)
    }

    /// A roster of those agencies; who operates or audits is listed without a seal certificate.
    public func roster(of agencies: [TestAgency]) throws -> Roster {
        let listed = agencies.map { agency in
            var entry = agency.listed
            if agency.role == .broker || agency.role == .audit { entry.certificates.removeAll { $0.use == .seal } }
            return entry
        }
        let trust = TrustStore(anchors: [authority.anchor], revocationLists: [], generation: 1)
        return try Roster(agencies: listed, trust: trust, digest: digest(of: "roster"), generation: 1)
    }

    /// The agencies.
    public var agencies: [TestAgency] { [immigration, police, protection, shelter] }

    /// The roster of those agencies.
    public func roster(
        changing change: (inout Agency) -> Void = { _ in }, revocationLists: [RevocationList] = [],
        namingAnchors: Set<SHA256Digest> = []
    ) throws -> Roster {
        let listed = agencies.map { agency in
            var entry = agency.listed
            change(&entry)
            return entry
        }
        let trust = TrustStore(anchors: [authority.anchor], revocationLists: revocationLists, generation: 1)
        return try Roster(
            agencies: listed, trust: trust, namingAnchors: namingAnchors, digest: digest(of: "roster"), generation: 1)
    }

    /// A policy that lets every role of the network send every type to every role, and to the broker.
    public func openPolicy() throws -> Policy {
        let parties = Parties(roles: Set(agencies.map(\.role)).union([.broker]))
        let rules = MessageType.allCases.map {
            Policy.Rule(id: "open-\($0.rawValue)", type: $0, from: parties, to: parties, basis: "test")
        }
        return try Policy(rules: rules, impactAssessment: "DPIA-2026-02", digest: digest(of: "policy"))
    }

    /// A broker on a store, with the network's roster and open policy unless others are given.
    public func makeBroker(
        on store: any MessageStore, roster: Roster? = nil, policy: Policy? = nil, courierKey: CourierKey? = nil,
        limits: Limits = Limits(), files: any AttachmentFiles = MemoryAttachments(),
        now: (@Sendable () -> Timestamp)? = nil
    ) throws -> Broker {
        let rules = Rulebook.Rules(roster: try roster ?? self.roster(), policy: try policy ?? openPolicy())
        let moment = self.now
        return Broker(
            rulebook: Rulebook(rules), catalogue: catalogue, store: store, files: files,
            receipts: ReceiptIssuer(identity: broker), certificates: [], courierKey: courierKey, limits: limits,
            now: now ?? { moment })
    }

    /// The authenticated caller of an agency.
    public func caller(_ agency: TestAgency, of broker: Broker) throws -> Caller {
        try broker.authenticator.authenticate(peer(agency))
    }

    /// The connection of an agency.
    public func peer(_ agency: TestAgency) -> Peer { Peer(verifiedChain: [agency.tls, authority.anchor]) }

    /// What the broker's receipts are verified with.
    public func brokerCertificate(_ thumbprint: SHA256Digest) -> Certificate? {
        thumbprint == broker.certificate.thumbprint ? broker.certificate : nil
    }

    /// An approved message, out of the real path, which sees what that store has.
    public func approved(
        _ draft: TestMessage, on store: any MessageStore = MemoryStore()
    ) async throws -> AuthorizedMessage {
        let broker = try makeBroker(on: store)
        let caller = try caller(draft.sender, of: broker)
        return try await broker.intake.approve(broker.authenticator.submission(draft.envelope(), from: caller))
    }

    private func digest(of text: String) throws -> Digest { Digest(SHA256.hash(Array(text.utf8))) }
}

/// A message under construction: clear and harmless unless a test changes it. Each one has its own id.
public struct TestMessage: Sendable {
    /// Who signs and submits it.
    public var sender: TestAgency
    /// The header.
    public var header: JSON
    /// The clear body.
    public var body: JSON
    /// Whom the body is sealed to; clear where it is empty.
    public var sealedTo: [TestAgency] = []

    /// A clear activity report, class P0, from an agency to others.
    public init(from sender: TestAgency, to recipients: [TestAgency], at now: Timestamp) {
        self.sender = sender
        let id = MessageID(version7At: now, random: SecureRandom.bytes(10))
        header = [
            "id": .string(id.description), "type": "activity-report", "schema": "activity-report/1.0",
            "hub": "id-1709.simpul", "sent": .string(now.description),
            "expires": .string(now.advanced(bySeconds: 86400).description),
            "sender": .string(sender.id.description),
            "recipients": .array(recipients.map { .string($0.id.description) }), "status": "Test",
            "kind": "Report", "region": "17.09", "child": "no", "tlp": "GREEN", "purpose": "MONITORING",
            "legalBasis": "NONE_PERSONAL", "privacy": "P0", "retainDays": 30,
        ]
        body = [
            "activity": "SOSIALISASI", "state": "held", "from": "2026-03-10T09:00:00+07:00",
            "to": "2026-03-10T12:00:00+07:00", "where": ["KEMENDAGRI": "17.09.06", "precision": "kecamatan"],
            "organisers": ["id-1709.imigrasi"],
            "reach": ["participants": ["total": 3, "female": 2, "male": 1, "under18": 0, "disability": 0]],
        ]
    }

    /// The message's id.
    public var id: MessageID? {
        guard case .string(let text)? = header["id"] else { return nil }
        return MessageID(text)
    }

    /// Makes it an alert, sealed to those agencies.
    public mutating func becomeSealedAlert(for agencies: [TestAgency]) {
        let alert: KeyValuePairs<String, JSON> = [
            "type": "alert", "schema": "alert/1.0", "event": "TRAVEL_CONCERN", "urgency": "Immediate",
            "severity": "Severe", "certainty": "Likely", "child": "presumed", "tlp": "RED",
            "uptdAbsence": "INFORMED_BEFORE", "purpose": "VICTIM_SAFETY", "legalBasis": "PDP20-2d", "privacy": "P4",
        ]
        for (name, value) in alert { header[name] = value }
        body = [
            "headline": "CONTOH FIKTIF", "description": "CONTOH FIKTIF. Dua orang muda tanpa kontrak kerja.",
            "stage": "pre-departure",
            "area": ["areaDesc": "Loket fiktif", "geocode": ["KEMENDAGRI": "17.09.02"]],
            "contact": ["unit": "Loket", "phone": "+62000000002"],
        ]
        sealedTo = agencies
    }

    /// Makes it a clear consent of class P1, about no child.
    public mutating func becomeConsent() {
        let consent: KeyValuePairs<String, JSON> = [
            "type": "consent", "schema": "consent/1.0", "action": "grant", "tlp": "RED", "purpose": "SERVICE_PROVISION",
            "legalBasis": "PDP20-2e", "privacy": "P1",
        ]
        for (name, value) in consent { header[name] = value }
        body = [
            "consentRef": "C-0000", "grantor": "Individual", "shareWith": ["id-1709.ngo.rumah-aman"],
            "purposes": ["SERVICE_PROVISION"], "types": ["referral"], "scope": ["identity"], "withheld": [],
            "from": "2026-03-10T09:00:00+07:00", "until": "2026-06-08T09:00:00+07:00", "informedOf": ["purpose"],
            "recordRef": .string("sha-256:" + String(repeating: "0", count: 64)), "identityIncluded": false,
        ]
        sealedTo = []
    }

    /// Makes it a referral, sealed to those agencies.
    public mutating func becomeReferral(for agencies: [TestAgency]) {
        become(
            .referral,
            [
                "priority": "EMERGENCY_24H", "services": ["safehouse_service"], "urgency": "Immediate",
                "severity": "Severe", "certainty": "Observed", "kind": "Request",
            ])
        sealedTo = agencies
    }

    /// Makes it a `referral-status` that answers a message, sealed to those agencies.
    public mutating func becomeAnswer(to question: MessageID, state: JSON, for agencies: [TestAgency]) {
        become(.referralStatus, ["state": state, "inReplyTo": .string(question.description), "kind": "Response"])
        sealedTo = agencies
    }

    /// Makes it a message of another type, of class P4 and to be sealed: the broker sees nothing of its body.
    public mutating func become(_ type: MessageType, _ members: KeyValuePairs<String, JSON>) {
        header["type"] = .string(type.rawValue)
        header["schema"] = .string("\(type.rawValue)/1.0")
        let coded: KeyValuePairs<String, JSON> = [
            "tlp": "RED", "purpose": "SERVICE_PROVISION", "legalBasis": "PDP20-2d", "privacy": "P4",
        ]
        for (name, value) in coded { header[name] = value }
        for (name, value) in members { header[name] = value }
        body = ["case": "K-2X9D-LL"]
    }

    /// The document: header and body, sealed where it shall be.
    public func document() throws -> (header: JSON, body: JSON) {
        guard !sealedTo.isEmpty else { return (header, body) }
        let sealed = try SealedBody.seal(
            body, id: require(id), sender: sender.id, for: sealedTo.map(\.seal), limits: Limits())
        var bound = header
        bound["bodyDigest"] = .string(sealed.digest.description)
        return (bound, sealed.body)
    }

    /// The signed envelope.
    public func envelope() throws -> [UInt8] {
        let document = try document()
        return try sender.signing.envelope(header: document.header, body: document.body)
    }
}
