import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import Testing

/// Rungs wait for the sender of their message, are leased and settled like deliveries, and beget nothing.
@Suite(.storesInTurn) struct RungContractTests {
    @Test(arguments: Engine.allCases)
    func `rungs come to the message's sender alone, in their order`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.message())
        let token = try #require(try await bench.claim().first).token
        #expect(try await bench.settle(token) == .settled)
        #expect(try await bench.claimRungs(bench.network.police).isEmpty)
        #expect(try await bench.claimRungs(bench.network.shelter).isEmpty)
        let rungs = try await bench.claimRungs()
        let state = try #require(try await bench.outbox().messages.first)
        #expect(rungs.map(\.receipt) == state.deliveries[0].rungs.map(\.receipt))
        #expect(rungs.map(\.id) == [state.key.id, state.key.id] && rungs.map(\.attempt) == [1, 1])
    }

    @Test(arguments: Engine.allCases)
    func `leasing and settling a rung leaves no leaf, and it is not given out again`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.message())
        try await bench.claim()
        let size = try await bench.logSize()
        let rung = try #require(try await bench.claimRungs().first)
        #expect(try await bench.settle(rung.token, of: bench.network.immigration) == .settled)
        #expect(try await bench.settle(rung.token, of: bench.network.immigration) == .settled)
        #expect(try await bench.claimRungs(at: bench.now.advanced(bySeconds: 3600)).isEmpty)
        #expect(try await bench.logSize() == size)
    }

    @Test(arguments: Engine.allCases)
    func `a rung is settled by nobody else, and not by a receipt`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.message())
        try await bench.claim()
        let rung = try #require(try await bench.claimRungs().first)
        #expect(try await bench.settle(rung.token, of: bench.network.police) == .unknown)
        let outcome = try await bench.store.settle(
            rung.token, of: bench.network.immigration.id, at: bench.now, isBare: false
        ) { event throws(Refusal) in
            SignedRung(rung: .opened, receipt: Receipt(token: []))
        }
        #expect(outcome == .unknown)
        #expect(try await bench.settle(rung.token, of: bench.network.immigration) == .settled)
    }

    @Test(arguments: Engine.allCases)
    func `a rung whose lease ran out comes again under another token`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.message())
        try await bench.claim(lease: 300)
        let first = try #require(try await bench.claimRungs(lease: 60).first)
        #expect(try await bench.claimRungs(at: bench.now.advanced(bySeconds: 59)).isEmpty)
        let later = bench.now.advanced(bySeconds: 60)
        #expect(try await bench.settle(first.token, of: bench.network.immigration, at: later) == .leaseExpired)
        let second = try #require(try await bench.claimRungs(at: later).first)
        #expect(second.attempt == 2 && second.token != first.token)
        #expect(try await bench.settle(first.token, of: bench.network.immigration, at: later) == .unknown)
    }

    @Test(arguments: Engine.allCases)
    func `a released rung waits again at once`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.message())
        try await bench.claim()
        let first = try #require(try await bench.claimRungs().first)
        try await bench.store.release([first.token], of: bench.network.immigration.id)
        #expect(try await bench.claimRungs().map(\.attempt) == [2])
    }

    @Test(arguments: Engine.allCases)
    func `messages come before rungs, and a claim of one type has no rungs`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.message())
        try await bench.claim()
        _ = try await bench.accept(bench.message(to: [bench.network.immigration]))
        let both = try await bench.claimOutcome(bench.network.immigration, lease: 1)
        guard case .leased(let deliveries, let rungs) = both else { throw TestFault(what: "nothing was leased") }
        #expect(deliveries.count == 1 && rungs.count == 1)
        let later = bench.now.advanced(bySeconds: 2)
        #expect(try await bench.claim(bench.network.immigration, limit: 1, at: later, lease: 1).count == 1)
        let typed = try await bench.claimOutcome(
            bench.network.immigration, at: later.advanced(bySeconds: 2), type: .activityReport)
        guard case .leased(_, let none) = typed else { throw TestFault(what: "nothing was leased") }
        #expect(none.isEmpty)
    }
}

/// What a recipient says without a lease, and what its own message says.
@Suite(.storesInTurn) struct RecordContractTests {
    @Test(arguments: Engine.allCases)
    func `a receipt of no recipient is unknown`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let message = try await bench.message()
        _ = try await bench.accept(message)
        #expect(try await bench.record(.opened, of: message.key, by: bench.network.shelter) == .unknown)
        #expect(try await bench.record(.opened, of: message.key, by: bench.network.immigration) == .unknown)
        #expect(try await bench.logSize() == 1)
    }

    @Test(arguments: Engine.allCases)
    func `opened without a lease settles the delivery and its lease`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let message = try await bench.message()
        _ = try await bench.accept(message)
        let token = try #require(try await bench.claim().first).token
        #expect(try await bench.record(.opened, of: message.key) == .settled)
        #expect(try await bench.store.state(of: message.key)?.state == .opened)
        #expect(try await bench.claim(at: bench.now.advanced(bySeconds: 3600)).isEmpty)
        let size = try await bench.logSize()
        #expect(try await bench.settle(token) == .settled)
        #expect(try await bench.record(.acknowledged, of: message.key) == .settled)
        #expect(try await bench.logSize() == size)
    }

    @Test func `a message under wider bounds is read again under them`() async throws {
        var limits = Limits()
        (limits.sealedBytes, limits.envelopeBytes) = (1 << 20, 1 << 20)
        let bench = try Bench(limits: limits)
        let question = try await bench.largeReferral(limits)
        #expect(question.envelope.count > Limits().envelopeBytes)
        _ = try await bench.accept(question)
        _ = try await bench.accept(bench.answer(to: question, state: "accepted"))
        #expect(try await bench.store.state(of: question.key)?.state == .answered)
    }

    @Test(arguments: Engine.allCases)
    func `an answer by a recipient raises its delivery to answered`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let question = try await bench.referral()
        _ = try await bench.accept(question)
        let token = try #require(try await bench.claim().first).token
        _ = try await bench.accept(bench.answer(to: question, state: "accepted"))
        let state = try #require(try await bench.store.state(of: question.key))
        #expect(state.state == .answered && state.deliveries[0].rungs.map(\.rung) == [.delivered, .answered])
        #expect(try await bench.settle(token) == .settled)
        #expect(try await bench.claimRungs().count == 2)
        // Another answer is no higher.
        let size = try await bench.logSize()
        _ = try await bench.accept(bench.answer(to: question, state: "accepted"))
        #expect(try await bench.logSize() == size + 1)
    }

    @Test(arguments: Engine.allCases, ["received"])
    func `a state that is no answer raises nothing`(_ engine: Engine, _ state: String) async throws {
        let bench = try Bench(engine)
        let question = try await bench.referral()
        _ = try await bench.accept(question)
        _ = try await bench.accept(bench.answer(to: question, state: state))
        #expect(try await bench.store.state(of: question.key)?.state == .waiting)
    }

    @Test(arguments: Engine.allCases)
    func `an exercise does not answer what is actual`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let question = try await bench.message {
            $0.becomeReferral(for: [bench.network.police])
            $0.header["status"] = "Actual"
        }
        _ = try await bench.accept(question)
        _ = try await bench.accept(bench.answer(to: question, state: "accepted"))
        #expect(try await bench.store.state(of: question.key)?.state == .waiting)
    }

    @Test func `a receipt or an answer after the lease's end leaves the audit clean`() async throws {
        let bench = try Bench(.sqlite)
        let (first, second) = (try await bench.message(), try await bench.referral())
        for message in [first, second] { _ = try await bench.accept(message) }
        try await bench.claim(lease: 1)
        let later = bench.now.advanced(bySeconds: 60)
        #expect(try await bench.record(.opened, of: first.key, at: later) == .settled)
        _ = try await bench.accept(bench.answer(to: second, state: "accepted"), at: later)
        let found = try bench.audit().findings.map(\.description)
        #expect(found == [])
    }

    @Test func `leases of a delivery that is given back in a loop do not add up`() async throws {
        let bench = try Bench(.sqlite)
        _ = try await bench.accept(bench.message())
        for _ in 0..<50 { _ = try await bench.giveBack(#require(try await bench.claim().first).token) }
        let rows = try RawDatabase(bench.path).rows("SELECT count(*) FROM leases WHERE settled = 0")
        #expect(rows == [[Array("17".utf8)]] || rows == [[Array("16".utf8)]])
        #expect(try bench.audit().findings == [])
    }

    @Test(arguments: Engine.allCases)
    func `an answer by somebody who was not asked raises nothing`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let question = try await bench.referral()
        _ = try await bench.accept(question)
        let error = await #expect(throws: Refusal.self) {
            try await bench.answer(to: question, state: "accepted", from: bench.network.shelter)
        }
        #expect(error?.code == .lifecycle)
        #expect(try await bench.store.state(of: question.key)?.state == .waiting)
    }
}

/// Leases that end without being settled, or go on longer; the sender's bound; the outbox.
@Suite(.storesInTurn) struct HoldContractTests {
    @Test(arguments: Engine.allCases)
    func `a delivery given back for a while is nobody's until then, and its token is over`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let message = try await bench.message()
        _ = try await bench.accept(message)
        let token = try #require(try await bench.claim().first).token
        let then = bench.now.advanced(bySeconds: 30)
        #expect(try await bench.giveBack(token, of: bench.network.shelter, until: then) == .unknown)
        #expect(try await bench.giveBack(token, until: then) == .done(leaseUntil: then))
        #expect(try await bench.giveBack(token, until: then) == .leaseExpired)
        #expect(try await bench.settle(token) == .leaseExpired)
        #expect(try await bench.store.state(of: message.key)?.state == .backingOff)
        #expect(try await bench.claimOutcome(at: bench.now) == .empty(nextLeaseEnd: then))
        #expect(try await bench.claim(at: then).map(\.attempt) == [2])
    }

    @Test(arguments: Engine.allCases)
    func `a delivery given back at once waits at once`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.message())
        let token = try #require(try await bench.claim().first).token
        #expect(try await bench.giveBack(token) == .done(leaseUntil: bench.now))
        #expect(try await bench.claim().map(\.attempt) == [2])
    }

    @Test(arguments: Engine.allCases)
    func `a lease is extended, never shortened, and not beyond its whole time`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.message())
        let token = try #require(try await bench.claim(lease: 60).first).token
        func extend(_ seconds: Int64, at moment: Int64 = 0) async throws -> LeaseOutcome {
            try await bench.store.extend(
                token, of: bench.network.police.id, at: bench.now.advanced(bySeconds: moment),
                until: bench.now.advanced(bySeconds: seconds), totalSeconds: 900)
        }
        #expect(try await extend(10) == .done(leaseUntil: bench.now.advanced(bySeconds: 60)))
        #expect(try await extend(300) == .done(leaseUntil: bench.now.advanced(bySeconds: 300)))
        #expect(try await extend(1100, at: 299) == .done(leaseUntil: bench.now.advanced(bySeconds: 900)))
        #expect(try await bench.claim(at: bench.now.advanced(bySeconds: 899)).isEmpty)
        #expect(try await extend(1200, at: 900) == .leaseExpired)
        #expect(try await bench.settle(token, at: bench.now.advanced(bySeconds: 899)) == .settled)
        #expect(try await extend(1200, at: 899) == .leaseExpired)
    }

    @Test(arguments: Engine.allCases)
    func `a sender has so many unsettled deliveries and no more`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let both = [bench.network.police, bench.network.shelter]
        #expect(try await bench.accept(bench.message(to: both), queued: 2).receipt != nil)
        #expect(try await bench.accept(bench.message(), queued: 2) == .queueFull)
        #expect(try await bench.logSize() == 1)
        let token = try #require(try await bench.claim().first).token
        #expect(try await bench.accept(bench.message(), queued: 2) == .queueFull)
        _ = try await bench.settle(token)
        #expect(try await bench.accept(bench.message(), queued: 2).receipt != nil)
        #expect(try await bench.accept(bench.message(), queued: 2) == .queueFull)
    }

    @Test(arguments: Engine.allCases)
    func `the outbox shows an agency's own messages, page by page, in the order of acceptance`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        var keys: [MessageKey] = []
        for minute in 0..<5 {
            let message = try await bench.message()
            _ = try await bench.accept(message, at: bench.now.advanced(bySeconds: Int64(minute) * 7200))
            keys.append(message.key)
        }
        #expect(try await bench.outbox(of: bench.network.police).messages.isEmpty)
        #expect(try await bench.outbox().messages.map(\.key) == keys)
        let first = try await bench.outbox(limit: 2)
        #expect(first.messages.map(\.key) == Array(keys[..<2]) && first.next != nil)
        let second = try await bench.outbox(after: first.next, limit: 3)
        #expect(second.messages.map(\.key) == Array(keys[2...]) && second.next == nil)
        let since = try await bench.outbox(since: bench.now.advanced(bySeconds: 3 * 7200))
        #expect(since.messages.map(\.key) == Array(keys[3...]))
    }

    @Test(arguments: Engine.allCases)
    func `the outbox by state looks at so many messages and says where to go on`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        for _ in 0..<4 { _ = try await bench.accept(bench.message()) }
        let tokens = try await bench.claim().map(\.token)
        _ = try await bench.settle(tokens[3])
        let page = try await bench.outbox(state: .acknowledged, scan: 3)
        #expect(page.messages.isEmpty && page.next != nil)
        #expect(try await bench.outbox(state: .acknowledged, after: page.next, scan: 3).messages.count == 1)
        #expect(try await bench.outbox(state: .leased).messages.count == 3)
        #expect(try await bench.outbox(bytes: 1).messages.count == 1)
    }
}

extension Bench {
    func outbox(
        of agency: TestAgency? = nil, state: DeliveryState? = nil, since: Timestamp? = nil, after: UInt64? = nil,
        limit: Int = 100, scan: Int = 100, bytes: Int = 1 << 20
    ) async throws -> OutboxPage {
        try await store.sent(
            by: (agency ?? network.immigration).id,
            OutboxQuery(state: state, since: since, after: after, limit: limit, scan: scan, bytes: bytes))
    }

    func giveBack(
        _ token: DeliveryToken, of agency: TestAgency? = nil, until: Timestamp? = nil
    ) async throws -> LeaseOutcome {
        try await store.giveBack(token, of: (agency ?? network.police).id, at: now, until: until, isFailure: false)
    }

    func record(
        _ rung: Rung, of key: MessageKey, by agency: TestAgency? = nil, at moment: Timestamp? = nil
    ) async throws -> SettleOutcome {
        let network = network
        return try await store.record(key, of: (agency ?? network.police).id, at: moment ?? now) {
            event throws(Refusal) in
            do { return SignedRung(rung: rung, receipt: try network.step(rung, event)) } catch {
                throw Refusal(.internalError, at: .deliver, ErrorCode.internalError.title)
            }
        }
    }

    /// A referral that asks the police.
    func referral() async throws -> AuthorizedMessage {
        try await message { $0.becomeReferral(for: [network.police]) }
    }

    /// A referral whose envelope is larger than the default bounds allow.
    func largeReferral(_ limits: Limits) async throws -> AuthorizedMessage {
        var draft = TestMessage(from: network.immigration, to: [network.police], at: now)
        draft.becomeReferral(for: [network.police])
        draft.body["notes"] = .string(SecureRandom.bytes(120_000).map { String($0, radix: 16) }.joined())
        let id = try #require(draft.id)
        let sealed = try SealedBody.seal(
            draft.body, id: id, sender: network.immigration.id, for: [network.police.seal], limits: limits)
        draft.header["bodyDigest"] = .string(sealed.digest.description)
        let envelope = try network.immigration.signing.envelope(header: draft.header, body: sealed.body)
        let broker = try network.makeBroker(on: store, limits: limits)
        let caller = try network.caller(network.immigration, of: broker)
        return try await broker.intake.approve(broker.authenticator.submission(envelope, from: caller))
    }

    /// A `referral-status` of a recipient.
    func answer(
        to question: AuthorizedMessage, state: String, from agency: TestAgency? = nil
    ) async throws -> AuthorizedMessage {
        try await message(from: agency ?? network.police, to: [network.immigration]) {
            $0.becomeAnswer(to: question.key.id, state: .string(state), for: [network.immigration])
        }
    }
}
