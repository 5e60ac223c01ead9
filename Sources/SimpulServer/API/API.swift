internal import Hummingbird
internal import Logging
internal import SimpulBroker
internal import SimpulCore

/// Every request of the HTTPS port, from its head to its answer: who is speaking, what is asked, the answer, or the
/// problem; counted and logged.
struct API: HTTPResponder {
    typealias Context = CallContext
    private let broker: Broker
    private let readiness: Readiness
    private let journal: Journal
    private let unread: UnreadAnswers
    private let table: RouteTable<Endpoint>

    init(broker: Broker, readiness: Readiness, logger: Logger) {
        self.broker = broker
        self.readiness = readiness
        journal = Journal(logger: logger, counters: broker.counters, readiness: readiness, now: broker.now)
        unread = UnreadAnswers(atMost: broker.limits.unreadAnswerBytes)
        table = RouteTable(routes: Self.endpoints(broker, readiness, journal))
    }

    func respond(to request: Request, context: CallContext) async -> Response {
        if context.connection?.isGoneStream == true { return .empty(.badRequest) }
        var entry: [LogField: String?] = [.trace: context.trace, .method: MethodName.of(request)]
        var codes: Set<ErrorCode>?
        var response: Response
        do {
            response = try await answer(request, context, noting: &entry, &codes)
            entry[.status] = "\(response.status.code)"
            journal.logger.record(.debug, "Request answered", entry)
        } catch {
            let problem = Problem(of: error)
            journal.note(problem, entry)
            journal.requireListed(problem.code, in: codes, entry)
            response = .problem(problem, Language(request), trace: context.trace)
            response.tell(error)
        }
        if readiness.isDraining { response.headers[.connection] = "close" }
        // A field of HTTP/1.1 only (RFC 9113 §8.2.2); an answered stream ends by itself, and its connection by GOAWAY.
        if context.connection?.isStream == true { response.headers[.connection] = nil }
        return response.asked(with: request.method)
    }

    private func answer(
        _ request: Request, _ context: CallContext, noting entry: inout [LogField: String?],
        _ codes: inout Set<ErrorCode>?
    ) async throws -> Response {
        guard let connection = context.connection else { throw Refusal.internalError }
        let peer = connection.peer ?? Peer(verifiedChain: [])
        let caller = try broker.authenticator.authenticate(peer)  // before anything is said about any path
        entry[.agency] = caller.agency.id.description
        try unread.requireRoom(for: caller.agency.id)
        let target = RequestTarget(request.head.path ?? "")
        switch table.match(method: request.method.rawValue, path: target.path) {
        case .found(let route, let values):
            entry[.route] = route.template
            codes = route.handler.codes
            let response = try await route.handler.handle(
                Call(
                    request: request, target: target, values: values, caller: caller, connection: connection,
                    trace: context.trace, parameters: route.handler.parameters, noted: entry))
            if let octets = response.body.contentLength, octets >= UnreadAnswers.smallestCounted {
                unread.add(octets, of: caller.agency.id, until: connection.answerWritten())
            }
            return response
        case .wrongMethod(let allowed, let template):
            entry[.route] = template
            throw WrongMethod(allowed: allowed)
        case .unknown: throw Refusal.noSuchPath
        }
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

extension Response {
    /// What the head says of an error besides its problem document.
    fileprivate mutating func tell(_ error: any Error) {
        switch error {
        case let wrong as WrongMethod: headers[.allow] = wrong.allowed.joined(separator: ", ")
        case let mismatch as OffsetMismatch:
            headers.set(Attachments.Upload(length: mismatch.length, isWhole: false))
        case let range as RangeUnsatisfiable: headers[.contentRange] = "bytes */\(range.total)"
        default: break
        }
    }
}
