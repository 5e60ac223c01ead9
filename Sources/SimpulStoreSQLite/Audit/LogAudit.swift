internal import JOSE
internal import SimpulBroker
internal import SimpulCore

/// The log's part of an audit: every leaf, the gap-free numbers, the root and its signed checkpoint, and each receipt
/// against the columns that say what it is about.
struct LogAudit {
    private let rows: Statement
    private let stateRow: Statement
    private let messages: MessageAudit
    private let verify: StoreAudit.ReceiptVerifier
    private var rules: AuthorityAudit
    private var frontier = MerkleFrontier()
    /// Rows whose content does not make their leaf, by the leaf that it makes: two that fit each other were swapped.
    private var misfits: [(sequence: UInt64, stored: [UInt8], made: [UInt8])] = []
    private var hasMissing = false

    init(
        _ connection: Connection, _ messages: MessageAudit, _ verify: @escaping StoreAudit.ReceiptVerifier,
        signers: @escaping StoreAudit.Signers
    ) throws(StoreError) {
        self.messages = messages
        rows = try connection.prepare(Self.rowsSQL)
        stateRow = try connection.prepare("SELECT size, frontier, checkpoint FROM log_state WHERE only = 1")
        self.verify = verify
        rules = AuthorityAudit(signers)
    }

    mutating func run(checkpointKey: PublicKey?, into report: inout AuditReport) throws(StoreError) {
        var next: UInt64 = 0
        try rows.each { row throws(StoreError) in
            report.leaves += 1
            guard row.integer(0) >= 0 else {
                try checkNegative(row, &report)
                return true
            }
            let entry = try Entry(row)
            if next < entry.sequence { missing(next..<entry.sequence, &report) }
            next = entry.sequence + 1
            checkLeaf(entry, &report)
            let statement = checkRecord(entry, &report)
            if entry.isMessageThere { try messages.check(entry.sequence, statement, into: &report) }
            return true
        }
        reportMisfits(&report)
        report.root = SHA256Digest(bytes: frontier.root)?.hex ?? ""
        try compareState(next: next, checkpointKey, &report)
    }

    // MARK: One leaf

    private struct Entry {
        var sequence: UInt64
        var record: LogRecord
        var message: UInt64?
        var agency: String?
        var rung: String?
        var leaf: [UInt8]
        var nonce: [UInt8]
        var isMessageThere: Bool
        /// Of the message that the row's columns name.
        var subject: (sender: String, id: String, digest: [UInt8])?

        init(_ row: Row) throws(StoreError) {
            sequence = row.sequence(0)
            // A subject that is none is an edited one; it makes the same leaf, so it is caught by its receipt.
            let subject = LogRecord.Subject(rawValue: try row.text(1)) ?? .receipt
            record = LogRecord(subject: subject, at: row.time(2), octets: row.blob(8))
            message = row.isNull(3) ? nil : row.sequence(3)
            agency = try row.optionalText(4)
            rung = try row.optionalText(5)
            leaf = row.blob(6)
            nonce = row.blob(7)
            isMessageThere = !row.isNull(9)
            if !row.isNull(10) { self.subject = (try row.text(10), try row.text(11), row.blob(12)) }
        }
    }

    private mutating func checkLeaf(_ entry: Entry, _ report: inout AuditReport) {
        frontier.append(entry.leaf)
        let made = entry.record.leaf(nonce: entry.nonce)
        guard made != entry.leaf else { return }
        if misfits.count < AuditReport.findingsListed {
            misfits.append((entry.sequence, entry.leaf, made))
        } else {
            report.unlisted += 1
        }
    }

    /// - Returns: what the receipt says, where the record is one that may be believed.
    private mutating func checkRecord(_ entry: Entry, _ report: inout AuditReport) -> ReceiptStatement? {
        let key = String(entry.sequence)
        guard entry.record.subject == .receipt else {
            if !isOfItsSubject(entry.record) {
                report.add("log", key, .edited, "the record is none of a \(entry.record.subject.rawValue)")
            }
            if entry.message != nil || entry.agency != nil || entry.rung != nil {
                report.add("log", key, .edited, "message, agency or rung is set, the record is no receipt")
            }
            if entry.record.subject == .authority { rules.check(entry.record, key, &report) }
            return nil
        }
        guard let statement = verify(Receipt(token: entry.record.octets)) else {
            report.add("log", key, .forged, "the record is no receipt whose signature verifies")
            return nil
        }
        if let sequence = statement.sequence, sequence != entry.sequence {
            report.add("log", key, .swapped, "the receipt says that it is leaf \(sequence)")
        }
        if let what = disagreement(entry, statement) { report.add("log", key, .edited, what) }
        return statement
    }

    private func isOfItsSubject(_ record: LogRecord) -> Bool {
        switch record.subject {
        case .operation: OperationRecord(record) != nil
        case .purge: PurgeRecord(record) != nil
        default: record.configurationDigest != nil
        }
    }

    /// The first column that does not agree with the receipt beside it.
    private func disagreement(_ entry: Entry, _ statement: ReceiptStatement) -> String? {
        guard entry.rung == (statement.rung == .refused ? nil : statement.rung.rawValue) else {
            return "rung is another one than the receipt's"
        }
        // A recipient's own receipt has the recipient's time.
        let isOfBroker = statement.rung.height <= Rung.delivered.height
        guard !isOfBroker || entry.record.at == statement.at else { return "at is another time than the receipt's" }
        switch statement.rung {
        case .accepted:
            if entry.message != nil || entry.agency != nil {
                return "message or agency is set, the receipt is accepted"
            }
            return entry.isMessageThere ? nil : "the message that the receipt accepts is missing"
        case .refused:
            if entry.message != nil || entry.agency != nil { return "message or agency is set, the receipt is refused" }
            return entry.isMessageThere ? "a refusal has a message" : nil
        default:
            guard let subject = entry.subject else { return "message names no message" }
            guard subject.sender == statement.sender.description, subject.id == statement.id?.description,
                subject.digest == statement.digest?.octets
            else { return "message names another message than the receipt" }
            return entry.agency == statement.agency?.description ? nil : "agency is another one than the receipt's"
        }
    }

    /// A row before the first leaf: no part of the tree, whatever it holds.
    private func checkNegative(_ row: Row, _ report: inout AuditReport) throws(StoreError) {
        report.add("log", "\(row.integer(0))", .added, "a leaf's number is never negative")
        if !row.isNull(9) { try messages.check(row.sequence(0), nil, into: &report) }
    }

    // MARK: The whole

    private mutating func missing(_ numbers: Range<UInt64>, _ report: inout AuditReport) {
        hasMissing = true
        let key =
            numbers.upperBound - numbers.lowerBound == 1
            ? "\(numbers.lowerBound)" : "\(numbers.lowerBound)-\(numbers.upperBound - 1)"
        report.add("log", key, .dropped, "the numbering has a gap")
    }

    private func reportMisfits(_ report: inout AuditReport) {
        let owners = Dictionary(misfits.map { ($0.stored, $0.sequence) }, uniquingKeysWith: { one, _ in one })
        for misfit in misfits {
            if let owner = owners[misfit.made] {
                report.add("log", "\(misfit.sequence)", .swapped, "nonce and record are those of leaf \(owner)")
            } else {
                report.add("log", "\(misfit.sequence)", .edited, "nonce and record do not make the leaf")
            }
        }
    }

    private func compareState(
        next: UInt64, _ key: PublicKey?, _ report: inout AuditReport
    ) throws(StoreError) {
        let state = try stateRow.first { row throws(StoreError) in (row.sequence(0), row.blob(1), try row.text(2)) }
        guard let (size, octets, note) = state else {
            return report.add("log_state", "1", .dropped, "the row is missing")
        }
        guard let checkpoint = Checkpoint(parsing: note) else {
            return report.add("log_state", "1", .edited, "checkpoint is no checkpoint")
        }
        if let key {
            report.checkpointVerified = true
            if !checkpoint.isSigned(in: note, by: key) {
                report.add("log_state", "1", .forged, "checkpoint is not signed with the broker's key")
            }
        }
        guard let stored = MerkleFrontier(size: size, octets: octets) else {
            return report.add("log_state", "1", .edited, "frontier is none of a tree of that size")
        }
        if stored.size != checkpoint.size || stored.root != checkpoint.root {
            report.add("log_state", "1", .edited, "size and frontier are not those of the signed checkpoint")
        }
        compareLeaves(next: next, with: checkpoint, &report)
    }

    private func compareLeaves(next: UInt64, with checkpoint: Checkpoint, _ report: inout AuditReport) {
        if next < checkpoint.size {
            report.add("log", "\(next)-\(checkpoint.size - 1)", .truncated, "the checkpoint covers these leaves")
        } else if next > checkpoint.size {
            report.add("log", "\(checkpoint.size)-\(next - 1)", .added, "the checkpoint does not cover these leaves")
        } else if !hasMissing && frontier.root != checkpoint.root {
            report.add("log", "0-\(next)", .edited, "the leaves do not make the root of the signed checkpoint")
        }
    }

    private static let rowsSQL = """
        SELECT l.seq, l.subject, l.at, l.message, l.agency, l.rung, l.leaf, l.nonce, l.record, own.seq,
            about.sender, about.id, about.digest
        FROM log l LEFT JOIN messages own ON own.seq = l.seq LEFT JOIN messages about ON about.seq = l.message
        ORDER BY l.seq
        """
}
