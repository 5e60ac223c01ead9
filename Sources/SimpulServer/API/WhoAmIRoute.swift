internal import Hummingbird
internal import SimpulBroker
internal import SimpulCore
internal import StrictJSON

/// `GET /v1/whoami`: as whom the broker knows the caller, and what time it is here.
struct WhoAmIRoute: Sendable {
    @Sendable
    func handle(_ call: Call) async throws -> Response {
        _ = try call.query()
        return .json(Self.document(call.caller))
    }

    static func document(_ caller: Caller) -> JSON {
        let expires = Timestamp(milliseconds: caller.certificate.notAfter * 1000)
        return [
            "agency": .string(caller.agency.id.description),
            "roles": .array(caller.agency.roles.map(\.description).sorted().map { .string($0) }),
            "certificateExpires": .string(expires.description), "time": .string(caller.at.description),
        ]
    }
}
