import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulStoreSQLite
import SimpulTesting
import Testing

/// What was owed when a message was accepted is what a store says of it, from then on.
@Suite(.storesInTurn) struct DueContractTests {
    private func alert(_ bench: Bench) async throws -> AuthorizedMessage {
        try await bench.message {
            $0.becomeSealedAlert(for: [bench.network.police])
            $0.header["consentOverride"] = [
                "reason": "DANGER_TO_LIFE", "decidedBy": "Officer", "approvedBy": "Head",
            ]
        }
    }

    @Test(arguments: Engine.allCases)
    func `receipt, delivery and state say the same times`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let message = try await alert(bench)
        let said = try bench.statement(of: try #require(try await bench.accept(message).receipt))
        #expect(said.recipients.map(\.due) == message.due && message.due.first?.acknowledge != nil)
        #expect(said.senderDue == message.senderDue && message.senderDue.review != nil)
        #expect(said.level == .first && said.policy == message.policy)
        let delivery = try #require(try await bench.claim().first)
        #expect(delivery.due == message.due.first)
        let state = try #require(try await bench.store.state(of: message.key))
        #expect(state.senderDue == message.senderDue)
        let query = OutboxQuery(state: nil, since: nil, after: nil, limit: 10, scan: 10, bytes: 1 << 20)
        let page = try await bench.store.sent(by: message.key.sender, query)
        #expect(page.messages.map(\.senderDue) == [message.senderDue])
    }

    @Test(arguments: Engine.allCases)
    func `a message that leaves nothing to its sender says so`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let message = try await bench.message()
        _ = try await bench.accept(message)
        #expect(message.due == [.none] && message.level == nil)
        #expect(try await bench.store.state(of: message.key)?.senderDue == DueTimes.none)
        #expect(try await bench.claim().map(\.due) == [.none])
    }

    @Test(arguments: Engine.allCases)
    func `the level of a message is known to its answers`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        var referral = TestMessage(from: network.immigration, to: [network.police], at: network.now)
        referral.becomeReferral(for: [network.police])
        _ = try await bench.accept(try await network.approved(referral, on: bench.store))
        var answer = TestMessage(from: network.police, to: [network.immigration], at: network.now)
        answer.becomeAnswer(to: try #require(referral.id), state: "rejected", for: [network.immigration])
        let approved = try await network.approved(answer, on: bench.store)
        #expect(approved.level == .first)
        #expect(approved.due.first?.acknowledge == network.now.advanced(bySeconds: 900))
    }

    @Test func `a store that is opened again says the same`() async throws {
        let bench = try Bench(limits: Limits())
        let message = try await alert(bench)
        let receipt = try await bench.accept(message).receipt
        await (bench.store as? SQLiteStore)?.close()
        let reopened = try SQLiteStore.open(path: bench.path, checkpoints: bench.checkpoints)
        #expect(try await reopened.acceptance(of: message.key)?.receipt == receipt)
        #expect(try await reopened.state(of: message.key)?.senderDue == message.senderDue)
        await reopened.close()
        #expect(try bench.audit().findings == [])
    }
}

extension Bench {
    /// What a receipt of the broker says.
    func statement(of receipt: Receipt) throws -> ReceiptStatement {
        try SignedStatement<ReceiptStatement>(
            receipt: receipt, catalogue: network.catalogue, signers: network.brokerCertificate
        ).statement
    }
}
