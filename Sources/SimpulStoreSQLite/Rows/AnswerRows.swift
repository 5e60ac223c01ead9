internal import JOSE
internal import SimpulBroker
internal import SimpulCore
internal import SimpulEnvelope

/// The rows of answers that wait for a bundle, and what a bundle confirms of them and of rungs. A rung that was never
/// leased is settled with a token that nobody has, as if the bundle had been its lease. Belongs to the writer.
final class AnswerRows {
    private let keepAccepted: Statement
    private let keepRefused: Statement
    private let record: Statement
    private let drop: Statement
    private let settleRung: Statement

    init(_ connection: Connection) throws(StoreError) {
        keepAccepted = try connection.prepare(
            """
            INSERT OR IGNORE INTO answers (agency, leaf) SELECT sender, seq FROM messages WHERE sender = ?1 AND id = ?2
            """)
        keepRefused = try connection.prepare("INSERT OR IGNORE INTO answers (agency, leaf) VALUES (?1, ?2)")
        record = try connection.prepare("SELECT record FROM log WHERE seq = ?1 AND subject = 'receipt'")
        drop = try connection.prepare("DELETE FROM answers WHERE agency = ?1 AND leaf = ?2 RETURNING 1")
        settleRung = try connection.prepare(
            """
            UPDATE rungs SET state = \(DeliveryState.acknowledged.stored), attempt = max(attempt, 1),
                token = coalesce(token, randomblob(32))
            WHERE leaf = ?2 AND agency = ?1 AND state < \(DeliveryState.acknowledged.stored) RETURNING 1
            """)
    }

    func keep(_ answer: CourierAnswer, for agency: AgencyID) throws(StoreError) {
        switch answer {
        case .accepted(let id): try keepAccepted.run(.text(agency.description), .text(id.description))
        case .refused(let leaf): try keepRefused.run(.text(agency.description), .sequence(leaf))
        }
    }

    /// - Returns: whether an answer, and whether a rung, was waiting until now.
    func confirm(
        _ receipt: CourierConfirmation, by agency: AgencyID
    ) throws(StoreError) -> (wasAnswer: Bool, wasRung: Bool) {
        let octets = try record.first(.sequence(receipt.leaf)) { $0.blob(0) }
        guard let octets, Digest(SHA256.hash(octets)) == receipt.digest else { return (false, false) }
        let (agency, leaf) = (SQLValue.text(agency.description), SQLValue.sequence(receipt.leaf))
        let wasAnswer = try drop.first(agency, leaf) { _ in true } ?? false
        let wasRung = try settleRung.first(agency, leaf) { _ in true } ?? false
        return (wasAnswer, wasRung)
    }
}
