import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import Testing

/// Times are computed by the policy in force at acceptance, and say the same wherever they stand.
@Suite struct ClockIntakeTests {
    private let network: TestNetwork
    private let store = MemoryStore()

    init() throws { network = try TestNetwork.shared.get() }

    private func alert() -> TestMessage {
        var draft = TestMessage(from: network.immigration, to: [network.police, network.protection], at: network.now)
        draft.becomeSealedAlert(for: [network.police, network.protection])
        return draft
    }

    private func statement(_ receipt: Receipt) throws -> ReceiptStatement {
        try SignedStatement(receipt: receipt, catalogue: network.catalogue, signers: network.brokerCertificate)
            .statement
    }

    @Test func `the receipt names level and policy, and the times of every recipient`() async throws {
        let broker = try network.makeBroker(on: store)
        let caller = try network.caller(network.immigration, of: broker)
        let said = try statement(try await broker.intake.accept(alert().envelope(), from: caller).receipt)
        #expect(said.level == .first && said.policy == broker.rulebook.rules.policy.digest)
        let due = DueTimes(
            acknowledge: network.now.advanced(bySeconds: 900), decide: network.now.advanced(bySeconds: 3600),
            serve: network.now.advanced(bySeconds: 86400))
        #expect(said.recipients.map(\.due) == [due, due] && said.senderDue == .none)
    }

    @Test func `what a submission would get, it gets`() async throws {
        let broker = try network.makeBroker(on: store)
        let caller = try network.caller(network.immigration, of: broker)
        let envelope = try alert().envelope()
        let examined = try await broker.intake.examine(envelope, from: caller)
        let said = try statement(try await broker.intake.accept(envelope, from: caller).receipt)
        #expect(examined.recipients == said.recipients && examined.senderDue == said.senderDue)
        let again = try await broker.intake.examine(envelope, from: caller)
        #expect(again.isRepeated && again.recipients.isEmpty && again.senderDue == .none)
    }

    @Test func `a new policy changes what comes after it, and no receipt`() async throws {
        var clocks = ClockPolicy.standard
        clocks.levels[.first]?.spans[.acknowledge] = .elapsed(seconds: 300)
        let open = try network.openPolicy()
        let stricter = Policy(rules: open.rules, clocks: clocks, digest: try #require(Digest(octets: [UInt8](1...32))))
        let broker = try network.makeBroker(on: store)
        let first = try alert().envelope()
        let caller = try network.caller(network.immigration, of: broker)
        let receipt = try await broker.intake.accept(first, from: caller).receipt
        broker.rulebook.replace(with: Rulebook.Rules(roster: try network.roster(), policy: stricter))
        let later = try network.caller(network.immigration, of: broker)
        #expect(try await broker.intake.accept(first, from: later).receipt == receipt)
        let said = try statement(try await broker.intake.accept(alert().envelope(), from: later).receipt)
        #expect(said.policy == stricter.digest)
        #expect(said.recipients.first?.due.acknowledge == network.now.advanced(bySeconds: 300))
    }
}
