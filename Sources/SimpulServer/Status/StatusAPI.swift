internal import Hummingbird
internal import Logging
internal import SimpulBroker
internal import SimpulCore

/// Every request of the status socket. All but the courier's calls only read; the socket's mode says who may.
struct StatusAPI: HTTPResponder {
    typealias Context = CallContext
    typealias Handler = @Sendable (StatusSnapshot) -> Response

    private let source: StatusSource
    private let logger: Logger
    private let courier: CourierRoutes
    private let table = RouteTable<Handler>(routes: [
        .init("GET", "/status") { .json($0.document) },
        .init("GET", "/metrics") { .octets(.ok, MetricsText.mediaType, Array(MetricsText($0).text.utf8)) },
        .init("GET", "/queues") {
            $0.store == nil ? .json($0.readinessDocument, status: .serviceUnavailable) : .json($0.queuesDocument)
        },
        .init("GET", "/readyz") {
            .json($0.readinessDocument, status: $0.obstacles.isEmpty ? .ok : .serviceUnavailable)
        },
        .init("GET", "/healthz") { _ in .json(["healthy": true]) },
    ])

    init(source: StatusSource, logger: Logger) {
        self.source = source
        self.logger = logger
        courier = CourierRoutes(broker: source.broker, readiness: source.readiness, logger: logger)
    }

    func respond(to request: Request, context: CallContext) async -> Response {
        await answer(request, context).asked(with: request.method)
    }

    private func answer(_ request: Request, _ context: CallContext) async -> Response {
        let target = RequestTarget(request.head.path ?? "")
        if let response = await courier.answer(request, target, context) { return response }
        switch table.match(method: request.method.rawValue, path: target.path) {
        case .found(let route, _): return route.handler(await source.snapshot())
        case .wrongMethod(let allowed, _):
            var response = refuse(.methodNotAllowed(allowed), request, context)
            response.headers[.allow] = allowed.joined(separator: ", ")
            return response
        case .unknown: return refuse(.noSuchPath, request, context)
        }
    }

    private func refuse(_ refusal: Refusal, _ request: Request, _ context: CallContext) -> Response {
        logger.record(.info, "Status request refused", [.trace: context.trace, .code: refusal.code.rawValue])
        let language = Language(request)
        return .problem(Problem(refusal), language, trace: context.trace)
    }
}
