internal import Hummingbird
internal import SimpulCore

extension StatusAPI {
    /// Every call there is, with the least role that may make it.
    static func endpoints(_ source: StatusSource, _ operations: Operations) -> [RouteTable<StatusEndpoint>.Route] {
        let lists = StatusLists(broker: source.broker)
        let courier = CourierRoutes(broker: source.broker, readiness: source.readiness)
        let orders = OrderRoutes(orders: source.broker.orders)
        func reads(
            _ path: String, _ handle: @escaping @Sendable (StatusCall) async throws -> Response
        ) -> RouteTable<StatusEndpoint>.Route {
            .init("GET", path, StatusEndpoint(role: .viewer, handle: handle))
        }
        func acts(
            _ path: String, _ handle: @escaping @Sendable (StatusCall) async throws -> Response
        ) -> RouteTable<StatusEndpoint>.Route {
            .init("POST", path, StatusEndpoint(role: .operator, handle: handle))
        }
        return [
            reads("/status") { _ in .json(await source.snapshot().document) },
            reads("/metrics") { _ in
                let text = MetricsText(await source.snapshot()).text
                return .octets(.ok, MetricsText.mediaType, Array(text.utf8))
            },
            reads("/queues") { _ in
                let snapshot = await source.snapshot()
                return snapshot.store == nil
                    ? .json(snapshot.readinessDocument, status: .serviceUnavailable) : .json(snapshot.queuesDocument)
            },
            reads("/queues/{agency}", lists.queue),
            reads("/readyz") { _ in
                let snapshot = await source.snapshot()
                return .json(
                    snapshot.readinessDocument, status: snapshot.obstacles.isEmpty ? .ok : .serviceUnavailable)
            },
            reads("/healthz") { _ in .json(["healthy": true]) },
            reads("/agencies", lists.agencies),
            reads("/certificates", lists.certificates),
            reads("/messages/{sender}/{id}/trace", lists.trace),
            acts("/reload", operations.reload),
            acts("/drain", operations.drain),
            acts("/resume", operations.resume),
            acts("/queues/{agency}/pause", orders.pausing(true)),
            acts("/queues/{agency}/resume", orders.pausing(false)),
            acts("/messages/{sender}/{id}/retry", orders.ordering(.retry)),
            acts("/messages/{sender}/{id}/cancel", orders.ordering(.cancel)),
            acts("/messages/{sender}/{id}/park", orders.ordering(.park)),
            acts("/messages/{sender}/{id}/bounce", orders.ordering(.bounce)),
            acts("/messages/{sender}/{id}/redirect", orders.redirect),
            acts("/courier/{agency}/export", courier.export),
            acts("/courier/import", courier.take),
        ]
    }
}
