import SimpulBroker
import SimpulCore
import SimpulStoreSQLite
import SimpulTesting
import Testing

/// What operators do to queues and deliveries, on every store.
@Suite(.storesInTurn) struct OrderContractTests {
    private static let by = OperationBy(uid: 1000, user: "petugas", role: .operator)

    private func record(_ bench: Bench, _ action: OperationAction, _ agency: TestAgency? = nil) -> LogRecord {
        OperationRecord(action, by: Self.by, reason: "CONTOH FIKTIF", at: bench.now, agency: agency?.id).logged
    }

    private func pause(_ bench: Bench, _ isPaused: Bool = true) async throws {
        let police = bench.network.police
        try await bench.store.pause(
            police.id, isPaused, record: record(bench, isPaused ? .pauseQueue : .resumeQueue, police))
    }

    private func order(
        _ bench: Bench, _ action: DeliveryOrder.Action, _ message: AuthorizedMessage, of agency: TestAgency? = nil
    ) async throws -> OrderOutcome {
        let network = bench.network
        return try await bench.store.order(
            DeliveryOrder(action, message.key, agency: agency?.id), at: bench.now, record: record(bench, .retry)
        ) { rung, event, type in
            try network.ordered(rung, event, type)
        }
    }

    private func state(_ bench: Bench, _ message: AuthorizedMessage) async throws -> [DeliveryState] {
        try #require(try await bench.store.state(of: message.key)).deliveries.map(\.state)
    }

    // MARK: Queues

    @Test(arguments: Engine.allCases)
    func `a paused queue gives out no message, and all of them when it is resumed`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.message())
        try await pause(bench)
        #expect(bench.store.pausedQueues[bench.network.police.id]?.by == Self.by)
        #expect(try await bench.claim().isEmpty)
        #expect(try await bench.claim(type: .alert).isEmpty)
        try await pause(bench, false)
        #expect(bench.store.pausedQueues.isEmpty)
        #expect(try await bench.claim().count == 1)
    }

    @Test(arguments: Engine.allCases)
    func `what was leased before the pause is settled, and rungs are still told`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.message())
        let token = try #require(try await bench.claim().first).token
        try await pause(bench)
        #expect(try await bench.settle(token) == .settled)
        let own = try await bench.message(from: bench.network.police, to: [bench.network.shelter])
        _ = try await bench.accept(own)
        try await bench.claim(bench.network.shelter)
        #expect(try await bench.claimRungs(bench.network.police).count == 1)
    }

    @Test(arguments: Engine.allCases)
    func `the end of a pause wakes who waits`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.message())
        try await pause(bench)
        var changes = bench.store.changes(for: bench.network.police.id).makeAsyncIterator()
        try await pause(bench, false)
        #expect(await changes.next() != nil)
    }

    @Test func `a pause is remembered, names who began it, and its row is audited`() async throws {
        let bench = try Bench(limits: Limits())
        try await pause(bench)
        try await pause(bench)
        await (bench.store as? SQLiteStore)?.close()
        let again = try bench.reopened()
        #expect(again.store.pausedQueues.keys.first == bench.network.police.id)
        #expect(try again.audit().findings == [])
        try again.tamper("UPDATE paused SET leaf = 1")
        #expect(try again.audit().findings.contains { $0.table == "paused" && $0.kind == .edited })
        try again.tamper("DELETE FROM paused")
        #expect(try again.audit().findings.contains { $0.table == "paused" && $0.kind == .dropped })
        try again.tamper("INSERT INTO paused VALUES ('id-1709.lain', 0)")
        #expect(try again.audit().findings.contains { $0.table == "paused" && $0.kind == .added })
        await (again.store as? SQLiteStore)?.close()
    }

    @Test func `a pause that cannot be committed pauses nothing`() async throws {
        let bench = try Bench(limits: Limits())
        _ = try await bench.accept(bench.message())
        FaultyVFS.failSyncs(of: bench.path, true)
        await #expect(throws: StoreError.self) { try await pause(bench) }
        FaultyVFS.failSyncs(of: bench.path, false)
        #expect(bench.store.pausedQueues.isEmpty)
        #expect(try await bench.claim().count == 1)
    }

    // MARK: Deliveries

    @Test(arguments: Engine.allCases)
    func `an order about nothing, or that cannot be done, writes nothing`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let message = try await bench.message()
        #expect(try await order(bench, .cancel, message) == .unknown)
        _ = try await bench.accept(message)
        let size = try await bench.logSize()
        #expect(try await order(bench, .cancel, message, of: bench.network.shelter) == .unknown)
        #expect(try await order(bench, .retry, message) == .impossible)
        _ = try await bench.settle(#require(try await bench.claim().first).token)
        let settled = try await bench.logSize()
        for action in [DeliveryOrder.Action.cancel, .park, .retry] {
            #expect(try await order(bench, action, message) == .impossible)
        }
        #expect(settled == size + 2)
        #expect(try await bench.logSize() == settled)
    }

    @Test(arguments: Engine.allCases)
    func `a parked delivery is given to nobody until it is tried again`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let message = try await bench.message()
        _ = try await bench.accept(message)
        #expect(try await order(bench, .park, message) == .done([bench.network.police.id]))
        #expect(try await bench.claim(at: bench.now.advanced(bySeconds: 3600)).isEmpty)
        #expect(try await state(bench, message) == [.parked])
        #expect(try await bench.store.statistics(at: bench.now).queues[bench.network.police.id]?.waiting == 1)
        #expect(try await order(bench, .retry, message) == .done([bench.network.police.id]))
        #expect(try await bench.claim().count == 1)
    }

    @Test(arguments: Engine.allCases)
    func `what is cancelled is given out no more, and who had it is told`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let message = try await bench.message(to: [bench.network.police, bench.network.shelter])
        _ = try await bench.accept(message)
        let token = try #require(try await bench.claim().first).token
        #expect(
            try await order(bench, .cancel, message)
                == .done([bench.network.police.id, bench.network.shelter.id]))
        #expect(try await state(bench, message) == [.cancelled, .cancelled])
        #expect(try await bench.claim(bench.network.shelter).isEmpty)
        #expect(try await bench.claimRungs(bench.network.police).count == 1)
        #expect(try await bench.claimRungs(bench.network.shelter).isEmpty)
        // delivered, and two that were taken back
        #expect(try await bench.claimRungs().count == 3)
        // A late acknowledgement is no fault.
        #expect(try await bench.settle(token) == .settled)
        #expect(try await state(bench, message) == [.cancelled, .cancelled])
    }

    @Test(arguments: Engine.allCases)
    func `what was opened goes back to its sender, and of one recipient alone where so ordered`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let message = try await bench.message(to: [bench.network.police, bench.network.shelter])
        _ = try await bench.accept(message)
        _ = try await bench.settle(#require(try await bench.claim().first).token, as: .opened)
        let police = bench.network.police
        #expect(try await order(bench, .bounce, message, of: police) == .done([police.id]))
        #expect(try await state(bench, message) == [.bounced, .waiting])
        #expect(try await bench.claim(bench.network.shelter).count == 1)
        #expect(try await order(bench, .bounce, message, of: police) == .impossible)
    }

    @Test func `what nobody had is erased when it is cancelled, and the audit is clean`() async throws {
        let bench = try Bench(limits: Limits())
        let (kept, gone) = (try await bench.message(), try await bench.message())
        for message in [kept, gone] { _ = try await bench.accept(message) }
        try await bench.claim(limit: 1)
        for message in [kept, gone] {
            #expect(try await order(bench, .cancel, message) == .done([bench.network.police.id]))
        }
        let raw = try RawDatabase(bench.path)
        #expect(try raw.rows("SELECT 1 FROM messages WHERE length(envelope) = 0").count == 1)
        #expect(try bench.audit().findings == [])
        #expect(try await bench.accept(gone).receipt != nil)
    }

    @Test(arguments: Engine.allCases)
    func `the record of an order is the leaf before what it brings about`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let message = try await bench.message()
        _ = try await bench.accept(message)
        _ = try await order(bench, .cancel, message)
        #expect(try await bench.logSize() == 3)
        #expect(try await bench.store.newest(.operation) != nil)
    }
}

extension Bench {
    /// What an operator orders about a message.
    func order(
        _ action: DeliveryOrder.Action, _ message: AuthorizedMessage, of agency: TestAgency? = nil
    ) async throws -> OrderOutcome {
        let network = network
        let record = OperationRecord(
            .retry, by: OperationBy(uid: 1000, user: nil, role: .operator), reason: "CONTOH FIKTIF", at: now)
        return try await store.order(
            DeliveryOrder(action, message.key, agency: agency?.id), at: now, record: record.logged
        ) { try network.ordered($0, $1, $2) }
    }
}

extension TestNetwork {
    func ordered(_ rung: Rung, _ event: RungEvent, _ type: MessageType) throws -> Receipt {
        try broker.receipt(
            ReceiptStatement(
                rung, broker: broker.agency, sender: event.key.sender, id: event.key.id, digest: event.digest,
                at: event.at, agency: event.agency, cause: rung == .recalled ? .byOperator : nil,
                notice: rung == .bounced ? ClockNotice(cause: .ending(.byOperator), type: type) : nil))
    }
}
