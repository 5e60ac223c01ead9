internal import Hummingbird
internal import JOSE
internal import SimpulBroker
internal import SimpulCore
internal import StrictJSON

/// What the status socket tells of agencies, their certificates and queues, and of one message.
struct StatusLists: Sendable {
    let broker: Broker

    /// `GET /queues/{agency}`: the numbers of one agency's queue, zero where it never had a delivery.
    @Sendable
    func queue(_ call: StatusCall) async throws -> Response {
        guard let agency = AgencyID(call.values[0]) else { throw Refusal.notFound }
        let queue = try await broker.store.statistics(at: broker.now()).queues[agency]
        guard queue != nil || broker.rulebook.rules.roster.agencies[agency] != nil else { throw Refusal.notFound }
        let paused = broker.store.pausedQueues[agency]
        return .json(StatusSnapshot.row(agency, queue ?? StoreStatistics.Queue(), paused))
    }

    /// `GET /agencies`: the whole roster, those that take part no more included.
    @Sendable
    func agencies(_: StatusCall) async throws -> Response {
        let roster = broker.rulebook.rules.roster
        let rows = roster.agencies.values.sorted { $0.id < $1.id }.map { agency in
            JSON.object([
                "id": .string(agency.id.description),
                "name": ["id": .string(agency.name.indonesian), "en": .string(agency.name.english)],
                "roles": .array(agency.roles.map(\.description).sorted().map { .string($0) }),
                "active": .bool(agency.isActive),
                "certificates": .integer(agency.certificates.count { !$0.isRetired }),
            ])
        }
        return .json(["generation": .integer(Int(roster.generation)), "agencies": .array(rows)])
    }

    /// `GET /certificates`: the broker's and every active agency's, the first to end first.
    @Sendable
    func certificates(_: StatusCall) async throws -> Response {
        let directory = broker.directory.all(in: broker.rulebook.rules.roster)
        var owners = [directory["broker"]].compactMap { $0 }
        if case .array(let agencies)? = directory["agencies"] { owners += agencies }
        let rows = owners.flatMap { owner -> [JSON] in
            guard case .array(let certificates)? = owner["certificates"] else { return [] }
            return certificates.map { certificate in
                .object([
                    "owner": owner["id"], "use": certificate["use"], "x5t#S256": certificate["x5t#S256"],
                    "from": certificate["from"], "until": certificate["until"],
                ])
            }
        }
        // Times are UTC with equal digits, so their texts have their order.
        let sorted = rows.sorted { ($0["until"]?.text ?? "") < ($1["until"]?.text ?? "") }
        return .json(["certificates": .array(sorted)])
    }

    /// `GET /messages/{sender}/{id}/trace`.
    @Sendable
    func trace(_ call: StatusCall) async throws -> Response {
        .json(try await broker.messages.trace(try call.message(), catalogue: broker.catalogue))
    }
}
