internal import JOSE
internal import SimpulBroker
internal import SimpulCore
internal import SimpulEnvelope

/// The messages' rows.
final class MessageRows {
    private let insert: Statement
    private let find: Statement
    private let envelope: Statement
    private let erase: Statement
    private let keyAndType: Statement
    private let document: Statement
    private let limits: Limits

    /// - Parameters:
    ///   - limits: the bounds that envelopes were accepted under, and are read under again.
    ///   - mayBePurged: false for a file that is being migrated, from before anything was.
    init(_ connection: Connection, limits: Limits, mayBePurged: Bool = true) throws(StoreError) {
        self.limits = limits
        insert = try connection.prepare(
            """
            INSERT INTO messages (seq, sender, id, digest, type, expires, envelope)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """)
        find = try connection.prepare("SELECT seq, digest FROM messages WHERE sender = ?1 AND id = ?2")
        envelope = try connection.prepare("SELECT envelope FROM messages WHERE seq = ?1")
        keyAndType = try connection.prepare("SELECT sender, id, digest, type FROM messages WHERE seq = ?1")
        erase = try connection.prepare(
            """
            UPDATE messages SET envelope = zeroblob(0)
            WHERE seq = ?1 AND type <> '\(MessageType.consent.rawValue)' AND NOT EXISTS (
                SELECT 1 FROM deliveries d
                WHERE d.message = ?1 AND NOT \(DeliveryRows.neverGotSQL))
            RETURNING 1
            """)
        document = try connection.prepare(
            "SELECT envelope, \(mayBePurged ? "kept" : "NULL") FROM messages WHERE seq = ?1")
    }

    /// The message under that key.
    func find(_ key: MessageKey) throws(StoreError) -> (sequence: UInt64, digest: Digest)? {
        try find.first(.text(key.sender.description), .text(key.id.description)) { row throws(StoreError) in
            (row.sequence(0), try row.digest(1))
        }
    }

    func insert(_ message: AuthorizedMessage, sequence: UInt64) throws(StoreError) {
        try insert.run(
            .sequence(sequence), .text(message.key.sender.description), .text(message.key.id.description),
            .blob(message.digest.octets), .text(message.header.type.rawValue), .time(message.header.expires),
            .blob(message.envelope))
    }

    /// What a message is keyed by, and its digest.
    func key(of sequence: UInt64) throws(StoreError) -> (MessageKey, Digest) {
        let found = try keyAndType.first(.sequence(sequence)) { row throws(StoreError) in
            (try row.key(sender: 0, id: 1), try row.digest(2))
        }
        guard let found else { throw StoreError(.corrupt, "message \(sequence) is missing") }
        return found
    }

    /// A message's type.
    func type(of sequence: UInt64) throws(StoreError) -> MessageType {
        let found = try keyAndType.first(.sequence(sequence)) { row throws(StoreError) in
            try row.value(3, MessageType.init(rawValue:))
        }
        guard let found else { throw StoreError(.corrupt, "message \(sequence) is missing") }
        return found
    }

    /// Erases the envelope of a message whose deliveries were all recalled before anybody got them: an empty one stands
    /// in its place for ever. A `consent` is kept: the broker itself has read it, and an audit makes its grant again
    /// from it. The octets are overwritten in the file, as `secure_delete` says; what the write-ahead
    /// log holds of them goes when it is emptied (``LogEraser``).
    /// - Returns: whether it was erased.
    func eraseIfNobodyGotIt(_ sequence: UInt64) throws(StoreError) -> Bool {
        try erase.first(.sequence(sequence)) { _ in true } ?? false
    }

    /// What is to be kept of a message whose envelope goes; nothing where that cannot be read.
    func kept(of sequence: UInt64, holders: Set<AgencyID>) throws(StoreError) -> [UInt8] {
        try document(of: sequence).map { KeptDocument.octets(of: $0, holders: holders) } ?? []
    }

    /// The header inside a message's envelope, which was verified when it was accepted, or what was kept of it; nil
    /// where it cannot be read, or was erased.
    func header(of sequence: UInt64) throws(StoreError) -> Header? {
        try document(of: sequence).flatMap { Header($0.header) }
    }

    /// The header of a message, and what it says of a consent; nil where it cannot be read, was erased, or is a consent
    /// that contradicts itself.
    func consent(of sequence: UInt64) throws(StoreError) -> (Header, ConsentStatement?)? {
        try document(of: sequence)?.consent
    }

    private func document(of sequence: UInt64) throws(StoreError) -> EnvelopeDocument? {
        let found = try document.first(.sequence(sequence)) { row in
            EnvelopeDocument(stored: row.blob(0), kept: row.blob(1), limits: limits)
        }
        guard let found else { throw StoreError(.corrupt, "message \(sequence) is missing") }
        return found
    }

    /// The envelope, empty where it was erased.
    func envelope(of sequence: UInt64) throws(StoreError) -> [UInt8] {
        guard let envelope = try envelope.first(.sequence(sequence), read: { $0.blob(0) }) else {
            throw StoreError(.corrupt, "message \(sequence) is missing")
        }
        return envelope
    }
}

extension EnvelopeDocument {
    /// The document in an envelope, or what was kept of it where that was purged; nil where neither can be read.
    init?(stored envelope: [UInt8], kept: [UInt8], limits: Limits) {
        guard envelope.isEmpty else {
            self.init(stored: envelope, limits: limits)
            return
        }
        guard !kept.isEmpty, let document = try? EnvelopeDocument(parsing: kept, limits: limits) else { return nil }
        self = document
    }

    /// The document in an envelope that was verified when it was accepted; nil where it cannot be read.
    init?(stored envelope: [UInt8], limits: Limits) {
        guard let signed = try? SignedEnvelope(parsing: envelope, limits: limits),
            let payload = try? signed.inflatedPayload(limit: limits.documentBytes),
            let document = try? EnvelopeDocument(parsing: payload, limits: limits)
        else { return nil }
        self = document
    }

    /// The header, and what it says of a consent; nil where it is none, or a consent that contradicts itself.
    var consent: (Header, ConsentStatement?)? {
        guard let header = Header(self.header) else { return nil }
        guard header.type == .consent else { return (header, nil) }
        return (try? ConsentStatement(header, body: body)).map { (header, $0) }
    }
}

extension Digest {
    /// The 32 octets that the text stands for: what a row keeps.
    var octets: [UInt8] {
        // The text form is a prefix and 64 hexadecimal digits, by its type.
        guard let digest = SHA256Digest(hex: description.dropFirst("sha-256:".count)) else {
            preconditionFailure("a digest has 32 octets")
        }
        return digest.bytes
    }
}
