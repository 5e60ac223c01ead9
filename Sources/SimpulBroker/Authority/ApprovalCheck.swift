public import JOSE
public import SimpulCore
public import SimpulEnvelope

/// Whether a record of the log is the approved successor of the one before: its approvals are for exactly this step, and
/// signed by two different approvers whom the record before names. The broker asks before rules come into force, an
/// audit asks again later.
public struct ApprovalCheck {
    /// A certificate that approvals may be signed with.
    public struct Signer: Sendable {
        /// The certificate.
        public var certificate: Certificate
        /// Whose it is, where that is known.
        public var agency: AgencyID?
        /// Whether it may be used with RS256.
        public var allowsRS256: Bool

        /// A signer.
        public init(certificate: Certificate, agency: AgencyID? = nil, allowsRS256: Bool = true) {
            self.certificate = certificate
            self.agency = agency
            self.allowsRS256 = allowsRS256
        }
    }

    /// The signer with a thumbprint, or why it is not to be used. No other is tried.
    public typealias Signers = (SHA256Digest) -> Result<Signer, ChangeFault>

    /// How many different agencies have to sign.
    public static let needed = 2

    private let previous: AuthorityRecord
    private let previousDigest: Digest
    private let signers: Signers

    /// A check of what follows a record; nil where that record is none.
    public init?(after previous: LogRecord, signers: @escaping Signers) {
        guard let record = AuthorityRecord(previous) else { return nil }
        self.previous = record
        previousDigest = previous.digest
        self.signers = signers
    }

    /// Checks the record that follows.
    /// - Parameter hub: the broker that the step must be for; nil where the record before says enough.
    /// - Returns: the step that every approval is for.
    /// - Throws: ``ChangeFault`` for the first objection. One bad approval spoils all of them.
    @discardableResult
    public func check(_ next: AuthorityRecord, hub: AgencyID? = nil) throws(ChangeFault) -> RuleChange {
        var step: RuleChange?
        var agencies: Set<AgencyID> = []
        for token in next.approvals {
            let (change, signer) = try read(token)
            try compare(change, with: next, hub: hub)
            guard step == nil || step == change else { throw .otherStep }
            step = change
            guard agencies.insert(try approver(signer, next.endorsements, at: next.at)).inserted else {
                throw .sameAgency
            }
        }
        guard let step, agencies.count >= Self.needed else { throw .tooFew }
        return step
    }

    private func read(_ token: [UInt8]) throws(ChangeFault) -> (RuleChange, Signer) {
        var found: Result<Signer, ChangeFault> = .failure(.badApproval)
        let signed: SignedStatement<RuleChange>
        do {
            signed = try SignedStatement(approval: token) { thumbprint in
                found = signers(thumbprint)
                return try? found.get().certificate
            }
        } catch {
            switch error {
            case .algorithmRefused: throw .algorithmRefused
            case .unknownSigner: _ = try found.get()
            default: break
            }
            throw .badApproval
        }
        let signer = try found.get()
        guard signed.algorithm != .RS256 || signer.allowsRS256 else { throw .algorithmRefused }
        return (signed.statement, signer)
    }

    private func compare(_ change: RuleChange, with next: AuthorityRecord, hub: AgencyID?) throws(ChangeFault) {
        if let hub, change.hub != hub { throw .wrongHub }
        guard change.after == previousDigest, change.from == previous.authority.digest else { throw .wrongStart }
        guard change.to == next.authority.digest else { throw .wrongEnd }
        guard change.approvers == next.approvers else { throw .wrongApprovers }
    }

    /// Who has signed: the approver that the record before knows by this certificate, or by the one which endorses it.
    func approver(
        _ signer: Signer, _ endorsements: [String], at moment: Timestamp
    ) throws(ChangeFault) -> AgencyID {
        let thumbprint = signer.certificate.thumbprint
        if let known = previous.approvers.first(where: { $0.value.contains(thumbprint) }) { return known.key }
        if let agency = signer.agency, previous.approvers[agency] == nil { throw .noApprover }
        for token in endorsements {
            guard
                let signed = try? SignedStatement<Endorsement>(
                    endorsement: Array(token.utf8), signers: { try? signers($0).get().certificate })
            else { continue }
            let word = signed.statement
            guard word.use == .sign, word.thumbprint == thumbprint, word.from <= moment, moment < word.until,
                previous.approvers[word.agency]?.contains(signed.signer.thumbprint) == true
            else { continue }
            return word.agency
        }
        throw .unknownKey
    }
}
