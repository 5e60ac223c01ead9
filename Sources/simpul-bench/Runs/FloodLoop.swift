import NIOCore

/// Another agency that submits at a rate of its own while something else is measured. Being refused is no fault: that is
/// what bounds are for.
final class FloodLoop: ExchangeUser {
    private let submissions: [ByteBuffer]
    private let interval: TimeAmount
    private var idle: [Exchange] = []
    private var next = 0
    private var startedAt = NIODeadline.now()
    private var isStopped = false
    private(set) var accepted = 0
    private(set) var refused = 0
    private(set) var problem: String?

    init(_ messages: ArraySlice<SignedMessage>, rate: Int) {
        submissions = messages.indices.map { RequestBytes.submission(of: messages[$0...$0]) }
        interval = .nanoseconds(1_000_000_000 / Int64(rate))
    }

    func start(_ exchanges: [Exchange], on loop: any EventLoop) {
        (idle, startedAt) = (exchanges, .now())
        tick(on: loop)
    }

    func stop() { isStopped = true }

    private func tick(on loop: any EventLoop) {
        guard !isStopped, problem == nil else { return }
        while next < submissions.count, startedAt + interval * next <= .now(), let exchange = idle.popLast() {
            exchange.send(submissions[next])
            next += 1
        }
        loop.assumeIsolated().scheduleTask(in: .milliseconds(1)) { self.tick(on: loop) }
    }

    func answered(_ answer: Answer, on exchange: Exchange) {
        switch answer.status {
        case 201: accepted += 1
        case 429, 503: refused += 1
        default: problem = problem ?? "the flood: \(answer.text)"
        }
        idle.append(exchange)
    }

    func failed(_ error: BenchError) { if !isStopped { problem = problem ?? error.description } }
}
