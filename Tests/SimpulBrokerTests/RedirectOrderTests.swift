import SimpulBroker
import SimpulCore
import SimpulTesting
import StrictJSON
import Testing

/// What an operator is told who redirects a delivery where it cannot go.
@Suite struct RedirectOrderTests {
    let network: TestNetwork
    let broker: Broker

    init() throws {
        network = try TestNetwork.shared.get()
        broker = try network.makeBroker(on: MemoryStore())
    }

    private func accept(_ draft: TestMessage) async throws {
        _ = try await broker.intake.accept(draft.envelope(), from: network.caller(draft.sender, of: broker))
    }

    private func code(_ key: MessageKey, from: TestAgency, to: TestAgency) async throws -> ErrorCode? {
        do {
            try await broker.orders.redirect(
                RedirectOrder(key, from: from.id, to: to.id),
                by: OperationBy(uid: 1000, user: "petugas", role: .operator), reason: "CONTOH FIKTIF")
            return nil
        } catch let refusal as Refusal { return refusal.code }
    }

    @Test func `each way in which a redirect is impossible has its code, and the last way is open`() async throws {
        let (desk, police, shelter) = (network.immigration, network.police, network.shelter)
        let now = network.now
        try await accept(TestMessage.consent("grant", by: desk, sharedWith: [police, shelter], at: now))
        var draft = TestMessage.referral(from: desk, to: [police], at: now)
        draft.header["fallback"] = [.string(shelter.id.description)]
        draft.sealedTo = [police, shelter]
        try await accept(draft)
        let key = MessageKey(sender: desk.id, id: try #require(draft.id))
        let unknown = MessageKey(sender: police.id, id: key.id)
        #expect(try await code(unknown, from: police, to: shelter) == .notFound)
        #expect(try await code(key, from: shelter, to: police) == .notFound)
        #expect(try await code(key, from: police, to: network.protection) == .policyDenied)
        #expect(try await code(key, from: police, to: police) == .deliveryState)
        try await accept(TestMessage.consent("modify", by: desk, sharedWith: [police], at: now))
        #expect(try await code(key, from: police, to: shelter) == .consent)
        try await accept(TestMessage.consent("modify", by: desk, sharedWith: [police, shelter], at: now))
        #expect(try await code(key, from: police, to: shelter) == nil)
        #expect(try await code(key, from: police, to: shelter) == .deliveryState)
    }
}
