internal import NIOConcurrencyHelpers
internal import SimpulBroker

/// A few threads for reads and writes of files, in the order in which they were asked for. Whoever asks waits for the
/// answer, so no more wait than there are transfers.
final class DiskThreads: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isClosed = false
    }

    private let state = NIOLockedValueBox(State())
    /// True while there is a job to take or an end to notice.
    private let signal = ConditionLock(value: false)

    /// Starts so many threads.
    init(_ count: Int) throws(StoreError) {
        for _ in 0..<count {
            try OSThread.start { [state, signal] in Self.run(state, signal) }
        }
    }

    deinit { close() }

    /// Runs a body on one of the threads.
    func run<Value: Sendable>(
        _ body: @escaping @Sendable () throws(StoreError) -> Value
    ) async throws(StoreError) -> Value {
        let result = await withCheckedContinuation { (caller: CheckedContinuation<Result<Value, StoreError>, Never>) in
            let job: @Sendable () -> Void = {
                do throws(StoreError) {
                    caller.resume(returning: .success(try body()))
                } catch {
                    caller.resume(returning: .failure(error))
                }
            }
            let isClosed = state.withLockedValue { state in
                if !state.isClosed { state.jobs.append(job) }
                return state.isClosed
            }
            if isClosed { caller.resume(returning: .failure(.closed)) } else { wake() }
        }
        return try result.get()
    }

    /// Takes nothing more. What was asked for is still done.
    func close() {
        state.withLockedValue { $0.isClosed = true }
        wake()
    }

    private func wake() {
        signal.lock()
        signal.unlock(withValue: true)
    }

    private static func run(_ state: NIOLockedValueBox<State>, _ signal: ConditionLock<Bool>) {
        while true {
            signal.lock(whenValue: true)
            let (job, goesOn, isClosed) = state.withLockedValue { state in
                let job = state.jobs.isEmpty ? nil : state.jobs.removeFirst()
                return (job, !state.jobs.isEmpty || state.isClosed, state.isClosed)
            }
            signal.unlock(withValue: goesOn)
            if let job { job() } else if isClosed { return }
        }
    }
}
