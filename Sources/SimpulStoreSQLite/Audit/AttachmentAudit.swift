internal import SimpulBroker
internal import SimpulCore
internal import SimpulEnvelope

/// The part of an audit about attachments: each row of `attached` against the signed header of its message. A row too many
/// would let the parties of a message read what it does not list. Where the envelope is gone, what of the row the message's
/// own row tells is compared: whose it is, and until when.
///
/// That a row is missing is no finding: it goes when its message has expired, and nobody reads more by it.
struct AttachmentAudit {
    private let attached: Statement
    private let counts: Statement
    private let limits: Limits

    init(_ connection: Connection, limits: Limits) throws(StoreError) {
        self.limits = limits
        attached = try connection.prepare(
            """
            SELECT t.digest, t.agency, t.message, t.until, m.sender, m.expires, m.digest, m.envelope, a.bytes, a.whole
            FROM attached t LEFT JOIN messages m ON m.seq = t.message
            LEFT JOIN attachments a ON a.agency = t.agency AND a.digest = t.digest
            ORDER BY t.message, t.digest, t.agency
            """)
        counts = try connection.prepare(
            """
            SELECT a.agency, a.digest, a.listed, count(t.message) FROM attachments a
            LEFT JOIN attached t ON t.agency = a.agency AND t.digest = a.digest
            GROUP BY a.agency, a.digest HAVING a.listed <> count(t.message) ORDER BY a.agency, a.digest
            """)
    }

    func run(into report: inout AuditReport) throws(StoreError) {
        var known: (message: UInt64, listed: [ListedAttachment]?)?
        try attached.each { row throws(StoreError) in
            let message = row.sequence(2)
            if known?.message != message { known = (message, listed(in: row)) }
            if let fault = try fault(of: row, listed: known?.listed) {
                let digest = Digest(octets: row.blob(0))?.description ?? "-"
                report.add("attached", "\(message) \(digest)", fault.kind, fault.text)
            }
            return true
        }
        try counts.each { row throws(StoreError) in
            let digest = Digest(octets: row.blob(1))?.description ?? "-"
            report.add(
                "attachments", "\(try row.text(0)) \(digest)", .edited,
                "it is listed by \(row.int(3)) messages, its row says \(row.int(2))")
            return true
        }
    }

    /// What the signed header lists; nil where the envelope is gone, or is not the one that the row names, which the
    /// messages' part of the audit reports.
    private func listed(in row: Row) -> [ListedAttachment]? {
        let envelope = row.blob(7)
        guard !envelope.isEmpty, SignedEnvelope.digest(ofUnparsed: envelope)?.octets == row.blob(6) else { return nil }
        return EnvelopeDocument(stored: envelope, limits: limits).flatMap { Header($0.header)?.attachments }
    }

    private func fault(
        of row: Row, listed: [ListedAttachment]?
    ) throws(StoreError) -> (kind: AuditReport.Finding.Kind, text: String)? {
        guard !row.isNull(4) else { return (.added, "its message is missing") }
        guard try row.text(1) == row.text(4) else { return (.added, "its agency is not the message's sender") }
        guard row.time(3) == row.time(5) else { return (.edited, "it does not end with its message") }
        guard !row.isNull(8) else { return (.added, "there is no such attachment") }
        guard let listed else { return nil }
        guard let entry = listed.first(where: { $0.digest.octets == row.blob(0) }) else {
            return (.added, "the message does not list it")
        }
        return row.int(8) == entry.bytes && row.int(9) == 1
            ? nil : (.edited, "the attachment has another length than the message says, or is not whole")
    }
}
