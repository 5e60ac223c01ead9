internal import Hummingbird
internal import SimpulBroker
internal import SimpulCore

/// `GET /v1/directory` and `/v1/directory/{agency}`: who takes part, by the rules that the caller was let in with.
struct DirectoryRoutes: Sendable {
    let directory: Directory

    @Sendable
    func all(_ call: Call) async throws -> Response {
        _ = try call.query()
        return .json(directory.all(in: call.caller.rules.roster))
    }

    @Sendable
    func one(_ call: Call) async throws -> Response {
        _ = try call.query()
        guard let id = AgencyID(call.values[0]), let entry = directory.one(id, in: call.caller.rules.roster) else {
            throw Refusal.notFound
        }
        return .json(entry)
    }
}
