internal import JOSE
public import SimpulBroker
public import SimpulCore
public import SimpulEnvelope

/// What a broker would do with a message of an agency, found out by the real path with keys of this moment: a copy of
/// the roster in memory lists them as the agency's. Nothing is sent, stored or signed with a key that anybody trusts.
public struct Rehearsal: Sendable {
    /// What drafts are signed with here.
    public let signing: SigningIdentity
    /// The rules that the rehearsal judges by.
    public let rules: Rulebook.Rules
    private let hub: AgencyID
    private let limits: Limits
    private let catalogue: SchemaCatalogue
    private let connection: Peer
    private let now: Timestamp

    /// A rehearsal of one agency.
    /// - Parameter keepsSigners: whether the agency's own `sign` certificates stay: for an envelope that it has signed.
    /// - Throws: where no key could be made.
    public init(
        of configuration: HubConfiguration, as agency: AgencyID, keepsSigners: Bool, catalogue: SchemaCatalogue,
        now: Timestamp
    ) throws {
        let authority = try NewAuthority(name: "rehearsal", now: now)
        var template = authority.template("rehearsal")
        let sign = try authority.pair(template)
        template.extendedUsages = [.clientAuth]
        let tls = try authority.pair(template)
        guard let signing = SigningIdentity(agency: agency, certificate: sign.certificate, key: sign.key) else {
            throw CertificateError.notIssuable
        }
        var own = [RosterCertificate(agency: agency, use: .tls, certificate: tls.certificate)]
        if !keepsSigners { own.append(RosterCertificate(agency: agency, use: .sign, certificate: sign.certificate)) }
        let roster = try configuration.rules.roster.rehearsing(agency, with: own, anchor: authority.certificate)
        rules = Rulebook.Rules(roster: roster, policy: configuration.rules.policy)
        self.signing = signing
        (hub, limits, self.catalogue, self.now) = (configuration.hub, configuration.limits, catalogue, now)
        connection = Peer(verifiedChain: [tls.certificate, authority.certificate])
    }

    /// The certificates that a body for these parties is sealed to now; none for a party that has none.
    public func sealing(for parties: [AgencyID]) -> [RosterCertificate] {
        parties.flatMap { rules.roster.sealingCertificates(of: $0, at: now) }
    }

    /// What the broker would say to an envelope.
    /// - Parameter history: what the broker has accepted before.
    /// - Throws: a ``Refusal``, the broker's; a ``StoreError`` where the history cannot be read.
    public func approve(_ envelope: [UInt8], history: any MessageHistory) async throws -> AuthorizedMessage {
        let now = now
        let authenticator = Authenticator(rulebook: Rulebook(rules), limits: limits, now: { now })
        let caller = try authenticator.authenticate(connection)
        let submission = try authenticator.submission(envelope, from: caller)
        let approval = Approval(hub: hub, catalogue: catalogue, history: history, limits: limits)
        let message = try await approval.approve(submission)
        if let stored = try await history.acceptance(of: message.key)?.digest, stored != message.digest {
            throw Refusal.idConflict(stored: stored, message)
        }
        return message
    }
}
