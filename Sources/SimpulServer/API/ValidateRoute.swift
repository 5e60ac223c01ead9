internal import Hummingbird
internal import SimpulBroker
internal import SimpulCore
internal import StrictJSON

/// `POST /v1/validate`: all that a submission is checked for, without a trace of it.
struct ValidateRoute: Sendable {
    let broker: Broker
    let readiness: Readiness

    @Sendable
    func handle(_ call: Call) async throws -> Response {
        try readiness.requireOpen()
        _ = try call.query()
        guard call.mediaType == MediaTypeName.jose else { throw Refusal.mediaType }
        try call.requirePlainBody()
        let envelope = try await call.body(upTo: broker.limits.envelopeBytes + LineEnd.longest)
        let caller = try broker.authenticator.renew(call.caller)
        let examination = try await broker.intake.examine(envelope, from: caller)
        return .json([
            "valid": true, "repeated": .bool(examination.isRepeated),
            "decisions": .array(
                examination.decisions.map { decision in
                    ["agency": .string(decision.agency.description), "rule": .string(decision.rule)]
                }),
            "due": .array(examination.recipients.json), "senderDue": .object(examination.senderDue.members),
        ])
    }
}
