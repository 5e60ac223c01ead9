import NIOCore
import SimpulCore
import SimpulEnvelope

/// Senders that submit at a fixed rate whatever the answers do, and at most one consumer, which asks or is pushed to. It
/// knows for each message when its 201 was seen and when it was delivered.
final class WakeLoop: ExchangeUser, PushUser {
    /// The moments of one message.
    struct Moments: Sendable {
        var dueAt: NIODeadline
        var acceptedAt: NIODeadline?
        var deliveredAt: NIODeadline?
        var submission = TimeAmount.zero
    }

    private let submissions: [ByteBuffer]
    private let indices: [String: Int]
    private let digests: [Digest: Int]
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
        let all = consumer == .push ? messages.map { SignedEnvelope.digest(ofUnparsed: $0.envelope) } : []
        digests = Dictionary(
            all.enumerated().compactMap { index, digest in digest.map { ($0, index) } },
            uniquingKeysWith: { first, _ in first })
        interval = .nanoseconds(1_000_000_000 / Int64(rate))
    }

    var isDone: Bool {
        let done =
            switch consumer {
            case nil: accepted
            case .push: min(accepted, deliveredCount)
            case .poll, .sse: isAlone ? acknowledged : deliveredCount
            }
        return problem != nil || done == submissions.count
    }

    /// - Parameter reader: the connection of the consumer, where it is one that asks.
    func start(reader: Exchange?, senders: [Exchange], acknowledgers: [Exchange], on loop: any EventLoop) {
        (self.reader, self.senders, self.acknowledgers) = (reader, senders, acknowledgers)
        startedAt = .now()
        switch consumer {
        case .poll: reader?.send(poll)
        case .sse: reader?.send(RequestBytes.stream(max: 100, lease: 300), inPieces: true)
        case .push, nil: break
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

    func pushed(_ digest: Digest) { delivered([digests[digest]]) }

    /// Those messages have just reached the consumer; one of another sender has no number.
    private func delivered(_ numbers: [Int?]) {
        let now = NIODeadline.now()
        for number in numbers {
            if let number, number < moments.count {
                if moments[number].deliveredAt == nil { deliveredCount += 1 }
                moments[number].deliveredAt = moments[number].deliveredAt ?? now
            } else if isAlone {
                fail("a message was delivered that was not sent")
            }
        }
    }

    private func read(_ answer: Answer) {
        guard answer.status != 204 else { return }
        guard answer.status == 200 else { return fail("an inbox call: \(answer.text)") }
        guard consumer == .poll || answer.isPiece else { return fail("the stream has ended") }
        do throws(BenchError) {
            let inbox = try InboxAnswer(answer.body)
            delivered(try inbox.ids().map { indices[String(buffer: $0)] })
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
