internal import Hummingbird
internal import Logging
internal import SimpulBroker
internal import SimpulCore

/// Every request of the status socket: who is speaking, what the row of the table allows, the answer.
struct StatusAPI: HTTPResponder {
    typealias Context = CallContext

    private let gate: StatusGate
    private let journal: Journal
    private let table: RouteTable<StatusEndpoint>

    init(source: StatusSource, operations: Operations, gate: StatusGate, logger: Logger) {
        self.gate = gate
        let broker = source.broker
        journal = Journal(
            logger: logger, counters: broker.counters, readiness: source.readiness, now: broker.now)
        table = RouteTable(routes: Self.endpoints(source, operations))
    }

    func respond(to request: Request, context: CallContext) async -> Response {
        await answer(request, context).asked(with: request.method)
    }

    private func answer(_ request: Request, _ context: CallContext) async -> Response {
        let target = RequestTarget(request.head.path ?? "")
        var entry: [LogField: String?] = [.trace: context.trace, .method: MethodName.of(request)]
        switch table.match(method: request.method.rawValue, path: target.path) {
        case .found(let route, let values):
            entry[.route] = route.template
            do {
                let by = try await gate.admit(context.connection?.localPeer, for: route.handler.role)
                let response = try await route.handler.handle(StatusCall(request: request, values: values, by: by))
                if route.method != "GET" {
                    journal.logger.record(.notice, "An operator has acted", entry.merging([.user: "\(by.uid)"]) { $1 })
                }
                return response
            } catch {
                return refuse(Problem(of: error), request, context, entry)
            }
        case .wrongMethod(let allowed, _):
            var response = refuse(Problem(.methodNotAllowed(allowed)), request, context, entry)
            response.headers[.allow] = allowed.joined(separator: ", ")
            return response
        case .unknown: return refuse(Problem(.noSuchPath), request, context, entry)
        }
    }

    private func refuse(
        _ problem: Problem, _ request: Request, _ context: CallContext, _ entry: [LogField: String?]
    ) -> Response {
        journal.noteStatus(problem, entry)
        return .problem(problem, Language(request), trace: context.trace)
    }
}
