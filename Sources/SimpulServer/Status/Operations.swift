internal import Hummingbird
internal import SimpulBroker
internal import SimpulCore
internal import StrictJSON

/// What operators do to the broker as a whole. Each act is in the log before it is done; one that cannot be logged is not
/// done.
struct Operations: Sendable {
    let broker: Broker
    let readiness: Readiness
    let reloading: @Sendable () async -> ReloadOutcome

    /// `POST /reload`: as SIGHUP does, and with what came of it.
    @Sendable
    func reload(_ call: StatusCall) async throws -> Response {
        try await record(.reload, call)
        return .json(await reloading().document)
    }

    /// `POST /drain`: nothing new is taken until `/resume` or a restart; what is here is still given out.
    @Sendable
    func drain(_ call: StatusCall) async throws -> Response {
        try await record(.drain, call)
        readiness.pause()
        return .json(["draining": .bool(readiness.isDraining)])
    }

    /// `POST /resume`: new messages are taken again, unless the broker is stopping.
    @Sendable
    func resume(_ call: StatusCall) async throws -> Response {
        try await record(.resume, call)
        readiness.resume()
        return .json(["draining": .bool(readiness.isDraining)])
    }

    private func record(_ action: OperationAction, _ call: StatusCall) async throws {
        let (by, reason) = try await call.operation()
        let record = OperationRecord(action, by: by, reason: reason, at: broker.now())
        try await broker.store.append(record.logged)
    }
}

/// What came of reading roster and policy again.
public enum ReloadOutcome: Sendable, Equatable {
    /// The rules of that generation are in force.
    case accepted(generation: UInt64)
    /// Those before stay in force, for these reasons.
    case refused([String])

    var document: JSON {
        switch self {
        case .accepted(let generation): ["accepted": true, "generation": .integer(Int(generation))]
        case .refused(let faults): ["accepted": false, "faults": .array(faults.map { .string($0) })]
        }
    }
}
