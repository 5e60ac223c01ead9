internal import JOSE
public import SimpulCore
public import SimpulEnvelope

/// Whether rules may come into force, judged by what the log recorded last and by the change that lies beside them.
public struct RuleCheck: Sendable {
    /// What the check says.
    public enum Outcome: Hashable, Sendable {
        /// The log has these rules as its newest: nothing is to be recorded.
        case recorded
        /// They may come into force with this record.
        case record(LogRecord)
        /// The log has these rules as its newest, and the change beside them is not approved yet.
        case pending(ChangeFault)
        /// They may not come into force: the rules that the log recorded last are others.
        case refused(ChangeFault)
    }

    private let hub: AgencyID
    private let rules: Rulebook.Rules
    private let change: ChangeDocument
    private let now: Timestamp

    /// A check of rules and the change beside them, at that moment.
    public init(hub: AgencyID, rules: Rulebook.Rules, change: ChangeDocument, now: Timestamp) {
        self.hub = hub
        self.rules = rules
        self.change = change
        self.now = now
    }

    /// Judges.
    /// - Parameter newest: the newest record of ``LogRecord/Subject/authority``; nil where there is none yet, and then
    ///   these rules are the first.
    public func outcome(after newest: LogRecord?) -> Outcome {
        let authority = Authority(rules)
        guard let newest else {
            let keys = rules.roster.approverKeys(of: rules.policy, at: now)
            return .record(AuthorityRecord(authority, approvers: keys, at: now).logged)
        }
        guard let recorded = AuthorityRecord(newest) else { return .refused(.damagedRecord) }
        let isSame = recorded.authority == authority
        do throws(ChangeFault) {
            let file = try change.file()
            // A change that has been made stays beside the policy until the next one takes its place.
            if isSame && file.change.after != newest.digest { return .recorded }
            return .record(try record(of: file, authority, after: newest))
        } catch {
            guard isSame else { return .refused(error) }
            return error == .missing ? .recorded : .pending(error)
        }
    }

    /// The approvers who could sign a change at that moment: those whom the log recorded last, by a certificate that
    /// counts. Of fewer than two no change can ever be approved again.
    public func able(after newest: LogRecord?) -> [AgencyID] {
        guard let newest, let check = ApprovalCheck(after: newest, signers: signer) else {
            return rules.roster.approverKeys(of: rules.policy, at: now).filter { !$0.value.isEmpty }.keys.sorted()
        }
        let listed = rules.roster.agencies.values.flatMap(\.certificates).filter { $0.use == .sign }
        let able = listed.compactMap { certificate -> AgencyID? in
            guard let signer = try? signer(certificate.thumbprint).get() else { return nil }
            return try? check.approver(signer, certificate.endorsement.map { [$0] } ?? [], at: now)
        }
        return Set(able).sorted()
    }

    private func record(
        of file: ChangeFile, _ authority: Authority, after newest: LogRecord
    ) throws(ChangeFault) -> LogRecord {
        guard let check = ApprovalCheck(after: newest, signers: signer) else { throw .damagedRecord }
        let change = file.change
        guard change.hub == hub else { throw .wrongHub }
        guard change.after == newest.digest else { throw .wrongStart }
        guard change.to == authority.digest else { throw .wrongEnd }
        try compareApprovers(change)
        let next = AuthorityRecord(
            authority, approvers: change.approvers, approvals: file.approvals,
            endorsements: endorsements(of: file.approvals), at: now)
        // The first line is what people were shown.
        guard try check.check(next, hub: hub) == change else { throw .otherStep }
        return next.logged
    }

    /// The certificates that count from then on must be listed for the new rules' own approvers, two of them at least.
    private func compareApprovers(_ change: RuleChange) throws(ChangeFault) {
        guard Set(change.approvers.keys) == Set(rules.policy.approvers),
            change.approvers.values.count(where: { !$0.isEmpty }) >= ApprovalCheck.needed,
            change.approvers.allSatisfy({ agency, thumbprints in
                thumbprints.allSatisfy { rules.roster.signer($0)?.agency == agency }
            })
        else { throw .wrongApprovers }
    }

    private func signer(_ thumbprint: SHA256Digest) -> Result<ApprovalCheck.Signer, ChangeFault> {
        guard let listed = rules.roster.signer(thumbprint) else { return .failure(.unknownSigner) }
        guard let agency = rules.roster.activeAgency(listed.agency), rules.roster.objection(to: listed, at: now) == nil
        else { return .failure(.refusedSigner) }
        return .success(
            ApprovalCheck.Signer(
                certificate: listed.certificate, agency: agency.id, allowsRS256: agency.allowsRS256))
    }

    private func endorsements(of approvals: [[UInt8]]) -> [String] {
        approvals.compactMap { token in
            let signed = try? SignedStatement<RuleChange>(approval: token) { try? signer($0).get().certificate }
            return signed.flatMap { rules.roster.signer($0.signer.thumbprint)?.endorsement }
        }
    }
}
