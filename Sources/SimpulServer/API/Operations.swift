internal import Logging
internal import SimpulBroker

extension API {
    /// Every call there is.
    static func operations(
        _ broker: Broker, _ readiness: Readiness, _ journal: Journal
    ) -> [RouteTable<Operation>.Route] {
        let messages = MessageRoutes(views: broker.messages, limits: broker.limits)
        let directory = DirectoryRoutes(directory: broker.directory)
        let leases = LeaseRoutes(inbox: broker.inbox, limits: broker.limits)
        let receipts = ReceiptRoutes(broker: broker)
        let inbox = InboxRoute(inbox: broker.inbox, limits: broker.limits, logger: journal.logger)
        let schemas = SchemaRoutes()
        return [
            .init(
                "POST", "/v1/messages",
                Operation(
                    codes: .envelope,
                    handle: SubmitRoute(broker: broker, readiness: readiness, journal: journal).handle)),
            .init(
                "GET", "/v1/messages",
                Operation(
                    parameters: ["state", "since", "limit", "cursor"], codes: .reading, handle: messages.outbox)),
            .init("GET", "/v1/messages/{id}", Operation(codes: .finding, handle: messages.sent)),
            .init("GET", "/v1/messages/{sender}/{id}", Operation(codes: .finding, handle: messages.received)),
            .init(
                "POST", "/v1/messages/{sender}/{id}/receipts",
                Operation(codes: .ofReceipts, handle: receipts.record)),
            .init(
                "POST", "/v1/validate",
                Operation(codes: .envelope, handle: ValidateRoute(broker: broker, readiness: readiness).handle)),
            .init(
                "GET", "/v1/inbox",
                Operation(
                    parameters: ["wait", "max", "lease", "type"], codes: .reading, handle: inbox.handle)),
            .init(
                "POST", "/v1/deliveries/{token}/ack",
                Operation(codes: .acknowledging, handle: receipts.acknowledge)),
            .init(
                "POST", "/v1/deliveries/{token}/nack",
                Operation(codes: .ofLeases, handle: leases.giveBack)),
            .init(
                "POST", "/v1/deliveries/{token}/extend",
                Operation(codes: .ofLeases, handle: leases.extend)),
            .init("GET", "/v1/directory", Operation(codes: .any, handle: directory.all)),
            .init("GET", "/v1/directory/{agency}", Operation(codes: .any.union([.notFound]), handle: directory.one)),
            .init("GET", "/v1/schemas", Operation(codes: .any, handle: schemas.all)),
            .init("GET", "/v1/schemas/{type}/{major}", Operation(codes: .any.union([.notFound]), handle: schemas.one)),
            .init("GET", "/v1/openapi.json", Operation(codes: .any, handle: schemas.openAPI)),
            .init("GET", "/v1/whoami", Operation(codes: .any, handle: WhoAmIRoute().handle)),
        ]
    }
}
