internal import SimpulBroker
internal import SimpulCore

/// The rows of lifecycle steps: one for each agency that may go on from there. The newest row of a subject is its
/// state. Rows are only added, so that an audit can hold each message against its own.
final class StepRows {
    private let insert: Statement

    init(_ connection: Connection) throws(StoreError) {
        insert = try connection.prepare(
            """
            INSERT INTO steps (message, agency, subject, type, status, state) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            """)
    }

    func insert(_ step: LifecycleStep, of header: Header, message: UInt64) throws(StoreError) {
        for agency in step.agencies {
            try insert.run(
                .sequence(message), .text(agency.description), .text(step.subject), .text(header.type.rawValue),
                .text(header.status.rawValue), .text(step.position.rawValue))
        }
    }

    /// Makes the rows of the messages in an older file. A message that answers one which the file does not have gets
    /// a subject of its own, with nothing before it.
    static func fill(_ connection: Connection, limits: Limits) throws(StoreError) {
        let (steps, messages) = (
            try StepRows(connection), try MessageRows(connection, limits: limits, mayBePurged: false)
        )
        let types = MessageType.allCases.filter { $0.lifecycle != nil }.map { "'\($0.rawValue)'" }
        let stepping = try connection.prepare(
            "SELECT seq FROM messages WHERE type IN (\(types.joined(separator: ", "))) ORDER BY seq")
        try stepping.each { row throws(StoreError) in
            let sequence = row.sequence(0)
            // An envelope that cannot be read is for the audit to tell.
            guard let header = try messages.header(of: sequence) else { return true }
            let answered = try header.inReplyTo.flatMap { id throws(StoreError) in
                let keys = header.recipients.map { MessageKey(sender: $0, id: id) }
                for key in keys {
                    if let found = try messages.find(key), found.sequence < sequence { return key }
                }
                return keys.first
            }
            guard let step = LifecycleStep(header, answering: answered) else { return true }
            try steps.insert(step, of: header, message: sequence)
            return true
        }
    }
}

/// What is read of the messages that a header refers to: by the writer in its transaction, and by readers.
final class RelationRows {
    private let messages: MessageRows
    private let answered: Statement
    private let own: Statement
    private let last: Statement

    init(_ connection: Connection, limits: Limits) throws(StoreError) {
        messages = try MessageRows(connection, limits: limits)
        answered = try connection.prepare(Self.answeredSQL)
        own = try connection.prepare("SELECT 1 FROM messages WHERE sender = ?1 AND id = ?2")
        last = try connection.prepare(
            """
            SELECT state FROM steps WHERE subject = ?1 AND agency = ?2 AND type = ?3 AND status = ?4
            ORDER BY message DESC LIMIT 1
            """)
    }

    /// What is known for a header; it reads nothing for one that refers to nothing.
    func relations(of header: Header) throws(StoreError) -> Relations {
        var known = Relations.none
        if let id = header.inReplyTo { known.answered = try answered(id, by: header) }
        for id in header.supersedes {
            let isOwn = try own.first(.text(header.sender.description), .text(id.description)) { _ in true }
            if isOwn != nil { known.replaced.insert(id) }
        }
        if header.stepsInThread { known.position = try last(of: header.lifecycleThread.description, for: header) }
        return known
    }

    private func answered(_ id: MessageID, by header: Header) throws(StoreError) -> [Relations.Related] {
        let sender = SQLValue.text(header.sender.description)
        return try answered.all(.text(id.description), sender) { row throws(StoreError) in
            let key = MessageKey(sender: try row.agency(0), id: id)
            return Relations.Related(
                key: key, type: try row.value(1, MessageType.init(rawValue:)), hasState: row.int(3) != 0,
                isReceived: row.int(2) != 0,
                position: try last(of: LifecycleStep.subject(answering: key), for: header), level: try row.level(4),
                isRed: header.state == .redirected ? try isRed(row.sequence(5)) : false)
        }
    }

    private func isRed(_ message: UInt64) throws(StoreError) -> Bool {
        guard let header = try messages.header(of: message) else { return true }
        return header.trafficLight == .red
    }

    private func last(of subject: String, for header: Header) throws(StoreError) -> LifecycleState? {
        try last.first(
            .text(subject), .text(header.sender.description), .text(header.type.rawValue),
            .text(header.status.rawValue)
        ) { row throws(StoreError) in LifecycleState(rawValue: try row.text(0)) }
    }

    /// There are no more of them than agencies, for each uses an id once.
    private static let answeredSQL = """
        SELECT sender, type, received, stepped, level, seq FROM (
            SELECT m.seq, m.sender, m.type,
                EXISTS (SELECT 1 FROM deliveries d WHERE d.message = m.seq AND d.agency = ?2
                    AND NOT \(DeliveryRows.neverGotSQL)) AS received,
                EXISTS (SELECT 1 FROM steps s WHERE s.message = m.seq) AS stepped,
                (SELECT d.level FROM deliveries d WHERE d.message = m.seq ORDER BY d.position LIMIT 1) AS level
            FROM messages m WHERE m.id = ?1)
        WHERE received OR sender = ?2 ORDER BY seq
        """
}
