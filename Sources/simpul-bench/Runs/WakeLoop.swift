import NIOCore

/// Senders that submit at a fixed rate whatever the answers do, and at most one consumer. It knows for each message
/// when its 201 was seen and when it was delivered. A consumer of another kind tells by ``delivered(_:)``.
final class WakeLoop: ExchangeUser {
    /// The moments of one message.
    struct Moments: Sendable {
        var dueAt: NIODeadline
        var acceptedAt: NIODeadline?
        var deliveredAt: NIODeadline?
        var submission = TimeAmount.zero
    }

    private let submissions: [ByteBuffer]
    private let indices: [String: Int]
    private let interval: TimeAmount
    private let consumer: Scenario.Consumer?
    private let poll = RequestBytes.inbox(wait: 60, max: 100, lease: 300)
    private var (senders, acknowledgers): ([Exchange], [Exchange]) = ([], [])
    private var reader: Exchange?
    private var tokens: [ByteBuffer] = []
    private var next = 0
    private var isStopped = false
    private var startedAt = NIODeadline.now()
    private(set) var moments: [Moments] = []
    private(set) var accepted = 0
    private(set) var acknowledged = 0
    private var deliveredCount = 0
    private let isAlone: Bool
    private(set) var problem: String?

    /// - Parameters:
    ///   - consumer: how the messages are read; nil where nobody reads them.
    ///   - isAlone: whether nobody else sends to the consumer; what is not known is a fault then.
    init(
        _ messages: ArraySlice<SignedMessage>, rate: Int, consumer: Scenario.Consumer?, isAlone: Bool = true
    ) {
        self.consumer = consumer
        self.isAlone = isAlone
        submissions = messages.indices.map { RequestBytes.submission(of: messages[$0...$0]) }
        indices = Dictionary(messages.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        interval = .nanoseconds(1_000_000_000 / Int64(rate))
    }

    var isDone: Bool {
        let done = consumer == nil ? accepted : isAlone ? acknowledged : deliveredCount
        return problem != nil || done == submissions.count
    }

    /// - Parameter reader: the connection of the consumer, where it is one that asks.
    func start(reader: Exchange?, senders: [Exchange], acknowledgers: [Exchange], on loop: any EventLoop) {
        (self.reader, self.senders, self.acknowledgers) = (reader, senders, acknowledgers)
        startedAt = .now()
        switch consumer {
        case .poll: reader?.send(poll)
        case .sse: reader?.send(RequestBytes.stream(max: 100, lease: 300), inPieces: true)
        case nil: break
        }
        tick(on: loop)
    }

    func stop() { isStopped = true }

    private func tick(on loop: any EventLoop) {
        guard !isStopped else { return }
        submitWhatIsDue()
        loop.assumeIsolated().scheduleTask(in: .milliseconds(1)) { self.tick(on: loop) }
    }

    /// Called every millisecond. Where all senders wait for answers a message is late, and its submission counts from
    /// the moment at which it was due.
    private func submitWhatIsDue() {
        while problem == nil, next < submissions.count, startedAt + interval * next <= .now(),
            let sender = senders.popLast()
        {
            moments.append(Moments(dueAt: startedAt + interval * next))
            sender.send(submissions[next], tag: next)
            next += 1
        }
    }

    func answered(_ answer: Answer, on exchange: Exchange) {
        if exchange === reader {
            read(answer)
            if !isDone, !answer.isPiece { exchange.send(poll) }
        } else if exchange.tag >= 0 {
            guard answer.status == 201 else { return fail("a submission: \(answer.text)") }
            let now = NIODeadline.now()
            moments[exchange.tag].acceptedAt = now
            moments[exchange.tag].submission = now - moments[exchange.tag].dueAt
            accepted += 1
            senders.append(exchange)
        } else {
            guard answer.status == 200 else { return fail("an acknowledgement: \(answer.text)") }
            acknowledged += 1
            acknowledgers.append(exchange)
        }
        acknowledge()
    }

    func failed(_ error: BenchError) { if !isDone { fail(error.description) } }

    /// Those messages have just reached the consumer.
    /// - Throws: ``BenchError`` where one was never sent.
    func delivered(_ ids: [ByteBuffer]) throws(BenchError) {
        let now = NIODeadline.now()
        for id in ids {
            guard let index = indices[String(buffer: id)], index < moments.count else {
                if !isAlone { continue }
                throw BenchError("a message was delivered that was not sent")
            }
            if moments[index].deliveredAt == nil { deliveredCount += 1 }
            moments[index].deliveredAt = now
        }
    }

    private func read(_ answer: Answer) {
        guard answer.status != 204 else { return }
        guard answer.status == 200 else { return fail("an inbox call: \(answer.text)") }
        guard consumer == .poll || answer.isPiece else { return fail("the stream has ended") }
        do throws(BenchError) {
            let inbox = try InboxAnswer(answer.body)
            try delivered(try inbox.ids())
            tokens += inbox.tokens
        } catch {
            fail(error.description)
        }
    }

    private func acknowledge() {
        while let token = tokens.last, let exchange = acknowledgers.popLast() {
            tokens.removeLast()
            exchange.send(RequestBytes.acknowledgement(of: token), tag: -1)
        }
    }

    private func fail(_ problem: String) {
        if self.problem == nil { self.problem = problem }
    }
}
