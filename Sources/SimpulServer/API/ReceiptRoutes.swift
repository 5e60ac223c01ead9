internal import Hummingbird
internal import SimpulBroker
internal import SimpulCore

/// What a recipient says of a delivery: `POST /v1/deliveries/{token}/ack`, by its lease, and
/// `POST /v1/messages/{sender}/{id}/receipts`, at any later time.
struct ReceiptRoutes: Sendable {
    let broker: Broker

    /// An empty body says that the caller's system has it; a body is a receipt that the caller has signed.
    @Sendable
    func acknowledge(_ call: Call) async throws -> Response {
        _ = try call.query()
        guard let token = DeliveryToken(call.values[0]) else { throw Refusal.notFound }
        let receipt = try await receipt(in: call)
        let caller = try broker.authenticator.renew(call.caller)  // the body may have been slow
        try await broker.inbox.acknowledge(token, receipt: receipt, from: caller)
        return .empty(.ok)
    }

    @Sendable
    func record(_ call: Call) async throws -> Response {
        _ = try call.query()
        guard let sender = AgencyID(call.values[0]), let id = MessageID(call.values[1]) else { throw Refusal.notFound }
        guard let receipt = try await receipt(in: call) else { throw Refusal.receiptExpected }
        let caller = try broker.authenticator.renew(call.caller)
        try await broker.inbox.record(receipt, of: MessageKey(sender: sender, id: id), from: caller)
        return .empty(.ok)
    }

    /// The body without its line end; nil where it is empty.
    private func receipt(in call: Call) async throws -> [UInt8]? {
        try call.requirePlainBody()
        let body = LineEnd.dropped(from: try await call.body(upTo: broker.limits.envelopeBytes + LineEnd.longest))
        guard body.isEmpty || call.mediaType == MediaTypeName.jose else { throw Refusal.mediaType }
        return body.isEmpty ? nil : body
    }
}

extension Refusal {
    fileprivate static let receiptExpected = Refusal(
        .notJOSE, at: .deliver,
        LocalizedText("The body must be a signed receipt.", "Isi permintaan harus tanda terima bertanda tangan."))
}
