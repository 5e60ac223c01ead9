internal import Hummingbird
internal import SimpulBroker
internal import SimpulCore
internal import StrictJSON

/// What operators do to queues and deliveries.
struct OrderRoutes: Sendable {
    let orders: Orders

    /// `POST /queues/{agency}/pause` and `/resume`.
    func pausing(_ isPaused: Bool) -> @Sendable (StatusCall) async throws -> Response {
        { [orders] call in
            let agency = try call.agency()
            let (by, reason) = try await call.operation()
            try await orders.pause(agency, isPaused, by: by, reason: reason)
            return .json(["agency": .string(agency.description), "paused": .bool(isPaused)])
        }
    }

    /// `POST /messages/{sender}/{id}/retry`, `/cancel`, `/park` and `/bounce`.
    func ordering(_ action: DeliveryOrder.Action) -> @Sendable (StatusCall) async throws -> Response {
        { [orders] call in
            let key = try call.message()
            let (reason, agency) = try await call.order()
            let done = try await orders.perform(DeliveryOrder(action, key, agency: agency), by: call.by, reason: reason)
            return .json(["recipients": .array(done.map { .string($0.description) })])
        }
    }

    /// `POST /messages/{sender}/{id}/redirect`.
    @Sendable
    func redirect(_ call: StatusCall) async throws -> Response {
        let key = try call.message()
        let (reason, from, to) = try await call.redirect()
        try await orders.redirect(RedirectOrder(key, from: from, to: to), by: call.by, reason: reason)
        return .json(["from": .string(from.description), "to": .string(to.description)])
    }
}
