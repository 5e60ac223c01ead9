import NIOCore

/// Senders that submit at a fixed rate whatever the answers do, and one consumer in a long poll. It knows for each
/// message when its 201 was seen and when it was delivered.
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
    private let poll = RequestBytes.inbox(wait: 60, max: 100, lease: 300)
    private var (senders, acknowledgers): ([Exchange], [Exchange]) = ([], [])
    private var poller: Exchange?
    private var tokens: [ByteBuffer] = []
    private var next = 0
    private var isStopped = false
    private var startedAt = NIODeadline.now()
    private(set) var moments: [Moments] = []
    private(set) var acknowledged = 0
    private var delivered = 0
    private let isAlone: Bool
    private(set) var problem: String?

    /// - Parameter isAlone: whether nobody else sends to the consumer; what is not known is a fault then.
    init(_ messages: ArraySlice<SignedMessage>, rate: Int, isAlone: Bool = true) {
        self.isAlone = isAlone
        submissions = messages.indices.map { RequestBytes.submission(of: messages[$0...$0]) }
        indices = Dictionary(messages.enumerated().map { ($1.id, $0) }, uniquingKeysWith: { first, _ in first })
        interval = .nanoseconds(1_000_000_000 / Int64(rate))
    }

    var isDone: Bool { problem != nil || (isAlone ? acknowledged : delivered) == submissions.count }

    func start(poller: Exchange, senders: [Exchange], acknowledgers: [Exchange], on loop: any EventLoop) {
        (self.poller, self.senders, self.acknowledgers) = (poller, senders, acknowledgers)
        startedAt = .now()
        poller.send(poll)
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
        if exchange === poller {
            delivered(answer)
            if !isDone { exchange.send(poll) }
        } else if exchange.tag >= 0 {
            guard answer.status == 201 else { return fail("a submission: \(answer.text)") }
            let now = NIODeadline.now()
            moments[exchange.tag].acceptedAt = now
            moments[exchange.tag].submission = now - moments[exchange.tag].dueAt
            senders.append(exchange)
        } else {
            guard answer.status == 200 else { return fail("an acknowledgement: \(answer.text)") }
            acknowledged += 1
            acknowledgers.append(exchange)
        }
        acknowledge()
    }

    func failed(_ error: BenchError) { if !isDone { fail(error.description) } }

    private func delivered(_ answer: Answer) {
        guard answer.status != 204 else { return }
        guard answer.status == 200 else { return fail("an inbox call: \(answer.text)") }
        let now = NIODeadline.now()
        do throws(BenchError) {
            let inbox = try InboxAnswer(answer.body)
            for id in try inbox.ids() {
                guard let index = indices[String(buffer: id)], index < moments.count else {
                    if !isAlone { continue }
                    throw BenchError("a message was delivered that was not sent")
                }
                if moments[index].deliveredAt == nil { delivered += 1 }
                moments[index].deliveredAt = now
            }
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
