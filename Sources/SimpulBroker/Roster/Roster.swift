public import JOSE
public import SimpulCore
public import SimpulEnvelope

/// The agencies and their certificates, and what certificates chain to. One immutable value: a change is a new roster
/// with a higher generation, and everything that was cached by the old one goes with it.
public struct Roster: Sendable {
    /// Rises with every change.
    public let generation: UInt64
    /// The digest of the files that it was read from.
    public let digest: Digest
    /// The agencies by id.
    public let agencies: [AgencyID: Agency]
    /// What certificates must chain to, and what is revoked.
    public let trust: TrustStore
    /// Anchors under which a TLS certificate may name its agency in a SAN URI.
    private let namingAnchors: Set<SHA256Digest>
    private let certificates: [SHA256Digest: RosterCertificate]

    /// A roster of agencies whose certificates are consistent with each other.
    /// - Throws: every fault at once: a thumbprint that occurs twice, a key with two uses, a key of a kind or
    ///   size that the protocol does not take.
    public init(
        agencies: [Agency], trust: TrustStore, namingAnchors: Set<SHA256Digest> = [], digest: Digest,
        generation: UInt64
    ) throws(RosterFaults) {
        var faults: [String] = []
        var byID: [AgencyID: Agency] = [:]
        var certificates: [SHA256Digest: RosterCertificate] = [:]
        var uses: [[UInt8]: CertificateUse] = [:]
        for agency in agencies {
            if byID.updateValue(agency, forKey: agency.id) != nil { faults.append("\(agency.id) occurs twice") }
            if agency.holdsNoBodyKeys, agency.certificates.contains(where: { $0.use == .seal }) {
                faults.append("\(agency.id): an agency with the role BROKER or AUDIT has no seal certificate")
            }
            for certificate in agency.certificates {
                let key = certificate.certificate.publicKey
                if certificates.updateValue(certificate, forKey: certificate.thumbprint) != nil {
                    faults.append("\(agency.id): certificate \(certificate.thumbprint.hex) occurs twice")
                }
                if let other = uses.updateValue(certificate.use, forKey: key.spki), other != certificate.use {
                    faults.append("\(agency.id): one key is used for \(other.rawValue) and \(certificate.use.rawValue)")
                }
                if !SignatureProfile.takes(key.kind) {
                    faults.append(
                        "\(agency.id): certificate \(certificate.thumbprint.hex) has a key that is weak or of a kind not used here"
                    )
                }
            }
        }
        guard faults.isEmpty else { throw RosterFaults(texts: faults) }
        self.agencies = byID
        self.certificates = certificates
        self.trust = trust
        self.namingAnchors = namingAnchors
        self.digest = digest
        self.generation = generation
    }

    /// This roster with one agency's `tls` and `sign` certificates replaced, and an anchor more for them: how a message
    /// can be judged as that agency's without its keys. Never the roster of a broker that serves.
    package func rehearsing(
        _ agency: AgencyID, with own: [RosterCertificate], anchor: Certificate
    ) throws(RosterFaults) -> Roster {
        let listed = agencies.values.map { entry in
            guard entry.id == agency else { return entry }
            var changed = entry
            let uses = Set(own.map(\.use))
            changed.certificates = entry.certificates.filter { !uses.contains($0.use) } + own
            return changed
        }
        return try Roster(
            agencies: listed,
            trust: TrustStore(
                anchors: trust.anchors + [anchor], revocationLists: trust.revocationLists,
                generation: generation + 1),
            namingAnchors: namingAnchors, digest: digest, generation: generation + 1)
    }

    /// The active agency with that id.
    public func activeAgency(_ id: AgencyID) -> Agency? {
        agencies[id].flatMap { $0.isActive ? $0 : nil }
    }

    /// The active agencies that have their deliveries pushed.
    public var pushed: [AgencyID: PushEndpoint] { agencies.filter(\.value.isActive).compactMapValues(\.push) }

    /// The active agency with that id, or the hub itself.
    public func party(_ id: AgencyID, of hub: AgencyID) -> Agency? {
        activeAgency(id) ?? (id == hub ? .hub(id) : nil)
    }

    /// The active agency that a verified TLS chain belongs to: the one that lists the leaf for TLS, or, under a naming
    /// anchor, the one in the leaf's SAN URI `urn:simpul:agency:<id>`.
    /// - Parameter chain: leaf first, anchor last, as it was verified.
    public func agency(ofPeer chain: [Certificate], at now: Timestamp) -> Agency? {
        guard let leaf = chain.first, let anchor = chain.last else { return nil }
        if let listed = certificates[leaf.thumbprint] {
            return listed.use == .tls && listed.isInUse(at: now) ? activeAgency(listed.agency) : nil
        }
        guard namingAnchors.contains(anchor.thumbprint) else { return nil }
        let prefix = "urn:simpul:agency:"
        let names = leaf.subjectAlternativeURIs.filter { $0.hasPrefix(prefix) }
        guard names.count == 1, let id = AgencyID(String(names[0].dropFirst(prefix.count))) else { return nil }
        return activeAgency(id)
    }

    /// The certificate with that thumbprint if it is listed to sign; no other key is ever tried.
    public func signer(_ thumbprint: SHA256Digest) -> RosterCertificate? {
        certificates[thumbprint].flatMap { $0.use == .sign ? $0 : nil }
    }

    /// Whether an agency could sign a message at that moment.
    public func hasSigner(_ agency: AgencyID, at now: Timestamp) -> Bool {
        (activeAgency(agency)?.certificates ?? []).contains { $0.use == .sign && objection(to: $0, at: now) == nil }
    }

    /// Why a listed certificate may not be used at that moment; nil where it may.
    public func objection(to certificate: RosterCertificate, at now: Timestamp) -> CertificateObjection? {
        if !certificate.isInUse(at: now) { return .notInUse }
        switch trust.verify(certificate.certificate, intermediates: [], purpose: .any, at: now.seconds) {
        case .trusted: return nil
        case .refused(let refusal): return .chain(refusal)
        }
    }

    /// The certificates that a body for that agency may be sealed to at that moment.
    public func sealingCertificates(of agency: AgencyID, at now: Timestamp) -> [RosterCertificate] {
        (activeAgency(agency)?.certificates ?? []).filter { $0.use == .seal && objection(to: $0, at: now) == nil }
    }
}

/// What is wrong with a set of agencies, every fault at once.
public struct RosterFaults: Error, Sendable, Equatable {
    /// One sentence a fault.
    public var texts: [String]
}

/// Why a listed certificate may not be used now.
public enum CertificateObjection: Sendable, Equatable {
    /// It is retired, or outside of the dates that the roster gives it.
    case notInUse
    /// Its chain does not verify now.
    case chain(ChainRefusal)
}

/// An agency as the roster lists it.
public struct Agency: Sendable {
    /// Its id.
    public var id: AgencyID
    /// Its name for people.
    public var name: LocalizedText
    /// What it is in the network.
    public var roles: Set<Role>
    /// Whether it takes part now.
    public var isActive: Bool
    /// Whether its tokens may be signed with RS256 (certified e-signature tokens).
    public var allowsRS256: Bool
    /// Its certificates.
    public var certificates: [RosterCertificate]
    /// Whom to ask about data protection there: an office and how to reach it, nobody's name (UU 27/2022, article 53).
    public var dataProtection: String?
    /// Groups of its own, for ``accepts``.
    public var groups: [GroupName: Set<AgencyID>] = [:]
    /// From whom it takes a type, where that is fewer than the policy lets it.
    public var accepts: [MessageType: Parties] = [:]
    /// Who is told first where it is late.
    public var desks = Desks()
    /// What it may send, where that is not what everybody may.
    public var quota = AgencyQuota()

    /// Where its deliveries are pushed to; nil where it fetches them itself.
    public var push: PushEndpoint?

    /// Whether it operates or audits, and so never holds a key that opens a body (``HardDenial/sealedToOperator``).
    var holdsNoBodyKeys: Bool { roles.contains(.broker) || roles.contains(.audit) }

    /// The hub, as a party of a message that is meant for the broker: it has no entry in the roster of its own.
    static func hub(_ id: AgencyID) -> Agency {
        Agency(id: id, name: LocalizedText("broker", "simpul"), roles: [.broker], certificates: [])
    }

    /// An agency.
    public init(
        id: AgencyID, name: LocalizedText, roles: Set<Role>, isActive: Bool = true, allowsRS256: Bool = false,
        certificates: [RosterCertificate]
    ) {
        self.id = id
        self.name = name
        self.roles = roles
        self.isActive = isActive
        self.allowsRS256 = allowsRS256
        self.certificates = certificates
    }
}

/// A certificate as the roster lists it.
public struct RosterCertificate: Sendable {
    /// Whose it is.
    public var agency: AgencyID
    /// What it is for.
    public var use: CertificateUse
    /// The certificate.
    public var certificate: Certificate
    /// From when the agency wants it used, where that is later than the certificate's own date.
    public var from: Timestamp?
    /// Until when the agency wants it used, where that is earlier than the certificate's own date.
    public var until: Timestamp?
    /// Whether it is refused for everything new.
    public var isRetired: Bool
    /// The agency's signed word for it, as other agencies get it in the directory.
    public var endorsement: String?

    /// What tokens name it by.
    public var thumbprint: SHA256Digest { certificate.thumbprint }

    /// Whether the roster lets it be used at that moment; its own dates and chain are another matter.
    public func isInUse(at now: Timestamp) -> Bool {
        !isRetired && from.map { $0 <= now } ?? true && until.map { now < $0 } ?? true
    }

    /// A listed certificate.
    public init(
        agency: AgencyID, use: CertificateUse, certificate: Certificate, from: Timestamp? = nil,
        until: Timestamp? = nil, isRetired: Bool = false, endorsement: String? = nil
    ) {
        self.agency = agency
        self.use = use
        self.certificate = certificate
        self.from = from
        self.until = until
        self.isRetired = isRetired
        self.endorsement = endorsement
    }
}
