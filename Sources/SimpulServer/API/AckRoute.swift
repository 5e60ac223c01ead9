internal import Hummingbird
internal import SimpulBroker
internal import SimpulCore

/// `POST /v1/deliveries/{token}/ack`: settles a delivery. An empty body says that the caller's system has it; a body is
/// a receipt that the caller has signed.
struct AckRoute: Sendable {
    let broker: Broker

    @Sendable
    func handle(_ call: Call) async throws -> Response {
        _ = try call.query()
        guard let token = DeliveryToken(call.values[0]) else { throw Refusal.notFound }
        try call.requirePlainBody()
        let body = LineEnd.dropped(from: try await call.body(upTo: broker.limits.envelopeBytes + LineEnd.longest))
        guard body.isEmpty || call.mediaType == MediaTypeName.jose else { throw Refusal.mediaType }
        let caller = try broker.authenticator.renew(call.caller)  // the body may have been slow
        try await broker.inbox.acknowledge(token, receipt: body.isEmpty ? nil : body, from: caller)
        return .empty(.ok)
    }
}
