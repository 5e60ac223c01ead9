import SimpulBroker
import SimpulCore
import SimpulStoreSQLite
import SimpulTesting
import StrictJSON
import Testing

/// Whom a message is handed to where its recipient is late or rejects it, to whom it never is, and who learns of it.
@Suite(.storesInTurn) struct FallbackContractTests {
    private func holders(_ bench: Bench, _ message: AuthorizedMessage) async throws -> [AgencyID] {
        try #require(try await bench.store.state(of: message.key)).deliveries.map(\.agency)
    }

    private func reject(
        _ message: AuthorizedMessage, _ bench: Bench, at moment: Timestamp? = nil
    ) async throws {
        let answer = try await bench.answer(from: bench.network.police, to: message, state: "rejected")
        #expect(try await bench.accept(answer, at: moment).receipt != nil)
        let police = try await bench.store.state(of: message.key)?.deliveries.first
        #expect(police?.state == .answered)
    }

    @Test(arguments: Engine.allCases)
    func `who is called from outside does not learn who takes over, and the parties do`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let taskForce = try network.makeAgency("id-1709.gugus-tugas", role: "TF")
        let rules = ClockRules(
            hub: network.broker.agency,
            rules: Rulebook.Rules(
                roster: try network.roster(of: network.agencies + [taskForce]), policy: try network.openPolicy()))
        let alert = try await bench.alert(fallback: network.shelter)
        for seconds: Int64 in [900, 1800, 3600] {
            _ = try await bench.store.fireClocks(at: bench.after(seconds), limit: 100, by: rules, sign: bench.sign)
        }
        #expect(try await holders(bench, alert) == [network.police.id, network.shelter.id])
        let outside = try await bench.notices(taskForce, at: 3601)
        #expect(!outside.isEmpty && outside.allSatisfy { $0.rung == .escalated && $0.agency == network.police.id })
        #expect(
            outside.allSatisfy { $0.notice?.fallback == nil && $0.notice?.to.contains(network.shelter.id) == false })
        for party in [network.police, network.immigration] {
            let told = try await bench.notices(party, at: 3601).filter { $0.notice?.fallback != nil }
            #expect(told.map(\.notice?.fallback?.agency) == [network.shelter.id])
            #expect(told.map(\.notice?.to) == [[]])
        }
    }

    @Test(arguments: Engine.allCases)
    func `a rejected message is handed to nobody once its sender has cancelled it`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        for isCancelledFirst in [true, false] {
            let alert = try await bench.alert(fallback: bench.network.shelter)
            try await bench.claim()
            let cancel = try await bench.message {
                $0.becomeSealedAlert(for: [bench.network.police])
                $0.header["kind"] = "Cancel"
                $0.header["status"] = "Actual"
                $0.header["inReplyTo"] = .string(alert.key.id.description)
            }
            if isCancelledFirst { #expect(try await bench.accept(cancel).receipt != nil) }
            try await reject(alert, bench)
            if !isCancelledFirst { #expect(try await bench.accept(cancel).receipt != nil) }
            #expect(try await bench.fire(at: 1).rungs[.escalated] == nil)
            #expect(try await holders(bench, alert) == [bench.network.police.id])
        }
        #expect(try await bench.claim(bench.network.shelter, at: bench.after(2)).isEmpty)
        try bench.expectCleanAudit()
    }

    @Test(arguments: Engine.allCases)
    func `a rejected message is handed to nobody once the consent has ended`(_ engine: Engine) async throws {
        for isEndedFirst in [true, false] {
            let bench = try Bench(engine)
            let (police, shelter) = (bench.network.police, bench.network.shelter)
            _ = try await bench.accept(bench.consent(with: [police, shelter]))
            var draft = TestMessage.referral(from: bench.network.immigration, to: [police], at: bench.now)
            draft.header["fallback"] = [.string(shelter.id.description)]
            draft.sealedTo = [police, shelter]
            let referral = try await bench.network.approved(draft, on: bench.store)
            #expect(try await bench.accept(referral).receipt != nil)
            _ = try await bench.settle(#require(try await bench.claim().first).token)
            if isEndedFirst { #expect(try await bench.accept(bench.end()).receipt != nil) }
            try await reject(referral, bench)
            if !isEndedFirst { #expect(try await bench.accept(bench.end()).receipt != nil) }
            #expect(try await bench.fire(at: 1).rungs[.escalated] == nil)
            #expect(try await holders(bench, referral) == [police.id])
            #expect(try await bench.claim(shelter, at: bench.after(2)).isEmpty)
            try bench.expectCleanAudit()
        }
    }

    @Test(arguments: Engine.allCases)
    func `nobody takes over what has lost its meaning`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let alert = try await bench.alert(fallback: bench.network.shelter)
        try await bench.claim()
        try await reject(alert, bench, at: bench.after(86_399))
        _ = try await bench.fire(at: 86_400)
        #expect(try await holders(bench, alert) == [bench.network.police.id])
        #expect(try await bench.claim(bench.network.shelter, at: bench.after(86_401)).isEmpty)
    }

    @Test func `an older message that is handed over late stands behind newer ones, and the audit is clean`()
        async throws
    {
        let bench = try Bench(.sqlite)
        let (network, shelter) = (bench.network, bench.network.shelter)
        let old = try await bench.alert(fallback: shelter)
        try await bench.claim()
        for _ in 0..<2 {
            let newer = try await bench.message(to: [shelter]) {
                $0.becomeSealedAlert(for: [shelter])
                $0.header["status"] = "Actual"
            }
            #expect(try await bench.accept(newer).receipt != nil)
        }
        try await reject(old, bench)
        #expect(try await bench.fire(at: 1).rungs == [.escalated: 1])
        #expect(try await holders(bench, old) == [network.police.id, shelter.id])
        try bench.expectCleanAudit()
        #expect(try await bench.claim(shelter, at: bench.after(2)).last?.key == old.key)
        try bench.expectCleanAudit()
    }
}
