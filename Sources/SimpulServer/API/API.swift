internal import Hummingbird
internal import Logging
internal import SimpulBroker
internal import SimpulCore

/// Every request of the HTTPS port, from its head to its answer: who is speaking, what is asked, the answer, or the
/// problem; counted and logged.
struct API: HTTPResponder {
    typealias Context = CallContext
    typealias Handler = @Sendable (Call) async throws -> Response

    private let broker: Broker
    private let readiness: Readiness
    private let logger: Logger
    private let table: RouteTable<Handler>

    init(broker: Broker, readiness: Readiness, logger: Logger) {
        self.broker = broker
        self.readiness = readiness
        self.logger = logger
        table = RouteTable(routes: Self.routes(broker, readiness, logger))
    }

    private static func routes(
        _ broker: Broker, _ readiness: Readiness, _ logger: Logger
    ) -> [RouteTable<Handler>.Route] {
        let messages = MessageRoutes(views: broker.messages)
        let directory = DirectoryRoutes(directory: broker.directory)
        return [
            .init("POST", "/v1/messages", SubmitRoute(broker: broker, readiness: readiness).handle),
            .init("GET", "/v1/messages/{id}", messages.sent),
            .init("GET", "/v1/messages/{sender}/{id}", messages.received),
            .init("GET", "/v1/inbox", InboxRoute(inbox: broker.inbox, limits: broker.limits, logger: logger).handle),
            .init("POST", "/v1/deliveries/{token}/ack", AckRoute(broker: broker).handle),
            .init("GET", "/v1/directory", directory.all),
            .init("GET", "/v1/directory/{agency}", directory.one),
            .init("GET", "/v1/whoami", WhoAmIRoute().handle),
        ]
    }

    func respond(to request: Request, context: CallContext) async -> Response {
        var entry: [LogField: String?] = [.trace: context.trace, .method: MethodName.of(request)]
        var response: Response
        do {
            response = try await answer(request, context, noting: &entry)
            entry[.status] = "\(response.status.code)"
            logger.record(.debug, "Request answered", entry)
        } catch {
            response = refuse(Problem(of: error), request, context, entry)
            if case let wrong as WrongMethod = error {
                response.headers[.allow] = wrong.allowed.joined(separator: ", ")
            }
        }
        if readiness.isDraining { response.headers[.connection] = "close" }
        return response.asked(with: request.method)
    }

    private func answer(
        _ request: Request, _ context: CallContext, noting entry: inout [LogField: String?]
    ) async throws -> Response {
        guard let connection = context.connection else { throw Refusal.internalError }
        let peer = connection.peer ?? Peer(verifiedChain: [])
        let caller = try broker.authenticator.authenticate(peer)  // before anything is said about any path
        entry[.agency] = caller.agency.id.description
        let target = RequestTarget(request.head.path ?? "")
        switch table.match(method: request.method.rawValue, path: target.path) {
        case .found(let route, let values):
            entry[.route] = route.template
            return try await route.handler(
                Call(request: request, target: target, values: values, caller: caller, connection: connection))
        case .wrongMethod(let allowed, let template):
            entry[.route] = template
            throw WrongMethod(allowed: allowed)
        case .unknown: throw Refusal.noSuchPath
        }
    }

    private func refuse(
        _ problem: Problem, _ request: Request, _ context: CallContext, _ noted: [LogField: String?]
    ) -> Response {
        var entry = noted
        entry[.status] = "\(problem.code.status)"
        entry[.code] = problem.code.rawValue
        entry[.stage] = problem.refusal.stage.rawValue
        entry[.message] = problem.refusal.message?.description
        entry[.diagnosis] = problem.cause ?? problem.refusal.diagnosis
        switch problem.code {
        case .internalError, .storageUnavailable:
            broker.counters.update { $0.failures += 1 }
            if problem.code == .storageUnavailable { readiness.writeFailed(at: broker.now()) }
            logger.record(.error, "Request failed", entry)
        default:
            // A recorded refusal was counted where it was recorded.
            if problem.receipt == nil { broker.counters.countRefusal(problem.code) }
            logger.record(.info, "Request refused", entry)
        }
        let language = Language(acceptLanguage: request.headers[.acceptLanguage])
        return .problem(problem, language, trace: context.trace)
    }
}

/// The path is there, the method is not.
struct WrongMethod: Error {
    let allowed: [String]
}

enum MethodName {
    /// The method as the log may hold it: one that clients invent is not repeated.
    static func of(_ request: Request) -> String {
        let name = request.method.rawValue
        return ["GET", "POST", "PUT", "DELETE", "HEAD", "OPTIONS", "PATCH"].contains(name) ? name : "other"
    }
}
