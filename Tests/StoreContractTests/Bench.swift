import Glibc
import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulStoreSQLite
import SimpulTesting
import Testing

/// The implementations that the contract holds for.
enum Engine: String, CaseIterable, Sendable {
    case memory
    case sqlite
}

/// A folder that is gone when nobody needs it any more.
final class Folder: Sendable {
    let path: String

    init() throws {
        var template = Array("/tmp/simpul-store-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw TestFault(what: "no temporary folder") }
        path = template.withUnsafeBufferPointer { $0.baseAddress.map { String(cString: $0) } ?? "" }
    }

    deinit {
        guard let folder = opendir(path) else { return }
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != "." && name != ".." { unlink("\(path)/\(name)") }
        }
        closedir(folder)
        rmdir(path)
    }
}

struct TestFault: Error {
    let what: String
}

/// A store, the network whose messages it takes, and the steps that tests repeat.
struct Bench: Sendable {
    let network: TestNetwork
    var store: any MessageStore
    let checkpoints: CheckpointSigner
    let folder: Folder?

    var path: String { "\(folder?.path ?? "")/simpul.db" }
    var now: Timestamp { network.now }

    init(_ engine: Engine) throws {
        switch engine {
        case .memory: try self.init(MemoryStore())
        case .sqlite: try self.init(limits: Limits())
        }
    }

    init(_ engine: Engine, limits: Limits) throws {
        switch engine {
        case .memory: try self.init(MemoryStore(limits: limits))
        case .sqlite: try self.init(limits: limits)
        }
    }

    init(memory limits: Limits) throws { try self.init(MemoryStore(limits: limits)) }

    /// The same file, opened anew.
    func reopened(limits: Limits = Limits()) throws -> Bench {
        var again = self
        again.store = try SQLiteStore.open(path: path, limits: limits, checkpoints: checkpoints)
        return again
    }

    private init(_ store: any MessageStore) throws {
        network = try TestNetwork.shared.get()
        self.store = store
        checkpoints = try Self.signer(network)
        folder = nil
    }

    /// A SQLite store behind the disk that can fail.
    init(limits: Limits) throws {
        FaultyVFS.register()
        let folder = try Folder()
        network = try TestNetwork.shared.get()
        checkpoints = try Self.signer(network)
        self.folder = folder
        store = try SQLiteStore.open(
            path: folder.path + "/simpul.db", limits: limits, checkpoints: checkpoints, vfs: FaultyVFS.name)
    }

    static func signer(_ network: TestNetwork) throws -> CheckpointSigner {
        try #require(CheckpointSigner(origin: network.broker.agency, key: PrivateKey.generate(.ed25519)))
    }

    /// An approved message from the passport desk, or from another agency, in the light of what the store has.
    func message(
        from sender: TestAgency? = nil, to recipients: [TestAgency]? = nil,
        changing change: (inout TestMessage) -> Void = { _ in }
    ) async throws -> AuthorizedMessage {
        var draft = TestMessage(from: sender ?? network.immigration, to: recipients ?? [network.police], at: now)
        change(&draft)
        return try await network.approved(draft, on: store)
    }

    func messages(_ count: Int) async throws -> [AuthorizedMessage] {
        var messages: [AuthorizedMessage] = []
        for _ in 0..<count { messages.append(try await message()) }
        return messages
    }

    func accept(
        _ message: AuthorizedMessage, at moment: Timestamp? = nil, queued: Int = 1000
    ) async throws -> AcceptOutcome {
        let (network, moment) = (network, moment ?? now)
        return try await store.accept(message, at: moment, queued: queued) { sequence in
            try network.accepted(message, sequence: sequence, at: moment)
        }
    }

    @discardableResult
    func claim(
        _ agency: TestAgency? = nil, limit: Int = 10, bytes: Int = 1 << 20, at moment: Timestamp? = nil,
        lease: Int64 = 60, type: MessageType? = nil
    ) async throws -> [LeasedDelivery] {
        let outcome = try await claimOutcome(agency, limit: limit, bytes: bytes, at: moment, lease: lease, type: type)
        guard case .leased(let deliveries, _) = outcome else { return [] }
        return deliveries
    }

    func claimRungs(
        _ agency: TestAgency? = nil, limit: Int = 10, at moment: Timestamp? = nil, lease: Int64 = 60
    ) async throws -> [LeasedRung] {
        let (network, moment) = (network, moment ?? now)
        let claim = Claim(
            agency: (agency ?? network.immigration).id, limit: limit, bytes: 1 << 20,
            leaseUntil: moment.advanced(bySeconds: lease), content: .rungs)
        let outcome = try await store.claim(claim, at: moment) { try network.step(.delivered, $0) }
        guard case .leased(_, let rungs) = outcome else { return [] }
        return rungs
    }

    func claimOutcome(
        _ agency: TestAgency? = nil, limit: Int = 10, bytes: Int = 1 << 20, at moment: Timestamp? = nil,
        lease: Int64 = 60, type: MessageType? = nil
    ) async throws -> ClaimOutcome {
        let (network, moment) = (network, moment ?? now)
        let claim = Claim(
            agency: (agency ?? network.police).id, limit: limit, bytes: bytes,
            leaseUntil: moment.advanced(bySeconds: lease), content: type.map { .messages($0) } ?? .everything)
        return try await store.claim(claim, at: moment) { try network.step(.delivered, $0) }
    }

    func settle(
        _ token: DeliveryToken, of agency: TestAgency? = nil, at moment: Timestamp? = nil, as rung: Rung = .acknowledged
    ) async throws -> SettleOutcome {
        let network = network
        return try await store.settle(token, of: (agency ?? network.police).id, at: moment ?? now, isBare: true) {
            event throws(Refusal) in
            do { return SignedRung(rung: rung, receipt: try network.step(rung, event)) } catch {
                throw Refusal(.internalError, at: .deliver, ErrorCode.internalError.title)
            }
        }
    }

    func logSize() async throws -> UInt64 { try await store.statistics(at: now).logSize }
}

extension TestNetwork {
    func accepted(_ message: AuthorizedMessage, sequence: UInt64, at moment: Timestamp) throws -> Receipt {
        try broker.receipt(
            ReceiptStatement(
                .accepted, broker: broker.agency, sender: message.key.sender, id: message.key.id,
                digest: message.digest, at: moment, sequence: sequence,
                recipients: zip(message.header.recipients, message.due).map { .init(agency: $0, due: $1) },
                senderDue: message.senderDue, level: message.level, policy: message.policy))
    }

    /// A signer of everything that follows from an acceptance.
    func signer(_ message: AuthorizedMessage, at moment: Timestamp) -> AcceptanceSigner {
        AcceptanceSigner { sequence in
            try accepted(message, sequence: sequence, at: moment)
        } answered: { event, rung in
            try step(rung, event)
        } acknowledged: { event in
            try step(.acknowledged, event)
        } recalled: { event, cause, wasDelivered in
            try recalled(event, cause, wasDelivered: wasDelivered)
        }
    }

    func recalled(_ event: RungEvent, _ cause: RecallCause, wasDelivered: Bool) throws -> Receipt {
        try broker.receipt(
            ReceiptStatement(
                .recalled, broker: broker.agency, sender: event.key.sender, id: event.key.id, digest: event.digest,
                at: event.at, agency: event.agency, cause: cause,
                answerBy: wasDelivered ? event.at.advanced(bySeconds: limits.recallAnswerSeconds) : nil))
    }

    func step(_ rung: Rung, _ event: RungEvent) throws -> Receipt {
        try broker.receipt(
            ReceiptStatement(
                rung, broker: broker.agency, sender: event.key.sender, id: event.key.id, digest: event.digest,
                at: event.at, agency: event.agency, by: [.acknowledged: "system", .opened: "OFFICER"][rung],
                answer: rung == .answered || rung == .closed
                    ? .init(
                        state: rung == .answered ? "accepted" : nil, message: event.key, digest: event.digest) : nil))
    }
}

extension AcceptOutcome {
    var receipt: Receipt? {
        switch self {
        case .accepted(let receipt), .repeated(let receipt): receipt
        case .conflict, .queueFull, .refused: nil
        }
    }
}

extension MessageStore {
    /// Accepts one message, with a closure that signs the acceptance.
    func accept(
        _ message: AuthorizedMessage, at now: Timestamp, queued: Int = 1000,
        sign: @escaping @Sendable (UInt64) throws -> Receipt
    ) async throws(StoreError) -> AcceptOutcome {
        let network = TestNetwork.shared
        let signer = AcceptanceSigner(accepted: sign) { event, rung in
            try network.get().step(rung, event)
        } acknowledged: { event in
            try network.get().step(.acknowledged, event)
        } recalled: { event, cause, wasDelivered in
            try network.get().recalled(event, cause, wasDelivered: wasDelivered)
        }
        return try await accept([message], at: now, queued: queued) { _ in signer }[0].get()
    }
}
