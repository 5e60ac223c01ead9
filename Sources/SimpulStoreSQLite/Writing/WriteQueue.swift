internal import NIOConcurrencyHelpers
internal import SimpulBroker
internal import SimpulCore

/// One write, waiting for the writer.
struct WriteJob: Sendable {
    /// What answers the caller once its transaction is on disk.
    typealias Answer = () -> Void

    /// How many writes it is.
    let weight: Int
    /// What it holds in memory.
    let octets: Int
    /// Does the work inside the transaction.
    let work: @Sendable (Writer) throws -> Answer
    /// Answers the caller with an error instead.
    let refuse: @Sendable (StoreError) -> Void
}

/// Whose work a write is. Each has its own share of the queue and its own turn in a transaction.
enum WriteParty: Hashable, Sendable {
    /// What an agency sends.
    case sending(AgencyID)
    /// What an agency fetches, acknowledges and gives back: not behind what it sends.
    case fetching(AgencyID)
    /// The broker's own: rules, refusals, operators' orders.
    case broker
    /// What fires clocks.
    case clocks
}

/// The bounded queue between the callers, which are tasks, and the writer, which is a thread.
final class WriteQueue: Sendable {
    private struct State: Sendable {
        var jobs: FairQueue<WriteParty, WriteJob>
        var isClosed = false
        var isDone = false
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []
    }

    private let capacity: Int
    private let octets: Int
    private let state: NIOLockedValueBox<State>
    /// True while there is a job to take or an end to notice.
    private let signal = ConditionLock(value: false)

    /// A queue of at most so many jobs, which hold at most so many octets in all.
    init(capacity: Int, octets: Int) {
        self.capacity = capacity
        self.octets = octets
        state = NIOLockedValueBox(
            State(jobs: FairQueue(capacity: FairQueue.Size(weight: capacity, octets: octets))))
    }

    /// Has the writer do something, and waits until it is on disk.
    /// - Parameters:
    ///   - party: whose work it is.
    ///   - weight: how many writes the job is.
    ///   - octets: what the job holds in memory while it waits.
    func submit<Value: Sendable>(
        for party: WriteParty, weight: Int = 1, octets: Int = 0, _ body: @escaping @Sendable (Writer) throws -> Value
    ) async throws(StoreError) -> Value {
        let result = await withCheckedContinuation { (caller: CheckedContinuation<Result<Value, StoreError>, Never>) in
            let job = WriteJob(weight: weight, octets: octets) { writer in
                let value = try body(writer)
                return { caller.resume(returning: .success(value)) }
            } refuse: { error in
                caller.resume(returning: .failure(error))
            }
            if let error = enqueue(job, of: party) { job.refuse(error) }
        }
        return try result.get()
    }

    /// Waits for work and takes jobs of at most so many writes, but at least one; nil once the queue is closed and empty.
    /// Whose jobs they are is decided by turns; those of one party come in their order.
    func next(atMost count: Int) -> [WriteJob]? {
        signal.lock(whenValue: true)
        let (jobs, hasMore, isClosed) = state.withLockedValue { state in
            (state.jobs.take(atMost: count), !state.jobs.isEmpty, state.isClosed)
        }
        signal.unlock(withValue: hasMore || isClosed)
        return jobs.isEmpty && isClosed ? nil : jobs
    }

    /// How many writes of each party wait.
    var weights: [WriteParty: Int] { state.withLockedValue { $0.jobs.weights } }

    /// Takes nothing more. What is in the queue is still done.
    func close() {
        state.withLockedValue { $0.isClosed = true }
        wake()
    }

    /// Waits until the writer has ended.
    func end() async {
        await withCheckedContinuation { waiter in
            let isDone = state.withLockedValue { state in
                if !state.isDone { state.waitingForEnd.append(waiter) }
                return state.isDone
            }
            if isDone { waiter.resume() }
        }
    }

    /// Says that the writer has ended.
    func ended() {
        let waiters = state.withLockedValue { state in
            state.isDone = true
            defer { state.waitingForEnd = [] }
            return state.waitingForEnd
        }
        for waiter in waiters { waiter.resume() }
    }

    private func enqueue(_ job: WriteJob, of party: WriteParty) -> StoreError? {
        let error = state.withLockedValue { state -> StoreError? in
            guard !state.isClosed else { return StoreError(.unavailable, "the store is closed") }
            do throws(FairQueue<WriteParty, WriteJob>.Refusal) {
                try state.jobs.add(job, of: party, size: .init(weight: job.weight, octets: job.octets))
                return nil
            } catch {
                switch error {
                case .weight: return StoreError(.busy, "of \(capacity) writes no more may wait for one party")
                case .octets: return StoreError(.busy, "of \(octets) octets no more may wait for one party")
                }
            }
        }
        if error == nil { wake() }
        return error
    }

    private func wake() {
        signal.lock()
        signal.unlock(withValue: true)
    }
}
