internal import NIOConcurrencyHelpers
internal import SimpulBroker
internal import SimpulCore

/// The one writer: takes what waits, runs it in one transaction, commits with one fsync, then answers the callers.
/// Lives on its own thread.
final class Writer {
    let log: LogRows
    let messages: MessageRows
    let deliveries: DeliveryRows
    let leases: LeaseRows
    let rungs: RungRows
    let steps: StepRows
    let owed: OwedRows
    let clocks: ClockRows
    let relations: RelationRows
    let grants: GrantRows
    let attachments: AttachmentTable
    let answers: AnswerRows
    let paused: PausedRows
    let purges: PurgeRows
    let eraser: LogEraser
    let limits: Limits
    let lanes: LaneRows
    private let connection: Connection
    private let doorbell: Doorbell
    private let checkpointer: Checkpointer
    private let commits: NIOLockedValueBox<Int>
    // Released last: nobody else may write before the connection is closed.
    private let file: DatabaseFile
    private var ringing: Set<AgencyID> = []

    init(
        _ file: DatabaseFile, limits: Limits, signer: CheckpointSigner, doorbell: Doorbell,
        checkpointer: Checkpointer, eraser: LogEraser, commits: NIOLockedValueBox<Int>, paused: PausedRows.Known,
        vfs: String?
    ) throws(StoreError) {
        self.limits = limits
        self.commits = commits
        self.file = file
        self.doorbell = doorbell
        self.checkpointer = checkpointer
        self.eraser = eraser
        connection = try Connection(path: file.path, mode: .write, vfs: vfs)
        try Self.prepare(connection, limits: limits)
        log = try LogRows(connection, signer: signer)
        messages = try MessageRows(connection, limits: limits)
        deliveries = try DeliveryRows(connection)
        leases = try LeaseRows(connection)
        rungs = try RungRows(connection)
        steps = try StepRows(connection)
        owed = try OwedRows(connection)
        clocks = try ClockRows(connection)
        relations = try RelationRows(connection, limits: limits)
        grants = try GrantRows(connection)
        attachments = try AttachmentTable(connection)
        answers = try AnswerRows(connection)
        lanes = try LaneRows(connection)
        purges = try PurgeRows(connection)
        self.paused = try PausedRows(connection, known: paused)
        try log.open()
    }

    /// Does what is queued until the queue is closed.
    func run(_ queue: WriteQueue, batch: Int) {
        while let jobs = queue.next(atMost: batch) {
            if !jobs.isEmpty { commit(jobs) }
        }
    }

    /// Rings for those agencies once the transaction is on disk.
    func ring(_ agencies: some Sequence<AgencyID>) { ringing.formUnion(agencies) }

    private func commit(_ jobs: [WriteJob]) {
        ringing = []
        let answers: [WriteJob.Answer]
        do throws(TransactionFailure) {
            answers = try transaction(jobs)
        } catch {
            undo()
            return answer(jobs, error)
        }
        lanes.keep()
        paused.keep()
        commits.withLockedValue { $0 += 1 }
        for answer in answers { answer() }
        doorbell.ring(ringing)
        tendWriteAheadLog()
    }

    /// One row that cannot be read must not fail what others write: where a job has failed, each gets a transaction of
    /// its own.
    private func answer(_ jobs: [WriteJob], _ failure: TransactionFailure) {
        switch failure {
        case .job where jobs.count > 1: for job in jobs { commit([job]) }
        case .job(let error), .whole(let error): for job in jobs { job.refuse(error) }
        }
    }

    private func tendWriteAheadLog() {
        let pages = connection.writeAheadPages
        if pages >= Checkpointer.pages { checkpointer.wake() }
        // Under steady load the other thread is always one commit behind, so the log never starts over; between two
        // transactions it can.
        if pages >= Checkpointer.pagesToWaitFor { checkpointer.move(by: connection) }
        eraser.run(by: connection)
    }

    private func transaction(_ jobs: [WriteJob]) throws(TransactionFailure) -> [WriteJob.Answer] {
        try TransactionFailure.whole { () throws(StoreError) in
            try connection.execute("BEGIN IMMEDIATE")
            try log.load()
        }
        var answers: [WriteJob.Answer] = []
        for job in jobs {
            do {
                answers.append(try job.work(self))
            } catch let failure as JobFailure {
                answers.append { job.refuse(failure.error) }
            } catch {
                throw .job(error as? StoreError ?? StoreError(.unavailable, "a write failed: \(error)"))
            }
        }
        try TransactionFailure.whole { () throws(StoreError) in
            try lanes.store()
            try log.seal()
            try connection.execute("COMMIT")
        }
        return answers
    }

    /// After this nobody sees anything of the transaction. Frames that a failed fsync has left in the write-ahead log
    /// are overwritten by the next commit; should the machine die before it, a start may find them whole, which is why
    /// a caller that was answered 503 asks again with the same id.
    private func undo() {
        log.forget()
        lanes.forget()
        paused.forget()
        // Where SQLite has ended the transaction itself there is nothing to roll back; where this fails, the next
        // BEGIN fails too, and is answered like this one.
        if !connection.isIdle { try? connection.execute("ROLLBACK") }
    }

    private static func prepare(_ connection: Connection, limits: Limits) throws(StoreError) {
        if try Schema.version(of: connection) == 0 { try connection.execute("PRAGMA page_size = 8192") }
        try connection.require(pragma: "journal_mode", "WAL", reads: "wal")
        try connection.require(pragma: "synchronous", "FULL", reads: "2")
        // What is erased is overwritten.
        try connection.require(pragma: "secure_delete", "ON", reads: "1")
        // Pages that are read again and again for their indexes stay in memory: 32 MiB at the most.
        try connection.execute("PRAGMA cache_size = -32768")
        // A step may make a table anew that others refer to, so references are watched only afterwards.
        try Schema.migrate(connection, limits: limits)
        try connection.require(pragma: "foreign_keys", "1")
    }
}

/// Why a transaction is not on disk.
private enum TransactionFailure: Error {
    /// One of its jobs failed halfway; the others might not.
    case job(StoreError)
    /// It could not begin, or could not be committed.
    case whole(StoreError)

    static func whole(_ body: () throws(StoreError) -> Void) throws(TransactionFailure) {
        do { try body() } catch { throw .whole(error) }
    }
}

/// Why one job alone has no effect; it has written nothing, and the rest of its transaction goes on.
struct JobFailure: Error {
    let error: StoreError

    /// Runs a closure that signs.
    static func signing<Signed>(_ sign: () throws -> Signed) throws(JobFailure) -> Signed {
        do { return try sign() } catch {
            throw JobFailure(error: StoreError(.unavailable, "signing failed: \(error)"))
        }
    }
}
