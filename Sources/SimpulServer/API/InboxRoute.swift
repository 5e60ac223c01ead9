internal import Hummingbird
internal import Logging
internal import ServiceLifecycle
internal import SimpulBroker
internal import SimpulCore
internal import StrictJSON

/// `GET /v1/inbox`: leases deliveries, waiting for one as long as the caller says. Leases whose answer does not reach
/// the kernel are given back.
struct InboxRoute: Sendable {
    let inbox: Inbox
    let limits: Limits
    let logger: Logger

    @Sendable
    func handle(_ call: Call) async throws -> Response {
        let answer = try await receive(try request(of: call), call)
        return answer.isEmpty ? .empty(.noContent) : self.answer(answer, call)
    }

    private func request(of call: Call) throws(Refusal) -> Inbox.Request {
        let query = try call.query()
        return Inbox.Request(
            wait: try query.integer("wait", in: 0...limits.waitSeconds, default: 0),
            max: try query.integer("max", in: 1...limits.inboxBatch, default: limits.inboxBatchDefault),
            lease: try query.integer("lease", in: 1...limits.leaseSeconds, default: limits.leaseSecondsDefault),
            content: try query.value("type", Self.content) ?? .everything)
    }

    /// A type of message, or `receipt` for rungs alone.
    static func content(_ text: String) -> InboxContent? {
        text == "receipt" ? .rungs : MessageType(rawValue: text).map { .messages($0) }
    }

    /// The wait ends with the first delivery, the caller's time, the client's leaving, or the broker's stop.
    private func receive(_ request: Inbox.Request, _ call: Call) async throws -> Inbox.Answer {
        let (inbox, caller, connection) = (inbox, call.caller, call.connection)
        return try await withThrowingTaskGroup(of: Inbox.Answer?.self) { group in
            group.addTask { try await inbox.receive(request, for: caller) }
            group.addTask {
                await connection.untilGone()
                return nil
            }
            group.addTask {
                try? await gracefulShutdown()
                return nil
            }
            defer { group.cancelAll() }
            while let outcome = try await group.next() {
                if let answer = outcome { return answer }
                group.cancelAll()  // a claim in progress still returns what it has
            }
            return Inbox.Answer()
        }
    }

    /// What makes a lost answer good is in place before the answer exists: on a connection that has gone by then, not
    /// even its head is written.
    private func answer(_ answer: Inbox.Answer, _ call: Call) -> Response {
        call.connection.ifAnswerIsLost { await release(answer, call) }
        return .json(Self.document(answer))
    }

    private func release(_ answer: Inbox.Answer, _ call: Call) async {
        do {
            try await inbox.release(answer, of: call.caller)
        } catch {
            let agency = call.caller.agency.id.description
            logger.record(
                .warning, "Leases of an unwritten answer could not be released",
                [.agency: agency, .diagnosis: error.cause])
        }
    }

    static func document(_ answer: Inbox.Answer) -> JSON { ["deliveries": .array(items(answer))] }

    /// Each delivery and each rung as a document.
    static func items(_ answer: Inbox.Answer) -> [JSON] {
        let messages = answer.deliveries.map { delivery -> JSON in
            [
                "delivery": .string(delivery.token.text), "id": .string(delivery.key.id.description),
                "sender": .string(delivery.key.sender.description), "attempt": .integer(delivery.attempt),
                "leaseUntil": .string(delivery.leaseUntil.description), "due": .object(delivery.due.members),
                "envelope": .string(String(decoding: delivery.envelope, as: UTF8.self)),
                "receipt": .string(delivery.receipt.text),
            ]
        }
        let rungs = answer.rungs.map { rung -> JSON in
            [
                "delivery": .string(rung.token.text), "id": .string(rung.id.description),
                "attempt": .integer(rung.attempt), "leaseUntil": .string(rung.leaseUntil.description),
                "receipt": .string(rung.receipt.text),
            ]
        }
        return messages + rungs
    }
}
