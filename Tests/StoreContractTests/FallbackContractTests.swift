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

    @Test(arguments: Engine.allCases, ConsentOfNow.allCases)
    func `a fallback takes over a rejected message where the consent covers it then`(
        _ engine: Engine, _ consent: ConsentOfNow
    ) async throws {
        let bench = try Bench(engine)
        let (police, shelter) = (bench.network.police, bench.network.shelter)
        let referral = try await bench.referral(standingOn: consent)
        _ = try await bench.settle(#require(try await bench.claim().first).token)
        try await reject(referral, bench, at: bench.after(7200))
        _ = try await bench.fire(at: 7201)
        #expect(try await holders(bench, referral) == (consent.covers ? [police.id, shelter.id] : [police.id]))
        #expect(try await bench.claim(shelter, at: bench.after(7202)).count == (consent.covers ? 1 : 0))
        try bench.expectCleanAudit()
    }

    @Test(arguments: Engine.allCases)
    func `a chain goes on without the fallback that the consent does not cover any more`(_ engine: Engine) async throws
    {
        let bench = try Bench(engine)
        let (police, shelter) = (bench.network.police, bench.network.shelter)
        let referral = try await bench.referral(standingOn: .isOver)
        for hour in 1...160 as ClosedRange<Int64> { _ = try await bench.fire(at: hour * 3600) }
        #expect(try await bench.claim(shelter, at: bench.after(160 * 3600 + 1)).isEmpty)
        let state = try #require(try await bench.store.state(of: referral.key))
        #expect(state.deliveries.map(\.agency) == [police.id])
        #expect(state.deliveries.map(\.state) == [.bounced])
        let told = try await bench.notices(bench.network.immigration, at: 160 * 3600 + 1)
        #expect(told.allSatisfy { $0.notice?.fallback == nil })
        #expect(Set(told.compactMap { $0.notice?.step }) == [1, 2, 3])
        try bench.expectCleanAudit()
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

/// What has become of a consent, two hours after a referral was sent on it.
enum ConsentOfNow: String, CaseIterable {
    /// Its own end has passed.
    case isOver
    /// The person shares with the fallback no more.
    case isNarrower
    /// It is over, and another one under its reference, that the sender may not use, covers everybody.
    case isAnothers
    /// It is as it was.
    case lives
    /// It is over, and one of another agency, that the sender may use, covers everybody.
    case isShared

    var covers: Bool { self == .lives || self == .isShared }
}

extension Bench {
    /// A referral to the police, with the shelter as fallback, on a consent that becomes so within an hour.
    func referral(standingOn consent: ConsentOfNow) async throws -> AuthorizedMessage {
        let (police, shelter, protection) = (network.police, network.shelter, network.protection)
        var grant = TestMessage.consent("grant", by: network.immigration, sharedWith: [police, shelter], at: now)
        if consent != .lives { grant.body["until"] = .string(after(3600).description) }
        #expect(try await accept(network.approved(grant, on: store)).receipt != nil)
        var draft = TestMessage.referral(from: network.immigration, to: [police], at: now)
        draft.header["fallback"] = [.string(shelter.id.description)]
        draft.sealedTo = [police, shelter]
        let referral = try await network.approved(draft, on: store)
        #expect(try await accept(referral).receipt != nil)
        let change: AuthorizedMessage? =
            switch consent {
            case .lives, .isOver: nil
            case .isNarrower: try await self.consent("modify", with: [police])
            case .isAnothers: try await self.consent(by: protection, with: [police, shelter])
            case .isShared: try await self.consent(by: protection, with: [network.immigration, police, shelter])
            }
        if let change { #expect(try await accept(change).receipt != nil) }
        return referral
    }
}
