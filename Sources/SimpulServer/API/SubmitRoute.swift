internal import Hummingbird
internal import SimpulBroker
internal import SimpulCore

/// `POST /v1/messages`: one envelope in, one receipt out. 201 says that it is on disk; 200, that it was before. Many
/// envelopes at once are ``BatchRoute``'s.
struct SubmitRoute: Sendable {
    let broker: Broker
    let readiness: Readiness
    let journal: Journal

    @Sendable
    func handle(_ call: Call) async throws -> Response {
        try readiness.requireOpen()
        if call.mediaType == MediaTypeName.joseLines { return try await batch(call) }
        let envelope = try await envelope(of: call)
        try readiness.requireOpen()  // a slow body may have come after the stop began
        let caller = try broker.authenticator.renew(call.caller)  // or after the agency was suspended
        let acceptance = try await broker.intake.accept(envelope, from: caller)
        if !acceptance.isRepeated { readiness.writeSucceeded() }
        return .octets(acceptance.isRepeated ? .ok : .created, MediaTypeName.jose, acceptance.receipt.token)
    }

    private func batch(_ call: Call) async throws -> Response {
        try await recordingRefusals(of: call) {
            _ = try call.query()
            try call.requirePlainBody()
            return try BatchRoute(broker: broker, readiness: readiness, journal: journal).answer(call)
        }
    }

    private func envelope(of call: Call) async throws -> [UInt8] {
        try await recordingRefusals(of: call) {
            _ = try call.query()
            guard call.mediaType == MediaTypeName.jose else { throw Refusal.mediaType }
            try call.requirePlainBody()
            return try await call.body(upTo: broker.limits.envelopeBytes + LineEnd.longest)
        }
    }

    /// What is refused before it is a submission leaves its entry in the log, too.
    private func recordingRefusals<Value>(
        of call: Call, _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            return try await body()
        } catch let refusal as Refusal {
            throw try await broker.intake.record(refusal, of: nil, from: try broker.authenticator.renew(call.caller))
        }
    }
}

/// The one LF or CRLF that may follow a token.
enum LineEnd {
    /// Octets of the longer of them.
    static let longest = 2

    /// A body without its line end.
    static func dropped(from body: [UInt8]) -> [UInt8] {
        guard body.last == UInt8(ascii: "\n") else { return body }
        return Array(body.dropLast(body.dropLast().last == UInt8(ascii: "\r") ? 2 : 1))
    }
}
