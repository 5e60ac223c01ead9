internal import Hummingbird
internal import SimpulBroker
internal import SimpulCore

/// `GET /v1/messages/…`: what a party may see of a message. An id that cannot be one is as unknown as any other.
struct MessageRoutes: Sendable {
    let views: MessageViews
    let limits: Limits

    /// The caller's own messages, a page at a time.
    @Sendable
    func outbox(_ call: Call) async throws -> Response {
        let query = try call.query()
        return .json(
            try await views.outbox(
                state: try query.word("state", as: DeliveryState.self), since: try query.value("since", Timestamp.init),
                limit: try query.integer("limit", in: 1...limits.outboxPage, default: limits.outboxPageDefault),
                cursor: try query.value("cursor") { $0 }, by: call.caller))
    }

    @Sendable
    func sent(_ call: Call) async throws -> Response {
        _ = try call.query()
        guard let id = MessageID(call.values[0]) else { throw Refusal.notFound }
        return .json(try await views.sent(id, by: call.caller))
    }

    @Sendable
    func received(_ call: Call) async throws -> Response {
        _ = try call.query()
        guard let sender = AgencyID(call.values[0]), let id = MessageID(call.values[1]) else {
            throw Refusal.notFound
        }
        return .json(try await views.received(MessageKey(sender: sender, id: id), by: call.caller))
    }
}
