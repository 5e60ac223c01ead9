internal import SimpulBroker
internal import SimpulCore

/// The steps' part of an audit: the rows of each message against its header, which the log proves.
struct StepAudit {
    private let rows: Statement
    private let strays: Statement

    init(_ connection: Connection) throws(StoreError) {
        rows = try connection.prepare(
            "SELECT agency, subject, type, status, state FROM steps WHERE message = ?1 ORDER BY agency")
        strays = try connection.prepare(
            """
            SELECT s.message, s.agency FROM steps s LEFT JOIN messages m ON m.seq = s.message
            WHERE m.seq IS NULL ORDER BY s.message, s.agency
            """)
    }

    /// The rows of one message.
    func check(_ header: Header, _ key: String, _ sequence: UInt64, into report: inout AuditReport) throws(StoreError) {
        // Which of its recipients asked does not stand in the header; each of them may have.
        let asked = header.inReplyTo.map { id in header.recipients.map { MessageKey(sender: $0, id: id) } } ?? []
        let step = LifecycleStep(header, answering: asked.first)
        let subjects = Set(asked.compactMap { LifecycleStep(header, answering: $0)?.subject } + [step?.subject ?? ""])
        var missing = Set(step?.agencies.map(\.description) ?? [])
        try rows.each([.sequence(sequence)]) { row throws(StoreError) in
            let agency = try row.text(0)
            guard let step, missing.remove(agency) != nil else {
                report.add("steps", "\(key) \(agency)", .added, "the message takes no such step")
                return true
            }
            let fields = [
                ("subject", subjects.contains(try row.text(1))), ("type", try row.text(2) == header.type.rawValue),
                ("status", try row.text(3) == header.status.rawValue),
                ("state", try row.text(4) == step.position.rawValue),
            ]
            for (name, agrees) in fields where !agrees {
                report.add("steps", "\(key) \(agency)", .edited, "\(name) not as accepted")
            }
            return true
        }
        for agency in missing.sorted() {
            report.add("steps", "\(key) \(agency)", .dropped, "the message takes this step")
        }
    }

    /// Steps of no message.
    func findStrays(into report: inout AuditReport) throws(StoreError) {
        try strays.each { row throws(StoreError) in
            report.add("steps", "\(row.sequence(0)) \(try row.text(1))", .added, "its message is missing")
            return true
        }
    }
}
