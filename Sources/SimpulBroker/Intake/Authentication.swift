public import JOSE
public import SimpulCore
public import SimpulEnvelope

/// Who is at the other end of a connection: the chain that its TLS handshake was verified with.
public struct Peer: Sendable {
    /// Leaf first, anchor last.
    public let chain: [Certificate]

    /// A peer whose chain was verified in the handshake.
    public init(verifiedChain chain: [Certificate]) { self.chain = chain }
}

/// An agency that is authenticated at this moment. Only ``Authenticator`` makes one.
public struct Caller: Sendable {
    /// The agency.
    public let agency: Agency
    /// The certificate of its connection; of a bundle the one that signed it.
    public let certificate: Certificate
    /// The rules in force when it was authenticated; the whole call is judged by them.
    public let rules: Rulebook.Rules
    /// When it was authenticated; the whole call is judged at that moment.
    public let at: Timestamp
    fileprivate let peer: Peer

    fileprivate init(agency: Agency, certificate: Certificate, peer: Peer, rules: Rulebook.Rules, at: Timestamp) {
        self.agency = agency
        self.certificate = certificate
        self.peer = peer
        self.rules = rules
        self.at = at
    }
}

/// An envelope from an authenticated agency, its form and parameters checked. The first step of the path.
public struct Submission: Sendable {
    /// Who submitted it.
    public let caller: Caller
    /// What was submitted.
    public let envelope: SignedEnvelope

    fileprivate init(caller: Caller, envelope: SignedEnvelope) {
        self.caller = caller
        self.envelope = envelope
    }
}

/// Peer → ``Caller`` → ``Submission``: who is speaking, and is it an envelope at all.
public struct Authenticator: Sendable {
    private let rulebook: Rulebook
    private let limits: Limits
    private let now: @Sendable () -> Timestamp

    /// An authenticator.
    public init(rulebook: Rulebook, limits: Limits, now: @escaping @Sendable () -> Timestamp) {
        self.rulebook = rulebook
        self.limits = limits
        self.now = now
    }

    /// The active agency of a connection, whose certificate is judged again at this moment.
    /// - Throws: `agency-inactive`.
    public func authenticate(_ peer: Peer) throws(Refusal) -> Caller {
        let rules = rulebook.rules
        let moment = now()
        guard let leaf = peer.chain.first else { throw .agencyInactive("the connection has no certificate") }
        let verdict = rules.roster.trust.verify(
            leaf, intermediates: Array(peer.chain.dropFirst()), purpose: .tlsClient, at: moment.seconds)
        guard case .trusted(let chain) = verdict else { throw .agencyInactive("certificate refused: \(verdict)") }
        guard let agency = rules.roster.agency(ofPeer: chain, at: moment) else {
            throw .agencyInactive("the certificate belongs to no active agency")
        }
        return Caller(agency: agency, certificate: leaf, peer: peer, rules: rules, at: moment)
    }

    /// The same agency on the same connection, judged again by the rules of this moment: for a call that has waited
    /// since it was authenticated.
    /// - Throws: `agency-inactive`, also where the certificate belongs to another agency by now.
    public func renew(_ caller: Caller) throws(Refusal) -> Caller {
        let renewed = try authenticate(caller.peer)
        guard renewed.agency.id == caller.agency.id else {
            throw .agencyInactive("the certificate belongs to another agency by now")
        }
        return renewed
    }

    /// The active agency that signed a line of a courier bundle: no connection speaks for it, its `sign` certificate
    /// does, judged at this moment. Such a caller cannot be renewed.
    /// - Throws: `signer-unknown` where no agency lists the certificate to sign, or it is retired, revoked or out of
    ///   date; `bundle-foreign` where it is another agency's than the bundle says; `agency-inactive`;
    ///   `algorithm-refused`, `signature-invalid`.
    public func authenticate(_ line: BundleLine) throws(Refusal) -> Caller {
        let rules = rulebook.rules
        let moment = now()
        guard let signer = rules.roster.signer(line.signer), rules.roster.objection(to: signer, at: moment) == nil
        else { throw .bundleSignerUnknown }
        guard signer.agency == line.head.from else { throw .bundleFromAnother }
        guard let agency = rules.roster.activeAgency(signer.agency) else {
            throw .agencyInactive("the bundle's signer belongs to no active agency")
        }
        guard line.algorithm != .RS256 || agency.allowsRS256 else { throw .bundleAlgorithm }
        guard line.isSigned(by: signer.certificate.publicKey) else { throw .bundleSignature }
        return Caller(
            agency: agency, certificate: signer.certificate, peer: Peer(verifiedChain: []), rules: rules, at: moment)
    }

    /// The envelope that an authenticated agency sent.
    /// - Throws: `too-large`, `not-jose`, `parameter-refused` or `algorithm-refused`.
    public func submission(_ bytes: [UInt8], from caller: Caller) throws(Refusal) -> Submission {
        Submission(caller: caller, envelope: try SignedEnvelope(parsing: bytes, limits: limits))
    }
}

extension Refusal {
    static func agencyInactive(_ diagnosis: String) -> Refusal {
        Refusal(
            .agencyInactive, at: .authenticate,
            LocalizedText(
                "The certificate of this connection belongs to no active agency. Ask the operator to list it.",
                "Sertifikat sambungan ini bukan milik instansi aktif mana pun. Minta operator mendaftarkannya."),
            diagnosis: diagnosis)
    }
}
