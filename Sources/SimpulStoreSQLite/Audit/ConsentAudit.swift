internal import SimpulBroker
internal import SimpulCore
internal import SimpulEnvelope

/// The consents' part of an audit: which messages stand on or change a grant, against their headers and bodies; and each
/// grant, made again from the consents of its holder.
struct ConsentAudit {
    private let link: Statement
    private let links: Statement
    private let changes: Statement
    private let grants: Statement
    private let grant: Statement
    private let limits: Limits

    init(_ connection: Connection, limits: Limits) throws(StoreError) {
        link = try connection.prepare(
            "SELECT 1 FROM consented WHERE status = ?1 AND reference = ?2 AND changes = ?3 AND message = ?4")
        // In the table's own order: a sort would hold every envelope.
        links = try connection.prepare(
            """
            SELECT c.message, c.status, c.reference, c.changes, m.sender, m.id, m.envelope, m.kept
            FROM consented c LEFT JOIN messages m ON m.seq = c.message
            """)
        changes = try connection.prepare(
            """
            SELECT l.at, m.envelope, m.kept FROM consented c CROSS JOIN messages m ON m.seq = c.message
            CROSS JOIN log l ON l.seq = m.seq
            WHERE c.status = ?1 AND c.reference = ?2 AND c.changes = 1 AND m.sender = ?3 ORDER BY c.message
            """)
        grants = try connection.prepare("\(GrantRows.columnsSQL) ORDER BY status, reference, holder")
        grant = try connection.prepare("\(GrantRows.columnsSQL) WHERE status = ?1 AND reference = ?2 AND holder = ?3")
        self.limits = limits
    }

    /// The row of one message that stands on a grant or changes one.
    func check(
        _ document: EnvelopeDocument, _ key: String, _ sequence: UInt64, into report: inout AuditReport
    ) throws(StoreError) {
        guard let (header, consent) = document.consent, let expected = ConsentLink(header, consent) else { return }
        let isThere = try link.first(
            .text(expected.status.rawValue), .text(expected.reference.description),
            .integer(expected.changes ? 1 : 0), .sequence(sequence)
        ) { _ in true }
        if isThere == nil { report.add("consented", key, .dropped, "the message names a consent") }
    }

    /// Every row, whether or not a message accounts for it.
    func run(into report: inout AuditReport) throws(StoreError) {
        try links.each { row throws(StoreError) in
            try checkLink(row, &report)
            return true
        }
        try grants.each { row throws(StoreError) in
            let key = "\(try row.text(0)) \(try row.text(2))/\(try row.text(1))"
            guard let stored = try? row.grant() else {
                report.add("grants", key, .edited, "it is no grant")
                return true
            }
            guard let made = try replay(stored.key) else {
                report.add("grants", key, .added, "no consent of its holder has made it")
                return true
            }
            if made != stored { report.add("grants", key, .edited, "it is not as the consents of its holder say") }
            return true
        }
    }

    private func checkLink(_ row: Row, _ report: inout AuditReport) throws(StoreError) {
        guard let sender = try row.optionalText(4) else {
            return report.add("consented", "\(row.sequence(0))", .added, "its message is missing")
        }
        let key = "\(sender)/\(try row.text(5))"
        let (status, reference, changes) = (try row.text(1), try row.text(2), row.int(3))
        let (envelope, kept) = (row.blob(6), row.blob(7))
        // What was erased stood on a consent; which one is not to be known any more.
        guard !envelope.isEmpty || !kept.isEmpty else {
            if changes != 0 { report.add("consented", key, .added, "an erased message changes no grant") }
            return
        }
        let expected = EnvelopeDocument(stored: envelope, kept: kept, limits: limits)?.consent.flatMap(ConsentLink.init)
        guard let expected, expected.status.rawValue == status, expected.reference.description == reference,
            (expected.changes ? 1 : 0) == changes
        else { return report.add("consented", key, .added, "the message names no such consent") }
        guard changes == 1, let holder = AgencyID(sender) else { return }
        let grantKey = GrantKey(holder: holder, status: expected.status, reference: expected.reference)
        let isThere = try grant.first(.text(status), .text(reference), .text(sender)) { _ in true } ?? false
        if !isThere, try replay(grantKey) != nil {
            report.add("grants", "\(status) \(sender)/\(reference)", .dropped, "a consent has made it")
        }
    }

    /// The grant that the consents of a holder come to, one after the other.
    private func replay(_ key: GrantKey) throws(StoreError) -> ConsentGrant? {
        var grant: ConsentGrant?
        let values: [SQLValue] = [
            .text(key.status.rawValue), .text(key.reference.description), .text(key.holder.description),
        ]
        try changes.each(values) { row throws(StoreError) in
            let consent = EnvelopeDocument(stored: row.blob(1), kept: row.blob(2), limits: limits)?.consent
            guard let statement = consent?.1, consent.map({ statement.key(in: $0.0) }) == key else { return true }
            grant = ConsentGrant.after(grant, statement, of: key, at: row.time(0)) ?? grant
            return true
        }
        return grant
    }
}
