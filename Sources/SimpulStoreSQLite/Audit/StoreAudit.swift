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

    /// The `sign` certificate with a thumbprint, where the auditor has it.
    public typealias Signers = (SHA256Digest) -> Certificate?

    /// Audits a file. Damage is a finding, also where SQLite cannot read on.
    /// - Parameters:
    ///   - path: the database file.
    ///   - checkpointKey: what the broker's checkpoints are verified with; without it the root is only compared.
    ///   - limits: the bounds that the broker accepted its messages and gave its leases under.
    ///   - signers: certificates of those who approved changes of the rules; without them no change is believed.
    ///   - receiptVerifier: verifies a receipt and reads it; nil where it is not to be believed.
    /// - Throws: where the file cannot be opened, or is not of this program's version.
    public static func verify(
        path: String, checkpointKey: PublicKey?, limits: Limits = Limits(), signers: @escaping Signers = { _ in nil },
        receiptVerifier: @escaping ReceiptVerifier
    ) throws(StoreError) -> AuditReport {
        let connection = try Connection(path: path, mode: .read)
        var report = AuditReport()
        guard let version = try begin(connection, &report) else { return report }
        let schema = SchemaAudit(connection, version: version)
        part("sqlite_schema", &report) { report throws(StoreError) in try schema.run(into: &report) }
        if version < Schema.migrations.count && report.isClean {
            throw StoreError(.unavailable, "\(path) has schema version \(version): start the broker once to migrate it")
        }
        part("file", &report) { report throws(StoreError) in try schema.checkPages(into: &report) }
        part("log", &report) { report throws(StoreError) in
            let messages = try MessageAudit(connection, limits: limits, receiptVerifier)
            var log = try LogAudit(connection, messages, receiptVerifier, signers: signers)
            try log.run(checkpointKey: checkpointKey, into: &report)
        }
        part("messages", &report) { report throws(StoreError) in
            try MessageAudit(connection, limits: limits, receiptVerifier).findStrays(into: &report)
        }
        part("deliveries", &report) { report throws(StoreError) in try DeliveryAudit(connection).run(into: &report) }
        part("steps", &report) { report throws(StoreError) in try StepAudit(connection).findStrays(into: &report) }
        part("owed", &report) { report throws(StoreError) in try OwedAudit(connection).findStrays(into: &report) }
        part("grants", &report) { report throws(StoreError) in
            try ConsentAudit(connection, limits: limits).run(into: &report)
        }
        part("lanes", &report) { report throws(StoreError) in try LaneAudit(connection).run(into: &report) }
        part("paused", &report) { report throws(StoreError) in try PausedAudit(connection).run(into: &report) }
        part("purges", &report) { report throws(StoreError) in try PurgeAudit(connection).run(into: &report) }
        part("rungs", &report) { report throws(StoreError) in
            try RungAudit(connection, receiptVerifier).run(into: &report)
        }
        part("attached", &report) { report throws(StoreError) in
            try AttachmentAudit(connection, limits: limits).run(into: &report)
        }
        part("answers", &report) { report throws(StoreError) in
            try AnswerAudit(connection).findStrays(into: &report)
        }
        part("leases", &report) { report throws(StoreError) in
            try LeaseAudit(connection, limits: limits).run(into: &report)
        }
        return report
    }

    /// Begins the transaction that everything is read in: all of it is of one moment.
    /// - Returns: how many migrations the file has taken; nil where it is no store at all, which is then reported.
    private static func begin(_ connection: Connection, _ report: inout AuditReport) throws(StoreError) -> Int? {
        do throws(StoreError) {
            try connection.execute("PRAGMA trusted_schema = OFF; BEGIN")
            let version = Int(try connection.pragma("user_version")) ?? 0
            guard version <= Schema.migrations.count else {
                throw StoreError(
                    .unavailable,
                    "\(connection.path) has schema version \(version), this program knows up to "
                        + "\(Schema.migrations.count): use a newer simpul")
            }
            if try connection.pragma("application_id") != Schema.applicationID {
                report.add("file", "application_id", .edited, "it is not that of a store")
            }
            if version > 0 { return version }
            let isEmpty = try connection.prepare("SELECT count(*) FROM sqlite_schema").first { $0.int(0) } == 0
            report.add("file", "user_version", isEmpty ? .truncated : .edited, "no migration has made this file")
            return isEmpty ? nil : Schema.migrations.count
        } catch {
            guard error.code == .corrupt else { throw error }
            report.add("file", "header", .edited, "it is no database, or its first page is damaged")
            return nil
        }
    }

    private static func part(
        _ table: String, _ report: inout AuditReport, _ body: (inout AuditReport) throws(StoreError) -> Void
    ) {
        do throws(StoreError) {
            try body(&report)
        } catch {
            report.add(table, "-", .truncated, "it cannot be read to its end: a table is missing or damaged")
        }
    }
}
