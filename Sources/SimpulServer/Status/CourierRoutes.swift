internal import Hummingbird
internal import Logging
internal import NIOCore
internal import SimpulBroker
internal import SimpulCore
internal import StrictJSON

/// The courier's calls of the status socket: `POST /courier/{agency}/export` streams a bundle, `POST /courier/import`
/// takes one, and with `?check=true` only verifies it. Behind the lines of a bundle stands one that is no part of it: what
/// went into the bundle, a JSON object. Where it is missing, so is the end of the bundle. For the daemon's own user and root.
struct CourierRoutes: Sendable {
    let broker: Broker
    let readiness: Readiness
    let logger: Logger

    /// Answers a request of the courier; nil where it is none.
    func answer(_ request: Request, _ target: RequestTarget, _ context: CallContext) async -> Response? {
        let parts = target.path.split(separator: "/", omittingEmptySubsequences: false)
        guard request.method == .post, parts.count >= 3, parts[1] == "courier" else { return nil }
        do {
            switch (parts.count, parts[2], parts.last) {
            case (3, "import", _):
                try await requireOperator(context)
                return try await take(request, isCheck: try isCheck(target), context)
            case (4, let agency, "export"):
                try await requireOperator(context)
                guard let agency = AgencyID(String(agency)) else { throw Refusal.notFound }
                return try give(agency, context)
            default: return nil
            }
        } catch {
            return problem(error, request, context)
        }
    }

    private func requireOperator(_ context: CallContext) async throws {
        guard let user = await PeerUser.of(context.channel), user == 0 || user == PeerUser.own else {
            throw Refusal.operatorsOnly
        }
        try readiness.requireOpen()
    }

    private func isCheck(_ target: RequestTarget) throws(Refusal) -> Bool {
        let query = try QueryParameters(parsing: target.query, known: ["check"])
        return try query.value("check") { ["true": true, "false": false][$0] } ?? false
    }

    private func give(_ agency: AgencyID, _ context: CallContext) throws -> Response {
        let bundle = try broker.courier.export(for: agency)
        return Response(
            status: .ok, headers: [.contentType: MediaTypeName.bundle, .cacheControl: "no-store"],
            body: ResponseBody { writer in
                var output = writer
                let exported = try await bundle.write { line in try await output.write(ByteBuffer(bytes: line)) }
                logger.record(
                    .notice, "Courier bundle exported", [.trace: context.trace, .agency: agency.description])
                try await output.write(ByteBuffer(bytes: exported.json.bytes + [UInt8(ascii: "\n")]))
                try await output.finish(nil)
            })
    }

    private func take(_ request: Request, isCheck: Bool, _ context: CallContext) async throws -> Response {
        var bundle = broker.courier.beginImport(isCheck: isCheck)
        var lines = LineReader(lineLimit: broker.limits.bundleLineBytes)
        var fault: (any Error)?
        // Read to its end in any case: a client that still writes would not see the answer.
        for try await part in request.body where fault == nil {
            do {
                for line in lines.read(part.readableBytesView) { try await take(line, &bundle) }
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
        if let last = lines.end() { try await take(last, &bundle) }
        let imported = try bundle.end()
        if !isCheck {
            logger.record(
                .notice, "Courier bundle imported",
                [.trace: context.trace, .agency: imported.head?.from.description])
        }
        return .json(imported.json(Language(request)))
    }

    private func take(_ line: LineReader.Line, _ bundle: inout CourierImport) async throws {
        guard case .octets(let octets) = line else { throw Refusal.bundleTooLarge }
        try await bundle.take(octets)
    }

    private func problem(_ error: any Error, _ request: Request, _ context: CallContext) -> Response {
        let problem = Problem(of: error)
        logger.record(
            .warning, "Courier call refused", [.trace: context.trace, .code: problem.code.rawValue])
        return .problem(problem, Language(request), trace: context.trace)
    }
}

extension Courier.Exported {
    fileprivate var json: JSON {
        [
            "messages": .integer(messages), "rungs": .integer(rungs), "answers": .integer(answers),
            "cut": .bool(isCut),
        ]
    }
}

extension CourierImport.Imported {
    fileprivate func json(_ language: Language) -> JSON {
        .object([
            "bundle": head.map { .string($0.id.description) }, "from": head.map { .string($0.from.description) },
            "at": head.map { .string($0.at.description) },
            "messages": [
                "accepted": .integer(accepted), "repeated": .integer(repeated), "refused": .integer(refused),
                "left": .integer(left),
            ],
            "receipts": [
                "recorded": .integer(recorded), "known": .integer(known), "refused": .integer(receiptsRefused),
            ],
            "confirmed": .integer(confirmed), "passedOver": .integer(passedOver),
            "refusals": .array(
                refusals.map { refused in
                    .object([
                        "id": refused.id.map { .string($0.description) }, "code": .string(refused.code.rawValue),
                        "stage": .string(refused.stage.rawValue), "title": .string(refused.code.title[language]),
                    ])
                }),
        ])
    }
}

extension Refusal {
    static let operatorsOnly = Refusal(
        .policyDenied, at: .authenticate,
        LocalizedText(
            "Only root and the user that the broker runs as may do this.",
            "Hanya root dan pengguna yang menjalankan simpul yang boleh melakukan ini."))
}
