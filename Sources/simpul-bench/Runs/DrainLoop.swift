import NIOCore

/// One consumer: a connection that reads the inbox, and others that acknowledge, one delivery each at a time. It reads
/// on while deliveries wait to be acknowledged, but holds no more than a few answers' worth of them.
final class DrainLoop: ExchangeUser {
    /// How it went.
    struct Progress: Sendable {
        var acknowledged = 0
        var problem: String?
        var startedAt: NIODeadline?
        var lastAt = NIODeadline.now()
        var acknowledgements = Histogram()
        var fetches = Histogram()
    }

    private static let most = 100
    private static let held = 400

    private let backlog: Int
    private let request = RequestBytes.inbox(wait: 0, max: DrainLoop.most, lease: 300)
    private var reader: Exchange?
    private var idle: [Exchange] = []
    private var tokens: [ByteBuffer] = []
    private var isEmpty = false
    private(set) var progress = Progress()

    init(backlog: Int) { self.backlog = backlog }

    var isDone: Bool { progress.problem != nil || progress.acknowledged >= backlog }

    func start(reader: Exchange, acknowledgers: [Exchange]) {
        (self.reader, idle) = (reader, acknowledgers)
        progress.startedAt = .now()
        pump()
    }

    func answered(_ answer: Answer, on exchange: Exchange) {
        if exchange === reader {
            fetched(answer, exchange)
        } else {
            progress.acknowledgements.record(UInt64(max(0, exchange.lastTook.nanoseconds)))
            idle.append(exchange)
            guard answer.status == 200 else { return fail("an acknowledgement: \(answer.text)") }
            progress.acknowledged += 1
            progress.lastAt = .now()
        }
        pump()
    }

    func failed(_ error: BenchError) { fail(error.description) }

    private func fetched(_ answer: Answer, _ exchange: Exchange) {
        progress.fetches.record(UInt64(max(0, exchange.lastTook.nanoseconds)))
        switch answer.status {
        case 200:
            do throws(BenchError) {
                tokens += try InboxAnswer(answer.body).tokens
            } catch {
                fail(error.description)
            }
        case 204: isEmpty = true
        default: fail("an inbox call: \(answer.text)")
        }
    }

    private func pump() {
        guard !isDone else { return }
        while let token = tokens.last, let exchange = idle.popLast() {
            tokens.removeLast()
            exchange.send(RequestBytes.acknowledgement(of: token))
        }
        if let reader, reader.isIdle, !isEmpty, tokens.count < Self.held { reader.send(request) }
    }

    private func fail(_ problem: String) {
        if progress.problem == nil { progress.problem = problem }
    }
}

extension Answer {
    /// For an error's sentence.
    var text: String { "\(status) \(String(buffer: body).prefix(500))" }
}
