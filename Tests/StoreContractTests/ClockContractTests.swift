import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulStoreSQLite
import SimpulTesting
import StrictJSON
import Testing

/// What a store does when clocks run out: on both engines, once, and in one transaction.
@Suite struct ClockContractTests {
    @Test(arguments: Engine.allCases)
    func `an alert that nobody opens goes up its chain, to its fallback, and back to its sender`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let alert = try await bench.alert(fallback: network.shelter)
        #expect(try await bench.store.nextClock() == bench.after(900))
        #expect(try await bench.fire(at: 899).rungs.isEmpty)

        #expect(try await bench.fire(at: 900).rungs == [.overdue: 1, .escalated: 1])
        #expect(try await bench.fire(at: 900).rungs.isEmpty)
        let told = try await bench.notices(network.police, at: 901)
        #expect(told.map(\.rung) == [.overdue, .escalated])
        #expect(told.map(\.notice?.clock) == [.ackBy, .ackBy] && told[0].notice?.due == bench.after(900))
        // The chief of the police is the protection unit: it gets a notice, and nothing of the message.
        let chief = try await bench.notices(network.protection, at: 901)
        #expect(chief.map(\.rung) == [.escalated] && chief[0].notice?.to == [network.protection.id])
        #expect(chief[0].notice?.type == .alert && chief[0].notice?.urgency == .immediate && chief[0].level == .first)
        #expect(try await bench.claim(network.protection, at: bench.after(901)).isEmpty)
        #expect(try await bench.store.relations(of: bench.reply(from: network.protection, to: alert)).answered == [])
        #expect(try await bench.notices(network.immigration, at: 901).map(\.rung) == [.overdue, .escalated])

        _ = try await bench.fire(at: 1800)
        #expect(try await bench.claim(network.shelter, at: bench.after(1801)).isEmpty)
        _ = try await bench.fire(at: 3600)
        let handed = try #require(try await bench.claim(network.shelter, at: bench.after(3601)).first)
        #expect(handed.key == alert.key && handed.envelope == alert.envelope)
        #expect(handed.due.acknowledge == bench.after(3600 + 900))
        #expect(try await bench.settle(handed.token, of: network.shelter, at: bench.after(3602)) == .settled)

        _ = try await bench.fire(at: 900 + 7200)
        let state = try #require(try await bench.store.state(of: alert.key))
        #expect(state.deliveries.map(\.agency) == [network.police.id, network.shelter.id])
        #expect(state.deliveries[0].state == .bounced && state.deliveries[0].standing.cause == .overdue)
        let last = try await bench.notices(network.immigration, at: 9000)
        #expect(last.contains { $0.rung == .bounced && $0.notice?.cause == .ending(.overdue) })
        #expect(try await bench.claim(network.police, at: bench.after(9000)).isEmpty)
        try bench.expectCleanAudit()
    }

    @Test(arguments: Engine.allCases)
    func `what meets a clock before its time is not late, and after its end is recorded`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let alert = try await bench.alert()
        let first = try #require(try await bench.claim(lease: 9000).first)
        _ = try await bench.settle(first.token, at: bench.after(899), as: .opened)
        #expect(try await bench.store.nextClock() == bench.after(3600))
        #expect(try await bench.fire(at: 900).rungs.isEmpty)
        _ = try await bench.fire(at: 3600)
        _ = try await bench.fire(at: 4500)
        _ = try await bench.fire(at: 6300)
        _ = try await bench.fire(at: 3600 + 7200)
        var police = try #require(try await bench.store.state(of: alert.key)?.deliveries.first)
        #expect(police.state == .bounced && police.rungs.last?.rung == .bounced)
        _ = try await bench.accept(
            bench.answer(from: network.police, to: alert, state: "accepted"), at: bench.after(11_000))
        police = try #require(try await bench.store.state(of: alert.key)?.deliveries.first)
        #expect(police.state == .bounced && police.rungs.last?.rung == .answered && police.standing.rung == .answered)
        #expect(try await bench.fire(at: 20_000).rungs[.escalated] == nil)
    }

    @Test(arguments: Engine.allCases)
    func `an exercise is told to its parties and to nobody else`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        _ = try await bench.alert(status: "Exercise")
        _ = try await bench.fire(at: 900)
        #expect(try await bench.notices(network.protection, at: 901).isEmpty)
        let told = try await bench.notices(network.police, at: 901)
        #expect(told.last?.notice?.to == [network.police.id] && told.last?.notice?.status == .exercise)
    }

    @Test(arguments: Engine.allCases)
    func `what nobody settles expires, and its recipient is told where it had it`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let report = try await bench.message()
        _ = try await bench.accept(report)
        let round = try await bench.fire(at: 86_400)
        #expect(round.rungs == [.expired: 1] && round.incidents == 0)
        #expect(try await bench.store.state(of: report.key)?.state == .expired)
        #expect(try await bench.notices(bench.network.police, at: 86_401).isEmpty)
        #expect(try await bench.notices(bench.network.immigration, at: 86_401).map(\.rung) == [.expired])
        #expect(try await bench.store.nextClock() == nil)
        try bench.expectCleanAudit()
    }

    @Test(arguments: Engine.allCases)
    func `a rejected message goes to its fallback at once`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let alert = try await bench.alert(fallback: network.shelter)
        try await bench.claim()
        let answer = try await bench.answer(from: network.police, to: alert, state: "rejected")
        _ = try await bench.accept(answer)
        let round = try await bench.fire(at: 1)
        #expect(round.rungs == [.escalated: 1])
        #expect(try await bench.claim(network.shelter, at: bench.after(2)).map(\.key) == [alert.key])
        #expect(try await bench.fire(at: 2).rungs.isEmpty)
        try bench.expectCleanAudit()
    }

    @Test(arguments: Engine.allCases)
    func `a final outcome closes, and a cancelled message has no clocks any more`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let done = try await bench.alert()
        try await bench.claim()
        var outcome = TestMessage(from: network.police, to: [network.immigration], at: bench.now)
        outcome.become(.outcome, ["state": "final", "inReplyTo": .string(done.key.id.description)])
        outcome.header["status"] = "Actual"
        outcome.sealedTo = [network.immigration]
        _ = try await bench.accept(try await network.approved(outcome, on: bench.store))
        let state = try #require(try await bench.store.state(of: done.key)?.deliveries.first)
        #expect(state.state == .closed && state.rungs.last?.rung == .closed)

        let cancelled = try await bench.alert()
        var cancel = TestMessage(from: network.immigration, to: [network.police], at: bench.now)
        cancel.becomeSealedAlert(for: [network.police])
        cancel.header["kind"] = "Cancel"
        cancel.header["status"] = "Actual"
        cancel.header["inReplyTo"] = .string(cancelled.key.id.description)
        _ = try await bench.accept(try await network.approved(cancel, on: bench.store))
        for hour in 1...20 { _ = try await bench.fire(at: Int64(hour) * 3600) }
        #expect(try await bench.store.state(of: cancelled.key)?.deliveries.first?.rungs.count == 0)
        #expect(try await bench.store.state(of: done.key)?.deliveries.first?.rungs.last?.rung == .closed)
    }

    @Test(arguments: Engine.allCases)
    func `a sender is told once what it owes, and its next message meets it`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        for isMet in [false, true] {
            let alert = try await bench.alert(override: true)
            let due = try #require(alert.senderDue.review)
            if isMet {
                var more = TestMessage(from: network.immigration, to: [network.police], at: bench.now)
                more.becomeSealedAlert(for: [network.police])
                more.header["status"] = "Actual"
                more.header["inReplyTo"] = .string(alert.key.id.description)
                _ = try await bench.accept(try await network.approved(more, on: bench.store))
            }
            _ = try await bench.store.fireClocks(at: due, limit: 100, by: bench.rules(), sign: bench.sign)
            _ = try await bench.store.fireClocks(at: due, limit: 100, by: bench.rules(), sign: bench.sign)
            let state = try #require(try await bench.store.state(of: alert.key))
            #expect(state.senderRungs.map(\.rung) == (isMet ? [] : [.overdue]))
        }
    }

    @Test(arguments: Engine.allCases)
    func `what is due at once takes bounded rounds, and each fires once`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        for _ in 0..<40 { _ = try await bench.accept(try await bench.message()) }
        var (rounds, expired) = (0, 0)
        while true {
            let round = try await bench.store.fireClocks(
                at: bench.after(86_400), limit: 7, by: bench.rules(), sign: bench.sign)
            expired += round.rungs[.expired] ?? 0
            #expect(round.rungs.values.reduce(0, +) <= 7)
            rounds += 1
            if !round.isFull { break }
        }
        #expect(expired == 40 && (6...7).contains(rounds))
    }

    @Test func `a commit that fails fires nothing, and the next one fires it once, also after a restart`() async throws
    {
        let bench = try Bench(limits: Limits())
        let alert = try await bench.alert()
        FaultyVFS.failSyncs(of: bench.path, true)
        await #expect(throws: StoreError.self) { try await bench.fire(at: 900) }
        FaultyVFS.failSyncs(of: bench.path, false)
        #expect(try await bench.store.state(of: alert.key)?.deliveries.first?.rungs.count == 0)
        #expect(try await bench.fire(at: 900).rungs == [.overdue: 1, .escalated: 1])
        await (bench.store as? SQLiteStore)?.close()
        let reopened = try SQLiteStore.open(path: bench.path, checkpoints: bench.checkpoints)
        let again = try await reopened.fireClocks(at: bench.after(901), limit: 10, by: bench.rules(), sign: bench.sign)
        #expect(again.rungs.isEmpty)
        let later = try await reopened.fireClocks(at: bench.after(1800), limit: 10, by: bench.rules(), sign: bench.sign)
        #expect(later.rungs == [.escalated: 1])
        await reopened.close()
    }

    @Test(arguments: Engine.allCases)
    func `a shorter chain comes into force for what waits, once it is looked at again`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.alert()
        _ = try await bench.fire(at: 900)
        #expect(try await bench.store.nextClock() == bench.after(1800))
        try await bench.store.rearmClocks(at: bench.after(1000))
        #expect(try await bench.store.nextClock() == bench.after(1000))
        #expect(try await bench.fire(at: 1000).rungs.isEmpty)
        #expect(try await bench.store.nextClock() == bench.after(1800))
    }
}

extension Bench {
    func after(_ seconds: Int64) -> Timestamp { now.advanced(bySeconds: seconds) }

    var sign: @Sendable (ReceiptStatement) throws -> Receipt {
        let network = network
        return { try network.broker.receipt($0) }
    }

    /// The protection unit is the chief of the police.
    func rules() throws -> ClockRules {
        let (police, chief) = (network.police.id, network.protection.id)
        let roster = try network.roster { if $0.id == police { $0.desks.chief = chief } }
        return ClockRules(
            hub: network.broker.agency, rules: Rulebook.Rules(roster: roster, policy: try network.openPolicy()))
    }

    func fire(at seconds: Int64) async throws -> ClockRound {
        try await store.fireClocks(at: after(seconds), limit: 100, by: try rules(), sign: sign)
    }

    /// An alert from the passport desk to the police, accepted.
    func alert(
        fallback: TestAgency? = nil, status: JSON = "Actual", override: Bool = false
    ) async throws -> AuthorizedMessage {
        let alert = try await message {
            $0.becomeSealedAlert(for: [network.police] + (fallback.map { [$0] } ?? []))
            $0.header["status"] = status
            if let fallback { $0.header["fallback"] = [.string(fallback.id.description)] }
            if override {
                $0.header["consentOverride"] = [
                    "reason": "DANGER_TO_LIFE", "decidedBy": "Officer", "approvedBy": "Head",
                ]
            }
        }
        _ = try await accept(alert)
        return alert
    }

    func answer(from agency: TestAgency, to question: AuthorizedMessage, state: JSON) async throws -> AuthorizedMessage
    {
        var answer = TestMessage(from: agency, to: [network.immigration], at: now)
        answer.becomeAnswer(to: question.key.id, state: state, for: [network.immigration])
        answer.header["status"] = .string(question.header.status.rawValue)
        return try await network.approved(answer, on: store)
    }

    func reply(from agency: TestAgency, to question: AuthorizedMessage) throws -> Header {
        try TestHeader.make(
            .infoRequest, ["sender": .string(agency.id.description), "inReplyTo": .string(question.key.id.description)])
    }

    /// What an agency is told, and settles.
    func notices(_ agency: TestAgency, at seconds: Int64) async throws -> [ReceiptStatement] {
        let rungs = try await claimRungs(agency, limit: 50, at: after(seconds))
        for rung in rungs { _ = try await settle(rung.token, of: agency, at: after(seconds)) }
        return try rungs.map { try statement(of: $0.receipt) }
    }

    func expectCleanAudit() throws {
        guard folder != nil else { return }
        let report = try audit()
        #expect(report.isClean, "\(report.findings)")
    }
}
