internal import Logging
internal import SimpulBroker

extension API {
    /// Every call there is.
    static func endpoints(
        _ broker: Broker, _ readiness: Readiness, _ journal: Journal
    ) -> [RouteTable<Endpoint>.Route] {
        let messages = MessageRoutes(views: broker.messages, limits: broker.limits)
        let directory = DirectoryRoutes(directory: broker.directory)
        let leases = LeaseRoutes(broker: broker)
        let receipts = ReceiptRoutes(broker: broker)
        let inbox = InboxRoute(inbox: broker.inbox, limits: broker.limits, logger: journal.logger)
        let stream = StreamRoute(inbox: broker.inbox, limits: broker.limits, readiness: readiness, journal: journal)
        let schemas = SchemaRoutes()
        let attachments = AttachmentRoutes(broker: broker, readiness: readiness)
        return [
            .init(
                "POST", "/v1/messages",
                Endpoint(
                    codes: .envelope,
                    handle: SubmitRoute(broker: broker, readiness: readiness, journal: journal).handle)),
            .init(
                "GET", "/v1/messages",
                Endpoint(
                    parameters: ["state", "since", "limit", "cursor"], codes: .reading, handle: messages.outbox)),
            .init("GET", "/v1/messages/{id}", Endpoint(codes: .finding, handle: messages.sent)),
            .init("GET", "/v1/messages/{sender}/{id}", Endpoint(codes: .finding, handle: messages.received)),
            .init(
                "POST", "/v1/messages/{sender}/{id}/receipts",
                Endpoint(codes: .ofReceipts, handle: receipts.record)),
            .init(
                "POST", "/v1/validate",
                Endpoint(codes: .envelope, handle: ValidateRoute(broker: broker, readiness: readiness).handle)),
            .init(
                "GET", "/v1/inbox",
                Endpoint(
                    parameters: ["wait", "max", "lease", "type"], codes: .reading, handle: inbox.handle)),
            .init(
                "GET", "/v1/inbox/stream",
                Endpoint(
                    parameters: ["max", "lease", "type"], codes: .any.union([.draining]), handle: stream.handle)),
            .init(
                "POST", "/v1/deliveries/{token}/ack",
                Endpoint(codes: .acknowledging, handle: receipts.acknowledge)),
            .init(
                "POST", "/v1/deliveries/{token}/nack",
                Endpoint(codes: .ofLeases, handle: leases.giveBack)),
            .init(
                "POST", "/v1/deliveries/{token}/extend",
                Endpoint(codes: .ofLeases, handle: leases.extend)),
            .init("PUT", "/v1/attachments/{digest}", Endpoint(codes: .uploading, handle: attachments.put)),
            .init("GET", "/v1/attachments/{digest}", Endpoint(codes: .downloading, handle: attachments.get)),
            .init("HEAD", "/v1/attachments/{digest}", Endpoint(codes: .finding, handle: attachments.head)),
            .init("GET", "/v1/directory", Endpoint(codes: .any, handle: directory.all)),
            .init("GET", "/v1/directory/{agency}", Endpoint(codes: .any.union([.notFound]), handle: directory.one)),
            .init("GET", "/v1/schemas", Endpoint(codes: .any, handle: schemas.all)),
            .init("GET", "/v1/schemas/{type}/{major}", Endpoint(codes: .any.union([.notFound]), handle: schemas.one)),
            .init("GET", "/v1/openapi.json", Endpoint(codes: .any, handle: schemas.openAPI)),
            .init("GET", "/v1/whoami", Endpoint(codes: .any, handle: WhoAmIRoute().handle)),
        ]
    }
}
