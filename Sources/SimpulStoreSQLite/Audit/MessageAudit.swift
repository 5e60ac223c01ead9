internal import SimpulBroker
internal import SimpulCore
internal import SimpulEnvelope

/// The messages' part of an audit: each row against its envelope, whose digest is recomputed, and against the
/// `accepted` receipt in its leaf.
struct MessageAudit {
    private let message: Statement
    private let recipients: Statement
    private let strays: Statement
    private let steps: StepAudit
    private let owed: OwedAudit
    private let consents: ConsentAudit
    private let got: Statement
    private let purge: Statement
    private let escalations: Statement
    private let verify: StoreAudit.ReceiptVerifier
    private let limits: Limits

    init(
        _ connection: Connection, limits: Limits, _ verify: @escaping StoreAudit.ReceiptVerifier
    ) throws(StoreError) {
        self.verify = verify
        escalations = try connection.prepare(
            "SELECT record FROM log WHERE message = ?1 AND rung = 'escalated' ORDER BY seq")
        message = try connection.prepare(
            "SELECT sender, id, digest, type, expires, envelope, kept, purge_leaf FROM messages WHERE seq = ?1")
        purge = try connection.prepare("SELECT at, record FROM log WHERE seq = ?1 AND subject = 'purge'")
        recipients = try connection.prepare(
            """
            SELECT position, agency, type, rank, ack_by, decide_by, serve_by, level FROM deliveries
            WHERE message = ?1 ORDER BY position
            """)
        strays = try connection.prepare(
            """
            SELECT m.sender, m.id, m.seq FROM messages m LEFT JOIN log l ON l.seq = m.seq
            WHERE l.seq IS NULL ORDER BY m.seq
            """)
        steps = try StepAudit(connection)
        owed = try OwedAudit(connection)
        consents = try ConsentAudit(connection, limits: limits)
        got = try connection.prepare(
            """
            SELECT 1 FROM deliveries d WHERE d.message = ?1 AND (
                d.state NOT IN (\(DeliveryState.recalled.stored), \(DeliveryState.cancelled.stored))
                OR NOT EXISTS (
                    SELECT 1 FROM log l WHERE l.message = ?1 AND l.agency = d.agency AND l.rung = 'recalled')
                OR EXISTS (
                    SELECT 1 FROM log l WHERE l.message = ?1 AND l.agency = d.agency
                        AND l.rung NOT IN ('recalled', 'overdue', 'escalated')))
            """)
        self.limits = limits
    }

    /// The message of one leaf.
    /// - Parameter statement: what the leaf's receipt says; nil where it is not to be believed.
    func check(
        _ sequence: UInt64, _ statement: ReceiptStatement?, into report: inout AuditReport
    ) throws(StoreError) {
        try message.each([.sequence(sequence)]) { row throws(StoreError) in
            report.messages += 1
            let key = "\(try row.text(0))/\(try row.text(1))"
            let document = try checkEnvelope(row, key, sequence, &report)
            let header = document.flatMap { Header($0.header) }
            if let header { try steps.check(header, key, sequence, into: &report) }
            if let document { try consents.check(document, key, sequence, into: &report) }
            if let statement {
                try checkReceipt(row, key, sequence, statement, &report)
                try checkDeliveries(of: sequence, key, statement, header, &report)
                try owed.check(statement, key, sequence, into: &report)
            }
            return true
        }
    }

    /// Messages that have no leaf at all.
    func findStrays(into report: inout AuditReport) throws(StoreError) {
        try strays.each { row throws(StoreError) in
            report.messages += 1
            let key = "\(try row.text(0))/\(try row.text(1))"
            report.add("messages", key, .added, "leaf \(row.sequence(2)) is missing")
            return true
        }
    }

    /// - Returns: the document inside the envelope, where it is the one that the row names.
    private func checkEnvelope(
        _ row: Row, _ key: String, _ sequence: UInt64, _ report: inout AuditReport
    ) throws(StoreError) -> EnvelopeDocument? {
        let envelope = row.blob(5)
        if !row.isNull(7) { return try checkPurged(row, key, sequence, &report) }
        if !row.isNull(6) { report.add("messages", key, .added, "something is kept of it, and it was not purged") }
        if envelope.isEmpty {
            if try got.first(.sequence(sequence), read: { _ in true }) != nil {
                report.add("messages", key, .edited, "envelope is gone, and not all of its deliveries were recalled")
            }
            return nil
        }
        guard SignedEnvelope.digest(ofUnparsed: envelope)?.octets == row.blob(2) else {
            report.add("messages", key, .edited, "envelope does not have the digest beside it")
            return nil
        }
        guard let document = EnvelopeDocument(stored: envelope, limits: limits), let header = Header(document.header)
        else {
            report.add("messages", key, .edited, "envelope cannot be read")
            return nil
        }
        try checkFields(row, key, header, &report)
        return document
    }

    /// What is kept of a purged message is what the leaf of its purge names.
    private func checkPurged(
        _ row: Row, _ key: String, _ sequence: UInt64, _ report: inout AuditReport
    ) throws(StoreError) -> EnvelopeDocument? {
        if !row.blob(5).isEmpty { report.add("messages", key, .added, "it was purged, and has an envelope") }
        let record = try purge.first(.sequence(row.sequence(7))) { found in
            PurgeRecord(LogRecord(subject: .purge, at: found.time(0), octets: found.blob(1)))
        }
        guard let record, let record, record.message == sequence else {
            report.add("messages", key, .edited, "no leaf says that its envelope was purged")
            return nil
        }
        let kept = row.blob(6)
        guard record.names(kept) else {
            report.add("messages", key, .edited, "kept is not what the leaf of its purge names")
            return nil
        }
        guard let document = EnvelopeDocument(stored: [], kept: kept, limits: limits),
            let header = Header(document.header)
        else { return nil }
        try checkFields(row, key, header, &report)
        return document
    }

    private func checkFields(
        _ row: Row, _ key: String, _ header: Header, _ report: inout AuditReport
    ) throws(StoreError) {
        let fields = [
            ("sender", header.sender.description == (try row.text(0))),
            ("id", header.id.description == (try row.text(1))),
            ("type", header.type.rawValue == (try row.text(3))), ("expires", header.expires == row.time(4)),
        ]
        for (name, agrees) in fields where !agrees {
            report.add("messages", key, .edited, "\(name) is another one than the envelope's")
        }
    }

    private func checkReceipt(
        _ row: Row, _ key: String, _ sequence: UInt64, _ statement: ReceiptStatement, _ report: inout AuditReport
    ) throws(StoreError) {
        let fields = [
            ("rung", statement.rung == .accepted), ("seq", statement.sequence == sequence),
            ("sender", statement.sender.description == (try row.text(0))),
            ("id", statement.id?.description == (try row.text(1))), ("digest", statement.digest?.octets == row.blob(2)),
        ]
        let wrong = fields.filter { !$0.1 }.map(\.0)
        guard !wrong.isEmpty else { return }
        let isAnother = wrong.contains("id") && wrong.contains("digest")
        report.add(
            "messages", key, isAnother ? .swapped : .edited,
            "\(wrong.joined(separator: ", ")) not as in the accepted receipt of leaf \(sequence)")
    }

    /// Those that have taken over, in the order in which they did.
    private func fallbacks(of sequence: UInt64) throws(StoreError) -> [ReceiptStatement.RecipientClocks] {
        try escalations.all(.sequence(sequence)) { row in verify(row.receipt(0))?.notice?.fallback }.compactMap { $0 }
    }

    private func checkDeliveries(
        of sequence: UInt64, _ key: String, _ statement: ReceiptStatement, _ header: Header?,
        _ report: inout AuditReport
    ) throws(StoreError) {
        let holders = try statement.recipients + fallbacks(of: sequence)
        var expected = Dictionary(uniqueKeysWithValues: holders.enumerated().map { ($0.offset, $0.element) })
        try recipients.each([.sequence(sequence)]) { row throws(StoreError) in
            let agency = try row.text(1)
            guard let recipient = expected.removeValue(forKey: row.int(0)) else {
                report.add("deliveries", "\(key) \(agency)", .added, "no receipt names such a recipient")
                return true
            }
            let due = DueTimes(
                acknowledge: row.optionalTime(4), decide: row.optionalTime(5), serve: row.optionalTime(6))
            let fields = [
                ("agency", agency == recipient.agency.description), ("clocks", due == recipient.due),
                ("level", row.isNull(7) ? statement.level == nil : statement.level?.rawValue == row.int(7)),
                ("type", try header?.type.rawValue == row.text(2) || header == nil),
                ("rank", try header?.rank(level: row.level(7)) == row.int(3) || header == nil),
            ]
            for (name, agrees) in fields where !agrees {
                report.add("deliveries", "\(key) \(agency)", .edited, "\(name) not as accepted")
            }
            return true
        }
        for (_, recipient) in expected.sorted(by: { $0.key < $1.key }) {
            report.add("deliveries", "\(key) \(recipient.agency)", .dropped, "the receipt names this recipient")
        }
    }
}
