import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulStoreSQLite
import SimpulTesting
import StrictJSON
import Testing

/// What a store keeps of grants, and that it judges again when it writes.
@Suite(.storesInTurn) struct GrantContractTests {
    @Test(arguments: Engine.allCases)
    func `an agency knows of a grant that it holds or that is shared with it, and of no other`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        _ = try await bench.accept(bench.consent(with: [network.police]))
        _ = try await bench.accept(bench.consent(by: network.shelter, with: [network.protection]))
        _ = try await bench.accept(bench.referral(on: "C-2026"))
        let reference = try #require(ConsentReference("C-2026"))
        for (agency, holders, messages) in [
            (network.immigration, [network.immigration], 1), (network.police, [network.immigration], 1),
            (network.protection, [network.shelter], 1), (network.shelter, [network.shelter], 1),
        ] {
            let known = try await bench.store.grants(under: reference, status: .test, for: agency.id)
            #expect(known.grants.map(\.key.holder) == holders.map(\.id) && known.messages == messages)
        }
        #expect(try await bench.store.grants(under: reference, status: .actual, for: network.police.id) == .none)
        let other = try #require(ConsentReference("C-2027"))
        #expect(try await bench.store.grants(under: other, status: .test, for: network.police.id) == .none)
    }

    @Test(arguments: Engine.allCases)
    func `a change replaces the terms whole, and an end keeps them`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        _ = try await bench.accept(bench.consent(with: [network.police]))
        _ = try await bench.accept(bench.consent("modify", with: [network.shelter]))
        let reference = try #require(ConsentReference("C-2026"))
        let changed = try await bench.store.grants(under: reference, status: .test, for: network.immigration.id)
        #expect(changed.grants.map(\.terms.shareWith) == [[network.shelter.id]])
        #expect(changed.grants.map(\.everShared) == [[network.shelter.id, network.police.id]])
        _ = try await bench.accept(bench.end("expire"))
        let ended = try await bench.store.grants(under: reference, status: .test, for: network.immigration.id)
        #expect(ended.grants.map(\.terms) == changed.grants.map(\.terms))
        #expect(ended.grants.map(\.end) == [ConsentGrant.End(at: bench.now, cause: .consentExpired)])
    }

    @Test(arguments: Engine.allCases)
    func `a message that was approved before a withdrawal is refused after it`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.consent())
        let approved = try await bench.referral(on: "C-2026")
        _ = try await bench.accept(bench.end())
        let size = try await bench.logSize()
        guard case .refused(let refusal) = try await bench.accept(approved) else {
            throw TestFault(what: "it was stored")
        }
        #expect(refusal.code == .consent && refusal.message == approved.key.id)
        #expect(try await bench.logSize() == size)
        #expect(try await bench.store.state(of: approved.key) == nil)
    }

    @Test(arguments: Engine.allCases)
    func `of two grants and two ends that were approved side by side one each is stored`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let both = [try await bench.consent(), try await bench.consent()]
        #expect(try await bench.accept(both[0]).receipt != nil)
        #expect(try await bench.accept(both[1]).receipt == nil)
        let ends = [try await bench.end(), try await bench.end("expire")]
        #expect(try await bench.accept(ends[0]).receipt != nil)
        #expect(try await bench.accept(ends[1]).receipt == nil)
    }

    @Test(arguments: Engine.allCases, [true, false])
    func `in one batch a withdrawal stops what stands behind it, and takes back what stands before it`(
        _ engine: Engine, _ isFirst: Bool
    ) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.consent())
        let (end, referral) = (try await bench.end(), try await bench.referral(on: "C-2026"))
        let network = bench.network
        let outcomes = try await bench.store.accept(
            isFirst ? [end, referral] : [referral, end], at: bench.now, queued: 1000
        ) { network.signer($0, at: network.now) }
        #expect(try outcomes.map { try $0.get().receipt != nil } == (isFirst ? [true, false] : [true, true]))
        #expect(try await bench.store.state(of: referral.key)?.state == (isFirst ? nil : .recalled))
        #expect(try await bench.claim().isEmpty)
    }
}

/// What a withdrawal does to what was accepted before it.
@Suite(.storesInTurn) struct RecallContractTests {
    @Test(arguments: Engine.allCases)
    func `what waits is recalled, erased and never given out, and its sender is told`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.consent())
        let referral = try await bench.referral(on: "C-2026")
        let receipt = try #require(try await bench.accept(referral).receipt)
        _ = try await bench.accept(bench.end())
        #expect(try await bench.claim().isEmpty)
        #expect(try await bench.claimRungs(bench.network.police).isEmpty)
        let told = try await bench.statements(of: bench.network.immigration).filter { $0.rung == .recalled }
        #expect(told.map(\.id) == [referral.key.id] && told.map(\.agency) == [bench.network.police.id])
        #expect(told.map(\.cause) == [.consentWithdrawn] && told.map(\.answerBy) == [nil])
        let state = try #require(try await bench.store.state(of: referral.key))
        #expect(state.state == .recalled && state.deliveries.flatMap(\.rungs).map(\.rung) == [.recalled])
        // Said again it is a repetition, though its octets are gone.
        #expect(try await bench.accept(referral) == .repeated(receipt))
        let late = try await bench.store.record(referral.key, of: bench.network.police.id, at: bench.now) {
            _ throws(Refusal) in
            throw Refusal(.internalError, at: .deliver, ErrorCode.internalError.title)
        }
        #expect(late == .unknown)
        try bench.expectErased([referral])
    }

    @Test(arguments: Engine.allCases)
    func `what is leased is given out no more, its recipient is told, and a late word for it does no harm`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let police = bench.network.police
        _ = try await bench.accept(bench.consent())
        let referral = try await bench.referral(on: "C-2026")
        _ = try await bench.accept(referral)
        let lease = try #require(try await bench.claim().first)
        _ = try await bench.accept(bench.end())
        let told = try await bench.statements(of: police)
        #expect(told.map(\.rung) == [.recalled] && told.map(\.sender) == [bench.network.immigration.id])
        #expect(told.map(\.answerBy) == [bench.now.advanced(bySeconds: 3 * 86400)])
        // Neither what was given back nor what was not comes again.
        let after = bench.now.advanced(bySeconds: 3600)
        #expect(try await bench.claim(at: after).isEmpty)
        #expect(
            try await bench.store.giveBack(lease.token, of: police.id, at: bench.now, until: nil, isFailure: false)
                == .leaseExpired)
        try await bench.store.release([lease.token], of: police.id)
        #expect(try await bench.claim(at: after).isEmpty)
        #expect(try await bench.settle(lease.token, at: after) == .settled)
        #expect(try await bench.settle(lease.token, at: after) == .settled)
        let state = try #require(try await bench.store.state(of: referral.key))
        #expect(state.state == .recalled)
        #expect(state.deliveries[0].rungs.map(\.rung) == [.delivered, .recalled, .acknowledged])
        try bench.expectErased([])
    }

    @Test(arguments: Engine.allCases)
    func `what was given back is given out no more`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let police = bench.network.police
        _ = try await bench.accept(bench.consent())
        for _ in 0..<2 { _ = try await bench.accept(bench.referral(on: "C-2026")) }
        let leases = try await bench.claim()
        let later = bench.now.advanced(bySeconds: 60)
        _ = try await bench.store.giveBack(
            leases[0].token, of: police.id, at: bench.now, until: later, isFailure: false)
        _ = try await bench.store.giveBack(leases[1].token, of: police.id, at: bench.now, until: nil, isFailure: false)
        _ = try await bench.accept(bench.end())
        #expect(try await bench.statements(of: police).count == 2)
        #expect(try await bench.claim(at: later).isEmpty)
        try bench.expectErased([])
    }

    @Test(arguments: Engine.allCases, [Rung.acknowledged, .opened])
    func `what was settled stays as it is, and its recipient is told`(_ engine: Engine, _ rung: Rung) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.consent())
        let referral = try await bench.referral(on: "C-2026")
        _ = try await bench.accept(referral)
        _ = try await bench.settle(try #require(try await bench.claim().first).token, as: rung)
        let before = try await bench.store.state(of: referral.key)?.state
        _ = try await bench.accept(bench.end("expire"))
        #expect(try await bench.store.state(of: referral.key)?.state == before)
        let told = try await bench.statements(of: bench.network.police)
        #expect(told.map(\.rung) == [.recalled] && told.map(\.cause) == [.consentExpired])
        // What happens to it later is recorded as ever.
        _ = try await bench.accept(bench.answer(to: referral, state: "accepted"))
        #expect(try await bench.store.state(of: referral.key)?.state == .answered)
        try bench.expectErased([])
    }

    @Test(arguments: Engine.allCases)
    func `each recipient is dealt with by itself, and what one has got is not erased`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        _ = try await bench.accept(bench.consent(with: [network.police, network.shelter]))
        let both = [network.police, network.shelter]
        let referral = try await network.approved(
            TestMessage.referral(from: network.immigration, to: both, at: bench.now), on: bench.store)
        _ = try await bench.accept(referral)
        _ = try await bench.claim(network.shelter)
        _ = try await bench.accept(bench.end())
        #expect(try await bench.claim().isEmpty)
        #expect(try await bench.statements(of: network.police).isEmpty)
        #expect(try await bench.statements(of: network.shelter).map(\.rung) == [.recalled])
        #expect(try await bench.statements(of: network.immigration).count { $0.rung == .recalled } == 2)
        try bench.expectErased([])
    }

    @Test(arguments: Engine.allCases)
    func `a withdrawal takes back what stands on earlier terms, and nothing else`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let (network, now) = (bench.network, bench.now)
        _ = try await bench.accept(bench.consent(with: [network.protection, network.police]))
        _ = try await bench.accept(bench.consent(reference: "C-2027", with: [network.police]))
        let early = try await network.approved(
            TestMessage.referral(from: network.protection, to: [network.police], at: now), on: bench.store)
        let other = try await bench.referral(on: "C-2027")
        let without = try await bench.referral()
        for message in [early, other, without] { _ = try await bench.accept(message) }
        _ = try await bench.accept(bench.consent("modify", with: [network.police]))
        _ = try await bench.accept(bench.end())
        #expect(try await bench.store.state(of: early.key)?.state == .recalled)
        #expect(try await bench.claim().map(\.key) == [other.key, without.key])
        try bench.expectErased([early])
    }

    @Test(arguments: Engine.allCases)
    func `what the sender's own grant covers stays until that one ends too`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        _ = try await bench.accept(bench.consent(by: network.shelter, with: [network.immigration, network.police]))
        _ = try await bench.accept(bench.consent(with: [network.police]))
        let referral = try await bench.referral(on: "C-2026")
        _ = try await bench.accept(referral)
        _ = try await bench.accept(bench.end(by: network.shelter))
        #expect(try await bench.store.state(of: referral.key)?.state == .waiting)
        _ = try await bench.accept(bench.end())
        #expect(try await bench.store.state(of: referral.key)?.state == .recalled)
        try bench.expectErased([referral])
    }

    @Test(arguments: Engine.allCases)
    func `a grant that others have planted under the reference saves nothing`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        _ = try await bench.accept(bench.consent(with: [network.police]))
        _ = try await bench.accept(bench.consent(by: network.shelter, with: [network.immigration, network.police]))
        let referral = try await bench.referral(on: "C-2026")
        _ = try await bench.accept(referral)
        _ = try await bench.accept(bench.end())
        #expect(try await bench.store.state(of: referral.key)?.state == .recalled)
        try bench.expectErased([referral])
    }

    @Test(arguments: Engine.allCases)
    func `nobody is told twice of one delivery`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        _ = try await bench.accept(bench.consent(with: [network.police]))
        let referral = try await bench.referral(on: "C-2026")
        _ = try await bench.accept(referral)
        _ = try await bench.settle(try #require(try await bench.claim().first).token)
        _ = try await bench.accept(bench.end())
        _ = try await bench.accept(bench.consent(by: network.shelter, with: [network.immigration]))
        _ = try await bench.accept(bench.end(by: network.shelter))
        #expect(try await bench.statements(of: network.police).count == 1)
    }

    @Test(arguments: Engine.allCases)
    func `a sender's recall takes back what nobody has got, and leaves the rest to the recall itself`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let both = [network.police, network.shelter]
        let report = try await bench.message(to: both)
        _ = try await bench.accept(report)
        _ = try await bench.claim(network.shelter, type: .activityReport)
        let recall = try await bench.message(to: both) {
            $0.become(.recall, ["inReplyTo": .string(report.key.id.description), "kind": "Request"])
            $0.sealedTo = both
        }
        _ = try await bench.accept(recall)
        let state = try #require(try await bench.store.state(of: report.key))
        #expect(state.deliveries.map(\.state) == [.recalled, .leased])
        #expect(try await bench.claim().map(\.key) == [recall.key])
        #expect(try await bench.statements(of: network.shelter).isEmpty)
        try bench.expectErased([])
    }

    @Test(arguments: Engine.allCases)
    func `an exercise takes back nothing that is actual, nor the reverse`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        for (status, other) in [("Actual", "Test"), ("Test", "Actual"), ("Exercise", "Actual")] {
            let report = try await bench.message { $0.header["status"] = .string(status) }
            _ = try await bench.accept(report)
            #expect(try await bench.accept(bench.recall(of: report, status: other)).receipt != nil)
            #expect(try await bench.store.state(of: report.key)?.state == .waiting, "\(other) of \(status)")
            _ = try await bench.accept(bench.recall(of: report, status: status))
            #expect(try await bench.store.state(of: report.key)?.state == .recalled, "\(status)")
        }
    }

    @Test(arguments: Engine.allCases)
    func `a consent that nobody has got is recalled and kept, for its grant stands on it`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        var draft = TestMessage.consent("grant", by: network.immigration, sharedWith: [network.police], at: bench.now)
        draft.header["recipients"] = [.string(network.police.id.description)]
        let consent = try await network.approved(draft, on: bench.store)
        _ = try await bench.accept(consent)
        _ = try await bench.accept(bench.recall(of: consent, status: "Test"))
        #expect(try await bench.store.state(of: consent.key)?.state == .recalled)
        let reference = try #require(ConsentReference("C-2026"))
        let known = try await bench.store.grants(under: reference, status: .test, for: network.police.id)
        #expect(known.grants.count == 1)
        try bench.expectErased([])
    }

    @Test(arguments: Engine.allCases)
    func `a queue that is fuller than it may be by now does not stop a withdrawal`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.consent())
        for _ in 0..<3 { _ = try await bench.accept(bench.referral(on: "C-2026")) }
        // The operator has lowered the bound since.
        #expect(try await bench.accept(bench.end(), queued: 1).receipt != nil)
        #expect(try await bench.claim().isEmpty)
    }

    @Test(arguments: Engine.allCases)
    func `a failure to sign takes nothing back`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.consent())
        let referral = try await bench.referral(on: "C-2026")
        _ = try await bench.accept(referral)
        let (end, network) = (try await bench.end(), bench.network)
        let size = try await bench.logSize()
        let outcomes = try await bench.store.accept([end], at: bench.now, queued: 1000) { message in
            var signer = network.signer(message, at: network.now)
            signer.recalled = { _, _, _ in throw TestFault(what: "no key") }
            return signer
        }
        #expect(throws: StoreError.self) { try outcomes[0].get() }
        #expect(try await bench.logSize() == size)
        #expect(try await bench.claim().map(\.key) == [referral.key])
    }

    @Test(arguments: Engine.allCases)
    func `a full queue does not stop a withdrawal, which makes room in it`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.consent(), queued: 1)
        _ = try await bench.accept(bench.referral(on: "C-2026"), queued: 1)
        let full = try await bench.message()
        #expect(try await bench.accept(full, queued: 1) == .queueFull)
        #expect(try await bench.accept(bench.end(), queued: 1).receipt != nil)
        #expect(try await bench.accept(full, queued: 1).receipt != nil)
    }

    @Test func `what was recalled stays so after a restart, and the withdrawal too`() async throws {
        let bench = try Bench(.sqlite)
        _ = try await bench.accept(bench.consent())
        let approved = try await bench.referral(on: "C-2026")
        let referral = try await bench.referral(on: "C-2026")
        _ = try await bench.accept(referral)
        _ = try await bench.accept(bench.end())
        await (bench.store as? SQLiteStore)?.close()
        let again = try SQLiteStore.open(path: bench.path, checkpoints: bench.checkpoints)
        #expect(try await again.state(of: referral.key)?.state == .recalled)
        let network = bench.network
        let outcome = try await again.accept([approved], at: bench.now, queued: 1000) {
            network.signer($0, at: network.now)
        }
        #expect(try outcome[0].get().receipt == nil)
        let claim = Claim(
            agency: network.police.id, limit: 10, bytes: 1 << 20, leaseUntil: bench.now.advanced(bySeconds: 60))
        #expect(
            try await again.claim(claim, at: bench.now) { try network.step(.delivered, $0) }
                == .empty(nextLeaseEnd: nil))
        await again.close()
        #expect(try bench.audit().findings == [])
    }
}

extension Bench {
    func consent(
        _ action: String = "grant", reference: String = "C-2026", by holder: TestAgency? = nil,
        with agencies: [TestAgency]? = nil
    ) async throws -> AuthorizedMessage {
        try await network.approved(
            TestMessage.consent(
                action, reference, by: holder ?? network.immigration, sharedWith: agencies ?? [network.police],
                at: now), on: store)
    }

    func end(
        _ action: String = "withdraw", by holder: TestAgency? = nil
    ) async throws -> AuthorizedMessage {
        try await network.approved(
            TestMessage.consentEnd(action, by: holder ?? network.immigration, at: now), on: store)
    }

    /// A referral from the passport desk to the police that stands on a consent.
    func referral(on reference: String) async throws -> AuthorizedMessage {
        try await network.approved(
            TestMessage.referral(on: reference, from: network.immigration, to: [network.police], at: now), on: store)
    }

    /// The passport desk takes one message back.
    func recall(of message: AuthorizedMessage, status: String) async throws -> AuthorizedMessage {
        try await self.message {
            $0.become(.recall, ["inReplyTo": .string(message.key.id.description), "kind": "Request"])
            $0.header["status"] = .string(status)
            $0.sealedTo = [network.police]
        }
    }

    /// What an agency is told, read from the receipts that wait for it.
    func statements(of agency: TestAgency) async throws -> [ReceiptStatement] {
        try await claimRungs(agency, limit: 100).map {
            try SignedStatement(
                receipt: $0.receipt, catalogue: network.catalogue, signers: network.brokerCertificate
            ).statement
        }
    }

    /// The envelopes of exactly those messages are gone from the file, and an audit finds nothing; in memory there is
    /// nothing to look at.
    func expectErased(_ erased: [AuthorizedMessage]) throws {
        guard folder != nil else { return }
        let rows = try RawDatabase(path).rows("SELECT id FROM messages WHERE length(envelope) = 0 ORDER BY seq")
        #expect(rows == erased.map { [Array($0.key.id.description.utf8)] })
        #expect(try audit().findings == [])
    }
}
