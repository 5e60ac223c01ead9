internal import NIOConcurrencyHelpers
internal import SimpulBroker

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

/// The bounded queue between the callers, which are tasks, and the writer, which is a thread.
final class WriteQueue: Sendable {
    private struct State {
        var jobs: [WriteJob] = []
        var weight = 0
        var octets = 0
        var isClosed = false
        var isDone = false
        var waitingForEnd: [CheckedContinuation<Void, Never>] = []
    }

    private let capacity: Int
    private let octets: Int
    private let state = NIOLockedValueBox(State())
    /// True while there is a job to take or an end to notice.
    private let signal = ConditionLock(value: false)

    /// A queue of at most so many jobs, which hold at most so many octets in all.
    init(capacity: Int, octets: Int) {
        self.capacity = capacity
        self.octets = octets
    }

    /// Has the writer do something, and waits until it is on disk.
    /// - Parameters:
    ///   - weight: how many writes the job is.
    ///   - octets: what the job holds in memory while it waits.
    func submit<Value: Sendable>(
        weight: Int = 1, octets: Int = 0, _ body: @escaping @Sendable (Writer) throws -> Value
    ) async throws(StoreError) -> Value {
        let result = await withCheckedContinuation { (caller: CheckedContinuation<Result<Value, StoreError>, Never>) in
            let job = WriteJob(weight: weight, octets: octets) { writer in
                let value = try body(writer)
                return { caller.resume(returning: .success(value)) }
            } refuse: { error in
                caller.resume(returning: .failure(error))
            }
            if let error = enqueue(job) { job.refuse(error) }
        }
        return try result.get()
    }

    /// Waits for work and takes jobs of at most so many writes, in their order, but at least one; nil once the queue is
    /// closed and empty.
    func next(atMost count: Int) -> [WriteJob]? {
        signal.lock(whenValue: true)
        let (jobs, hasMore, isClosed) = state.withLockedValue { state in
            var (taken, weight) = (0, 0)
            while taken < state.jobs.count, taken == 0 || weight + state.jobs[taken].weight <= count {
                weight += state.jobs[taken].weight
                taken += 1
            }
            let jobs = Array(state.jobs.prefix(taken))
            state.jobs.removeFirst(taken)
            state.weight -= weight
            state.octets -= jobs.reduce(0) { $0 + $1.octets }
            return (jobs, !state.jobs.isEmpty, state.isClosed)
        }
        signal.unlock(withValue: hasMore || isClosed)
        return jobs.isEmpty && isClosed ? nil : jobs
    }

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

    private func enqueue(_ job: WriteJob) -> StoreError? {
        let error = state.withLockedValue { state -> StoreError? in
            guard !state.isClosed else { return StoreError(.unavailable, "the store is closed") }
            guard state.weight + job.weight <= capacity || state.jobs.isEmpty else {
                return StoreError(.busy, "\(capacity) writes are waiting already")
            }
            guard state.octets + job.octets <= octets || state.jobs.isEmpty else {
                return StoreError(.busy, "\(octets) octets are waiting already")
            }
            state.weight += job.weight
            state.octets += job.octets
            state.jobs.append(job)
            return nil
        }
        if error == nil { wake() }
        return error
    }

    private func wake() {
        signal.lock()
        signal.unlock(withValue: true)
    }
}
