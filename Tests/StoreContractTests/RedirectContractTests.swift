import SimpulBroker
import SimpulCore
import SimpulStoreSQLite
import SimpulTesting
import Testing

/// An operator gives a delivery to another agency, on every store. The circle of those who may have the message is never
/// wider than its sender has drawn it.
@Suite(.storesInTurn) struct RedirectContractTests {
    // MARK: What cannot be done

    @Test(arguments: Engine.allCases)
    func `a redirect to whom the sender has not named, or who has the message, writes nothing`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let alert = try await bench.alert(fallback: network.shelter)
        let size = try await bench.logSize()
        #expect(try await bench.redirect(alert, to: network.protection) == .impossible(.notNamed))
        #expect(try await bench.redirect(alert, to: network.police) == .impossible(.hasDelivery))
        #expect(try await bench.redirect(alert, from: network.shelter, to: network.police) == .unknown)
        #expect(try await bench.redirect(bench.message(), to: network.shelter) == .unknown)
        #expect(try await bench.logSize() == size)
        #expect(try await bench.claim(network.protection).isEmpty)
        #expect(try await bench.claim(network.shelter).isEmpty)
    }

    @Test(arguments: Engine.allCases)
    func `whoever takes part no more, or may not have it by the policy of now, gets nothing`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let alert = try await bench.alert(fallback: network.shelter)
        let shelter = network.shelter.id
        let without = try network.roster { if $0.id == shelter { $0.isActive = false } }
        let gone = Rulebook.Rules(roster: without, policy: try network.openPolicy())
        #expect(try await bench.redirect(alert, to: network.shelter, by: gone) == .impossible(.inactive))
        let closed = Policy(rules: [], digest: try network.openPolicy().digest)
        let outcome = try await bench.redirect(
            alert, to: network.shelter, by: Rulebook.Rules(roster: try network.roster(), policy: closed))
        #expect(outcome == .impossible(.denied(.noRuleForType(.alert))))
        #expect(try await bench.claim(network.shelter).isEmpty)
    }

    @Test(arguments: Engine.allCases, ConsentOfNow.allCases)
    func `a redirect asks the consent of now`(_ engine: Engine, _ consent: ConsentOfNow) async throws {
        let bench = try Bench(engine)
        let shelter = bench.network.shelter
        let referral = try await bench.referral(standingOn: consent)
        let size = try await bench.logSize()
        let outcome = try await bench.redirect(referral, to: shelter, at: 7200)
        #expect(outcome == (consent.covers ? .done : .impossible(.notConsented)))
        if !consent.covers { #expect(try await bench.logSize() == size) }
        #expect(try await bench.claim(shelter, at: bench.after(7201)).count == (consent.covers ? 1 : 0))
        try bench.expectCleanAudit()
    }

    enum End: String, CaseIterable { case answered, bounced, expired, cancelledBySender, recalledBySender }

    @Test(arguments: Engine.allCases, End.allCases)
    func `what is over is redirected no more`(_ engine: Engine, _ end: End) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let alert = try await bench.alert(fallback: network.shelter)
        try await bench.claim()
        var seconds: Int64 = 1
        switch end {
        case .answered: _ = try await bench.accept(bench.answer(from: network.police, to: alert, state: "accepted"))
        case .bounced:
            _ = try await bench.store.order(
                DeliveryOrder(.bounce, alert.key), at: bench.now, record: bench.record(.bounce)
            ) { rung, event, type in try network.ordered(rung, event, type) }
        case .expired: seconds = 31 * 86_400
        case .cancelledBySender, .recalledBySender:
            // The police has it already, so its delivery stands: only its clocks have stopped.
            var message = TestMessage(from: network.immigration, to: [network.police], at: bench.now)
            if end == .recalledBySender {
                message.become(.recall, ["inReplyTo": .string(alert.key.id.description), "kind": "Request"])
                message.sealedTo = [network.police]
            } else {
                message.becomeSealedAlert(for: [network.police])
                message.header["kind"] = "Cancel"
                message.header["inReplyTo"] = .string(alert.key.id.description)
            }
            message.header["status"] = "Actual"
            _ = try await bench.accept(try await network.approved(message, on: bench.store))
        }
        let size = try await bench.logSize()
        #expect(try await bench.redirect(alert, to: network.shelter, at: seconds) == .impossible(.isOver))
        #expect(try await bench.logSize() == size)
    }

    @Test func `a redirect that cannot be committed changes nothing, and the next one does it`() async throws {
        let bench = try Bench(limits: Limits())
        let network = bench.network
        let alert = try await bench.alert(fallback: network.shelter)
        FaultyVFS.failSyncs(of: bench.path, true)
        await #expect(throws: StoreError.self) { try await bench.redirect(alert, to: network.shelter) }
        FaultyVFS.failSyncs(of: bench.path, false)
        #expect(try await bench.claim(network.shelter).isEmpty)
        #expect(try await bench.store.state(of: alert.key)?.deliveries.map(\.state) == [.waiting])
        #expect(try await bench.redirect(alert, to: network.shelter) == .done)
        #expect(try await bench.claim(network.shelter).count == 1)
    }

    // MARK: What is done

    @Test(arguments: Engine.allCases)
    func `what nobody has settled is taken back there, and the fallback has it with times of its own`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let alert = try await bench.alert(fallback: network.shelter)
        var changes = bench.store.changes(for: network.shelter.id).makeAsyncIterator()
        let size = try await bench.logSize()
        #expect(try await bench.redirect(alert, to: network.shelter, at: 60) == .done)
        #expect(await changes.next() != nil)
        // The order, the step up, and what was taken back.
        #expect(try await bench.logSize() == size + 3)

        #expect(try await bench.claim(at: bench.after(61)).isEmpty)
        let handed = try #require(try await bench.claim(network.shelter, at: bench.after(61)).first)
        #expect(handed.key == alert.key && handed.envelope == alert.envelope)
        #expect(handed.due.acknowledge == bench.after(60 + 900))
        let state = try #require(try await bench.store.state(of: alert.key))
        #expect(state.deliveries.map(\.agency) == [network.police.id, network.shelter.id])
        #expect(state.deliveries[0].state == .cancelled && state.deliveries[0].standing.cause == .byOperator)

        let told = try await bench.notices(network.immigration, at: 62)
        #expect(told.map(\.rung) == [.escalated, .recalled, .delivered])
        #expect(told[0].notice?.fallback?.agency == network.shelter.id && told[0].notice?.cause == .ending(.byOperator))
        #expect(told[0].notice?.type == .alert && told[0].agency == network.police.id && told[1].cause == .byOperator)
        // It never had the message, so it learns nothing of it.
        #expect(try await bench.notices(network.police, at: 62).isEmpty)
        try bench.expectCleanAudit()
    }

    @Test(arguments: Engine.allCases)
    func `what was opened stays there and owes nothing more, and the fallback is chased alone`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let alert = try await bench.alert(fallback: network.shelter)
        _ = try await bench.settle(#require(try await bench.claim().first).token, as: .opened)
        #expect(try await bench.redirect(alert, to: network.shelter, at: 60) == .done)
        #expect(try await bench.notices(network.police, at: 61).map(\.rung) == [.escalated])
        #expect(try await bench.redirect(alert, to: network.shelter, at: 62) == .impossible(.isOver))
        for hour in 1...60 { _ = try await bench.fire(at: Int64(hour) * 3600) }
        let state = try #require(try await bench.store.state(of: alert.key))
        #expect(state.deliveries.map(\.state) == [.opened, .bounced])
        #expect(!state.deliveries[0].rungs.contains { $0.rung == .overdue || $0.rung == .bounced })
        #expect(state.deliveries[1].rungs.contains { $0.rung == .overdue })
        try bench.expectCleanAudit()
    }

    @Test(arguments: Engine.allCases)
    func `an exercise is redirected as what is meant, and says so`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let alert = try await bench.alert(fallback: bench.network.shelter, status: "Exercise")
        #expect(try await bench.redirect(alert, to: bench.network.shelter) == .done)
        #expect(try await bench.claim(bench.network.shelter).count == 1)
        let told = try await bench.notices(bench.network.immigration, at: 1)
        #expect(told.first?.notice?.status == .exercise)
    }

    @Test(arguments: Engine.allCases)
    func `a clock gives a redirected message to nobody else, also when the first agency rejects it`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let fallbacks = [network.shelter, network.protection]
        let alert = try await bench.message {
            $0.becomeSealedAlert(for: [network.police] + fallbacks)
            $0.header["status"] = "Actual"
            $0.header["fallback"] = .array(fallbacks.map { .string($0.id.description) })
        }
        _ = try await bench.accept(alert)
        _ = try await bench.settle(#require(try await bench.claim().first).token, as: .opened)
        #expect(try await bench.redirect(alert, to: network.shelter) == .done)
        _ = try await bench.accept(bench.answer(from: network.police, to: alert, state: "rejected"))
        _ = try await bench.fire(at: 2)
        #expect(try await bench.store.state(of: alert.key)?.deliveries.count == 2)
        // The fallback itself may be followed by the next one, as any recipient.
        #expect(try await bench.redirect(alert, from: network.shelter, to: network.protection, at: 3) == .done)
        try bench.expectCleanAudit()
    }

    @Test(arguments: Engine.allCases)
    func `what was rejected is redirected where no fallback took part then`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let alert = try await bench.alert(fallback: network.shelter)
        let shelter = network.shelter.id
        let without = try network.roster { if $0.id == shelter { $0.isActive = false } }
        _ = try await bench.accept(bench.answer(from: network.police, to: alert, state: "rejected"))
        _ = try await bench.store.fireClocks(
            at: bench.after(1), limit: 10,
            by: ClockRules(
                hub: network.broker.agency, rules: Rulebook.Rules(roster: without, policy: try network.openPolicy())),
            sign: bench.sign)
        #expect(try await bench.claim(network.shelter).isEmpty)
        #expect(try await bench.redirect(alert, to: network.shelter, at: 2) == .done)
        #expect(try await bench.claim(network.shelter, at: bench.after(3)).count == 1)
        #expect(try await bench.store.state(of: alert.key)?.deliveries.first?.state == .answered)
        try bench.expectCleanAudit()
    }
}

extension Bench {
    func record(_ action: OperationAction) -> LogRecord {
        let by = OperationBy(uid: 1000, user: "petugas", role: .operator)
        return OperationRecord(action, by: by, reason: "CONTOH FIKTIF", at: now).logged
    }

    @discardableResult
    func redirect(
        _ message: AuthorizedMessage, from: TestAgency? = nil, to: TestAgency, at seconds: Int64 = 0,
        by rules: Rulebook.Rules? = nil
    ) async throws -> RedirectOutcome {
        let order = RedirectOrder(message.key, from: (from ?? network.police).id, to: to.id)
        let known = try rules ?? Rulebook.Rules(roster: network.roster(), policy: network.openPolicy())
        return try await store.redirect(
            order, at: after(seconds), record: record(.redirect),
            by: ClockRules(hub: network.broker.agency, rules: known), sign: sign)
    }
}
