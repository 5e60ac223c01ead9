internal import JOSE
internal import SimpulBroker
internal import SimpulCore

/// The log's rows, and the edge of its tree. Belongs to the writer's transaction.
final class LogRows {
    private let insert: Statement
    private let readState: Statement
    private let writeState: Statement
    private let readRecord: Statement
    private let countRecords: Statement
    private let signer: CheckpointSigner
    private var frontier = MerkleFrontier()
    private var isLoaded = false
    private var isChanged = false

    init(_ connection: Connection, signer: CheckpointSigner) throws(StoreError) {
        insert = try connection.prepare(
            """
            INSERT INTO log (seq, subject, at, message, agency, rung, leaf, nonce, record)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
            """)
        readState = try connection.prepare("SELECT size, frontier, checkpoint FROM log_state WHERE only = 1")
        writeState = try connection.prepare(
            "INSERT OR REPLACE INTO log_state (only, size, frontier, checkpoint) VALUES (1, ?1, ?2, ?3)")
        readRecord = try connection.prepare("SELECT record FROM log WHERE seq = ?1")
        countRecords = try connection.prepare("SELECT count(*) FROM (SELECT 1 FROM log LIMIT 1)")
        self.signer = signer
    }

    /// The number that the next leaf gets.
    var next: UInt64 { frontier.size }

    /// Reads the edge as it is on disk, where it is not known.
    func load() throws(StoreError) {
        guard !isLoaded else { return }
        let stored = try readState.first { row throws(StoreError) in
            MerkleFrontier(size: row.sequence(0), octets: row.blob(1))
        }
        guard let stored, let stored else { throw StoreError(.corrupt, "log_state holds no edge of a tree") }
        frontier = stored
        isLoaded = true
        isChanged = false
    }

    /// Forgets the edge, because the transaction that moved it is gone.
    func forget() { isLoaded = false }

    /// What a rung above `accepted` is about.
    struct Step {
        var message: UInt64
        var agency: AgencyID
    }

    /// Appends a leaf.
    /// - Returns: its number.
    @discardableResult
    func append(_ record: LogRecord, rung: Rung? = nil, about step: Step? = nil) throws(StoreError) -> UInt64 {
        let number = next
        let nonce = LogRecord.nonce()
        let leaf = record.leaf(nonce: nonce)
        try insert.run(
            .sequence(number), .text(record.subject.rawValue), .time(record.at),
            step.map { .sequence($0.message) } ?? .null, step.map { .text($0.agency.description) } ?? .null,
            rung.map { .text($0.rawValue) } ?? .null, .blob(leaf), .blob(nonce), .blob(record.octets))
        frontier.append(leaf)
        isChanged = true
        return number
    }

    /// The receipt that a leaf records.
    func receipt(at number: UInt64) throws(StoreError) -> Receipt {
        guard let receipt = try readRecord.first(.sequence(number), read: { $0.receipt(0) }) else {
            throw StoreError(.corrupt, "leaf \(number) is missing")
        }
        return receipt
    }

    /// Writes the edge and its signed checkpoint, once for all leaves of the transaction.
    func seal() throws(StoreError) {
        guard isChanged else { return }
        try writeSealed()
        isChanged = false
    }

    /// At start: the state of a new file is written, that of an old one must be what this broker signed last.
    func open() throws(StoreError) {
        let note = try readState.first { row throws(StoreError) in try row.text(2) }
        guard let note else {
            guard try countRecords.first(read: { $0.int(0) }) == 0 else {
                throw StoreError(.corrupt, "log_state is missing")
            }
            return try writeSealed()
        }
        try load()
        let checkpoint = Checkpoint(origin: signer.origin, of: frontier)
        guard checkpoint.isSigned(in: note, by: signer.publicKey) else {
            throw StoreError(
                .corrupt,
                "the log's checkpoint is not this broker's word for its \(frontier.size) leaves: "
                    + "run simpul audit verify, and check the broker's id and checkpoint key")
        }
    }

    private func writeSealed() throws(StoreError) {
        let note: String
        do { note = try signer.note(of: frontier) } catch {
            throw StoreError(.unavailable, "the checkpoint could not be signed: \(error)")
        }
        try writeState.run(.sequence(frontier.size), .blob(frontier.octets), .text(note))
    }
}
