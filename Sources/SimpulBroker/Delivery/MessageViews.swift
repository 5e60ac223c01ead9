internal import JOSE
public import SimpulCore
public import StrictJSON

/// What the parties of a message may see of it. Whatever is not theirs looks as if it were not there.
public struct MessageViews: Sendable {
    let store: any MessageStore
    let queues: any QueueFactsSource
    private let limits: Limits
    let now: @Sendable () -> Timestamp

    /// The views of one store.
    /// - Parameter queues: what is known of the queues, for the reason why a delivery stands still.
    public init(
        store: any MessageStore, queues: any QueueFactsSource, limits: Limits, now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.queues = queues
        self.limits = limits
        self.now = now
    }

    /// The whole of a message that the caller sent.
    /// - Throws: `not-found`.
    public func sent(_ id: MessageID, by caller: Caller) async throws -> JSON {
        guard let state = try await store.state(of: MessageKey(sender: caller.agency.id, id: id)) else {
            throw Refusal.notFound
        }
        return view(of: state, deliveries: state.deliveries)
    }

    /// One page of what the caller has sent, in the order of acceptance. A page may hold fewer than asked for and yet
    /// not be the last; `next` says.
    /// - Parameter cursor: `next` of the page before.
    /// - Throws: `parameter-refused` where the cursor is none.
    public func outbox(
        state: DeliveryState?, since: Timestamp?, limit: Int, cursor: String?, by caller: Caller
    ) async throws -> JSON {
        let after = try cursor.map { text throws(Refusal) in try OutboxCursor(text).leaf }
        let page = try await store.sent(
            by: caller.agency.id,
            OutboxQuery(
                state: state, since: since, after: after, limit: limit, scan: limits.outboxScan,
                bytes: limits.outboxBytes))
        return [
            "messages": .array(page.messages.map { view(of: $0, deliveries: $0.deliveries) }),
            "next": page.next.map { .string(OutboxCursor(leaf: $0).text) } ?? .null,
        ]
    }

    /// The caller's own row of a message that another agency sent, or the whole where the caller is the sender.
    /// - Throws: `not-found`, also where the caller is no party of the message, or it was recalled before the caller had
    ///   it.
    public func received(_ key: MessageKey, by caller: Caller) async throws -> JSON {
        if key.sender == caller.agency.id { return try await sent(key.id, by: caller) }
        guard let state = try await store.state(of: key) else { throw Refusal.notFound }
        let own = state.deliveries.filter { $0.agency == caller.agency.id && !$0.standing.wasNeverGot }
        guard !own.isEmpty else { throw Refusal.notFound }
        return view(of: state, deliveries: own, isSender: false)
    }

    /// - Parameter isSender: what the sender owes is the sender's to see.
    private func view(
        of state: MessageState, deliveries: [MessageState.Delivery], isSender: Bool = true
    ) -> JSON {
        var shown = state
        shown.deliveries = deliveries
        let moment = now()
        let rows = deliveries.map { delivery in
            let reason = delivery.standing.reason(at: moment, queue: queues.facts(of: delivery.agency))
            return JSON.object([
                "agency": .string(delivery.agency.description), "state": .string(delivery.state.rawValue),
                "reason": reason.map { .string($0.code.rawValue) },
                "until": reason?.until.map { .string($0.description) },
                "due": delivery.due == .none ? nil : .object(delivery.due.members),
                "cause": delivery.standing.cause.map { .string($0.rawValue) },
                "rungs": .array(([state.accepted] + delivery.rungs).map(rung)),
            ])
        }
        let own = isSender ? state.senderRungs.map(rung) : []
        let owed = isSender ? state.senderDue.members : []
        return .object([
            "id": .string(state.key.id.description), "sender": .string(state.key.sender.description),
            "type": .string(state.type.rawValue), "state": .string(shown.state.rawValue),
            "digest": .string(state.digest.description), "recipients": .array(rows),
            "senderDue": owed.isEmpty ? nil : .object(owed), "senderRungs": own.isEmpty ? nil : .array(own),
            "purged": state.purged.map { .string($0.description) },
        ])
    }

    private func rung(_ recorded: RecordedRung) -> JSON {
        [
            "rung": .string(recorded.rung.rawValue), "at": .string(recorded.at.description),
            "receipt": .string(recorded.receipt.text),
        ]
    }
}

/// Where a page of an outbox has ended: opaque to callers, 11 letters of base64url.
struct OutboxCursor: Equatable {
    let leaf: UInt64

    init(leaf: UInt64) { self.leaf = leaf }

    /// - Throws: `parameter-refused`.
    init(_ text: String) throws(Refusal) {
        guard text.utf8.count == 11, let octets = Base64URL.decode(Array(text.utf8)), octets.count == 8,
            octets[0] < 0x80
        else {
            throw Refusal(
                .parameterRefused, at: .receive,
                LocalizedText(
                    "The parameter cursor must be the member next of the page before.",
                    "Parameter cursor harus berisi anggota next dari halaman sebelumnya."),
                diagnosis: "cursor")
        }
        leaf = octets.reduce(0) { $0 << 8 | UInt64($1) }
    }

    var text: String { Base64URL.encode((0..<8).map { UInt8(truncatingIfNeeded: leaf >> (56 - 8 * $0)) }) }
}
