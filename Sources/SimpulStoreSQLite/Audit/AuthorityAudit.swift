internal import SimpulBroker
internal import SimpulEnvelope

/// The part of an audit that is about who may do what: each record of it after the first has to be approved by two of
/// those whom the record before names.
struct AuthorityAudit {
    private let signers: StoreAudit.Signers
    private var previous: LogRecord?

    init(_ signers: @escaping StoreAudit.Signers) { self.signers = signers }

    mutating func check(_ record: LogRecord, _ key: String, _ report: inout AuditReport) {
        guard let next = AuthorityRecord(record) else {
            return report.add("log", key, .edited, "the record is none of an authority")
        }
        defer { previous = record }
        guard let previous else {
            if !next.approvals.isEmpty {
                report.add("log", key, .dropped, "the record is approved, and the one that it follows is missing")
            }
            return
        }
        let check = ApprovalCheck(after: previous) { [signers] thumbprint in
            signers(thumbprint).map { .success(.init(certificate: $0)) } ?? .failure(.unknownSigner)
        }
        do throws(ChangeFault) {
            try check?.check(next)
        } catch {
            report.add("log", key, .forged, "two approvers have not signed this change of the rules: \(error.rawValue)")
        }
    }
}
