internal import JOSE
internal import SimpulBroker
internal import SimpulCore
internal import StrictJSON

/// Everything that the status socket tells, at one moment. Numbers and coded names only.
struct StatusSnapshot: Sendable {
    var hub: AgencyID
    var version: String
    var started: Timestamp
    var now: Timestamp
    var isPortOpen: Bool
    var isDraining: Bool
    /// The newest write of a message failed, not long ago.
    var cannotWrite: Bool
    var roster: (agencies: Int, generation: UInt64, digest: Digest)
    var policy: (rules: Int, digest: Digest)
    /// Nil where the store did not answer.
    var store: StoreStatistics?
    /// The queues that an operator has paused.
    var paused: [AgencyID: PausedQueue] = [:]
    /// Transactions that the store has committed.
    var commits: Int
    var counters: Counters.Snapshot
    /// How pushing goes.
    var pushes: [AgencyID: PushBoard.Row] = [:]
    /// The certificate that ends first.
    var nextExpiry: CertificateEnd?
    var residentBytes: Int?

    /// When a certificate of the directory ends.
    struct CertificateEnd: Sendable, Equatable {
        var owner: String
        var use: String
        var until: String
    }

    /// Why the broker does not serve; empty where it does.
    var obstacles: [String] {
        [
            (!isPortOpen, "https-port-closed"), (store == nil, "store-unavailable"),
            (cannotWrite, "store-cannot-write"), (isDraining, "draining"),
            (counters.clocksFail, "clocks-fail"),
        ].filter(\.0).map(\.1)
    }

    /// One row for each agency that has or had a delivery, in the order of their ids.
    var queues: [(agency: AgencyID, queue: StoreStatistics.Queue)] {
        (store?.queues ?? [:]).sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
    }
}

/// Where snapshots come from.
struct StatusSource: Sendable {
    let broker: Broker
    let readiness: Readiness
    let started: Timestamp

    func snapshot() async -> StatusSnapshot {
        let rules = broker.rulebook.rules
        let now = broker.now()
        return StatusSnapshot(
            hub: broker.id, version: HubServer.version, started: started, now: now,
            isPortOpen: readiness.isPortOpen, isDraining: readiness.isDraining,
            cannotWrite: readiness.cannotWrite(at: now),
            roster: (
                rules.roster.agencies.values.count(where: \.isActive), rules.roster.generation, rules.roster.digest
            ),
            policy: (rules.policy.rules.count, rules.policy.digest),
            store: try? await broker.store.statistics(at: now), paused: broker.store.pausedQueues,
            commits: broker.store.commits,
            counters: broker.counters.snapshot,
            pushes: broker.pushBoard.snapshot,
            nextExpiry: Self.firstEnd(in: broker.directory.all(in: rules.roster)),
            residentBytes: ProcessFacts.residentBytes())
    }

    /// The first end among the certificates that a directory lists. Its times are UTC with equal digits, so their texts
    /// have their order.
    static func firstEnd(in directory: JSON) -> StatusSnapshot.CertificateEnd? {
        var owners = [directory["broker"]].compactMap { $0 }
        if case .array(let agencies)? = directory["agencies"] { owners += agencies }
        let ends = owners.flatMap { owner -> [StatusSnapshot.CertificateEnd] in
            guard case .string(let id)? = owner["id"], case .array(let certificates)? = owner["certificates"] else {
                return []
            }
            return certificates.compactMap { certificate in
                guard case .string(let use)? = certificate["use"], case .string(let until)? = certificate["until"]
                else { return nil }
                return StatusSnapshot.CertificateEnd(owner: id, use: use, until: until)
            }
        }
        return ends.min { $0.until < $1.until }
    }
}
