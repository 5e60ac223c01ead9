import NIOCore

/// A request that is ready to be written.
struct Submission: Sendable {
    let octets: ByteBuffer
    /// Envelopes in it.
    let count: Int
}

/// The closed loop on one event loop: each connection has exactly one submission outstanding until the loop is told to
/// stop, or has nothing left. Whatever is not accepted stops it.
final class SubmitLoop: ExchangeUser {
    /// What it has done so far.
    struct Progress: Sendable {
        var at = NIODeadline.now()
        var accepted = 0
        var repeated = 0
        var outstanding = 0
        var isOut = false
        var problem: String?
    }

    private let submissions: ArraySlice<Submission>
    private var next: Int
    private var isStopping = false
    private var state = Progress()
    private(set) var histogram = Histogram()
    /// Whether latencies are recorded.
    var isRecording = false

    init(_ submissions: ArraySlice<Submission>) {
        self.submissions = submissions
        next = submissions.startIndex
    }

    var progress: Progress {
        var progress = state
        progress.at = .now()
        return progress
    }

    func start(_ exchanges: [Exchange]) {
        for exchange in exchanges { submit(on: exchange) }
    }

    func stop() { isStopping = true }

    func answered(_ answer: Answer, on exchange: Exchange) {
        state.outstanding -= 1
        if isRecording { histogram.record(UInt64(max(0, exchange.lastTook.nanoseconds))) }
        if exchange.tag > 1 {
            count(BatchAnswer(answer.body), of: exchange.tag, answer)
        } else {
            switch answer.status {
            case 201: state.accepted += 1
            case 200: state.repeated += 1
            default: fail("\(answer.status) \(String(buffer: answer.body).prefix(500))")
            }
        }
        submit(on: exchange)
    }

    func failed(_ error: BenchError) { fail(error.description) }

    private func count(_ batch: BatchAnswer, of lines: Int, _ answer: Answer) {
        guard answer.status == 200 else {
            return fail("\(answer.status) \(String(buffer: answer.body).prefix(500))")
        }
        state.accepted += batch.accepted
        state.repeated += batch.repeated
        if let problem = batch.problem {
            fail("a line of a batch: \(problem)")
        } else if batch.accepted + batch.repeated != lines {
            fail("a batch of \(lines) was answered with \(batch.accepted + batch.repeated) lines")
        }
    }

    private func submit(on exchange: Exchange) {
        guard !isStopping else { return }
        guard next < submissions.endIndex else {
            state.isOut = true
            return
        }
        let submission = submissions[next]
        next += 1
        state.outstanding += 1
        exchange.send(submission.octets, tag: submission.count)
    }

    private func fail(_ problem: String) {
        if state.problem == nil { state.problem = problem }
        isStopping = true
    }
}
