internal import JOSE
internal import SimpulBroker
internal import SimpulCore
internal import SimpulEnvelope

/// The messages' rows.
final class MessageRows {
    private let insert: Statement
    private let find: Statement
    private let envelope: Statement

    init(_ connection: Connection) throws(StoreError) {
        insert = try connection.prepare(
            """
            INSERT INTO messages (seq, sender, id, digest, type, expires, envelope)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """)
        find = try connection.prepare("SELECT seq, digest FROM messages WHERE sender = ?1 AND id = ?2")
        envelope = try connection.prepare("SELECT envelope FROM messages WHERE seq = ?1")
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

    /// The header inside a message's envelope, which was verified when it was accepted; nil where it cannot be read.
    func header(of sequence: UInt64) throws(StoreError) -> Header? {
        let limits = Limits()
        guard let signed = try? SignedEnvelope(parsing: try envelope(of: sequence), limits: limits),
            let payload = try? signed.inflatedPayload(limit: limits.documentBytes),
            let document = try? EnvelopeDocument(parsing: payload, limits: limits)
        else { return nil }
        return Header(document.header)
    }

    func envelope(of sequence: UInt64) throws(StoreError) -> [UInt8] {
        guard let envelope = try envelope.first(.sequence(sequence), read: { $0.blob(0) }) else {
            throw StoreError(.corrupt, "message \(sequence) is missing")
        }
        return envelope
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
