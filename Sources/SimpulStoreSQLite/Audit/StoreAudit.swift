public import JOSE
public import SimpulBroker
public import SimpulCore
internal import SimpulEnvelope

/// Reads a whole store and compares each row with what the log says was written: a log that is only appended to, whose
/// leaves are hashed into a root that the broker signed.
///
/// It reads one moment of the file, also while the broker works. What it cannot see is a file that was put back whole
/// to an earlier state of its own: that shows against a checkpoint, or a receipt, that somebody else kept.
public enum StoreAudit {
    /// What tells whether a receipt's signature is good: its statement, or nil.
    public typealias ReceiptVerifier = (Receipt) -> ReceiptStatement?

    /// Audits a file.
    /// - Parameters:
    ///   - path: the database file.
    ///   - checkpointKey: what the broker's checkpoints are verified with; without it the root is only compared.
    ///   - limits: the bounds that the broker accepted its messages under.
    ///   - receiptVerifier: verifies a receipt and reads it; nil where it is not to be believed.
    /// - Throws: where the file cannot be read, or is not of this program's version.
    public static func verify(
        path: String, checkpointKey: PublicKey?, limits: Limits = Limits(),
        receiptVerifier: @escaping ReceiptVerifier
    ) throws(StoreError) -> AuditReport {
        let connection = try Connection(path: path, mode: .read)
        let version = try Schema.version(of: connection)
        guard version == Schema.migrations.count else {
            throw StoreError(.unavailable, "\(path) has schema version \(version): start the broker once to migrate it")
        }
        // Everything below is of one moment.
        try connection.execute("BEGIN")
        var report = AuditReport()
        let messages = try MessageAudit(connection, limits: limits)
        var log = try LogAudit(connection, messages, receiptVerifier)
        try log.run(checkpointKey: checkpointKey, into: &report)
        try messages.findStrays(into: &report)
        try DeliveryAudit(connection).run(into: &report)
        return report
    }
}
