internal import Hummingbird
internal import NIOCore
internal import SimpulBroker
internal import SimpulCore
internal import StrictJSON

/// The courier's calls of the status socket: `POST /courier/{agency}/export` streams a bundle, with `?octets=` one that has
/// no more than so many, `POST /courier/import`
/// takes one, and with `?check=true` only verifies it. Behind the lines of a bundle stands one that is no part of it: what
/// went into the bundle, a JSON object. Where it is missing, so is the end of the bundle.
struct CourierRoutes: Sendable {
    let broker: Broker
    let readiness: Readiness

    /// `POST /courier/{agency}/export`. It is in the log before the first octet leaves.
    @Sendable
    func export(_ call: StatusCall) async throws -> Response {
        guard let agency = call.values.first.flatMap(AgencyID.init) else { throw Refusal.notFound }
        let target = RequestTarget(call.request.head.path ?? "")
        let octets = try QueryParameters(parsing: target.query, known: ["octets"]).value("octets") { Int($0) }
        let bundle = try broker.courier.export(for: agency, octets: octets)
        try await record(.courierExport, call, "courier bundle \(bundle.id)", agency)
        return Response(
            status: .ok, headers: [.contentType: MediaTypeName.bundle, .cacheControl: "no-store"],
            body: ResponseBody { writer in
                var output = writer
                let exported = try await bundle.write { line in try await output.write(ByteBuffer(bytes: line)) }
                try await output.write(ByteBuffer(bytes: exported.json.bytes + [UInt8(ascii: "\n")]))
                try await output.finish(nil)
            })
    }

    /// `POST /courier/import`. The log says which bundle, and whose, before anything in it is done; a check is not logged,
    /// nor is a bundle whose first line is not believed: nothing was done.
    @Sendable
    func take(_ call: StatusCall) async throws -> Response {
        try readiness.requireOpen()
        let isCheck = try isCheck(call)
        var bundle = broker.courier.beginImport(isCheck: isCheck) { head in
            try await record(.courierImport, call, "courier bundle \(head.id)", head.from)
        }
        var lines = LineReader(lineLimit: broker.limits.bundleLineBytes)
        var fault: (any Error)?
        // Read to its end in any case: a client that still writes would not see the answer.
        for try await part in call.request.body where fault == nil {
            do {
                for line in lines.read(part.readableBytesView) { try await take(line, &bundle) }
            } catch {
                fault = error
            }
        }
        if let fault { throw fault }
        if let last = lines.end() { try await take(last, &bundle) }
        return .json(try bundle.end().json(Language(call.request)))
    }

    private func isCheck(_ call: StatusCall) throws(Refusal) -> Bool {
        let target = RequestTarget(call.request.head.path ?? "")
        let query = try QueryParameters(parsing: target.query, known: ["check"])
        return try query.value("check") { ["true": true, "false": false][$0] } ?? false
    }

    private func take(_ line: LineReader.Line, _ bundle: inout CourierImport) async throws {
        guard case .octets(let octets) = line else { throw Refusal.bundleTooLarge }
        try await bundle.take(octets)
    }

    private func record(
        _ action: OperationAction, _ call: StatusCall, _ reason: String, _ agency: AgencyID?
    ) async throws(StoreError) {
        let record = OperationRecord(action, by: call.by, reason: reason, at: broker.now(), agency: agency)
        try await broker.store.append(record.logged)
    }
}

extension Courier.Exported {
    fileprivate var json: JSON {
        [
            "messages": .integer(messages), "attachments": .integer(attachments), "rungs": .integer(rungs),
            "answers": .integer(answers),
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
            "attachments": [
                "taken": .integer(attachmentsTaken), "known": .integer(attachmentsKnown),
                "refused": .integer(attachmentsRefused), "left": .integer(attachmentsLeft),
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
