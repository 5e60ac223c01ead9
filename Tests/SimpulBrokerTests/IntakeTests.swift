import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

@Suite struct IntakeTests {
    let network: TestNetwork
    let store = MemoryStore()
    let broker: Broker

    init() throws {
        network = try TestNetwork.shared.get()
        broker = try network.makeBroker(on: store)
    }

    private func draft() -> TestMessage {
        TestMessage(from: network.immigration, to: [network.police], at: network.now)
    }

    private func submit(_ bytes: [UInt8], from agency: TestAgency? = nil) async throws -> Acceptance {
        try await broker.intake.accept(bytes, from: network.caller(agency ?? network.immigration, of: broker))
    }

    private func refusal(of bytes: [UInt8]) async throws -> RecordedRefusal? {
        do {
            _ = try await submit(bytes)
            return nil
        } catch let refusal as RecordedRefusal {
            return refusal
        }
    }

    private func statement(_ receipt: Receipt) throws -> ReceiptStatement {
        try SignedStatement(receipt: receipt, catalogue: network.catalogue, signers: network.brokerCertificate)
            .statement
    }

    private func statistics() async throws -> StoreStatistics { try await store.statistics(at: network.now) }

    @Test func `a refused message leaves one leaf and nothing else, and its id can still be used`() async throws {
        var bad = draft()
        bad.header["hub"] = "id-1710.simpul"
        let refused = try #require(try await refusal(of: bad.envelope()))
        let statistics = try await statistics()
        #expect(statistics.messages == 0 && statistics.logSize == 1)
        #expect(store.leaves.map(\.record.octets) == [refused.receipt.token])
        bad.header["hub"] = "id-1709.simpul"
        #expect(try await submit(bad.envelope()).isRepeated == false)
    }

    @Test func `a refusal is signed and names code, stage, digest and the id that was read`() async throws {
        var bad = draft()
        bad.header["hub"] = "id-1710.simpul"
        let envelope = try bad.envelope()
        let said = try statement(#require(try await refusal(of: envelope)).receipt)
        #expect(said.rung == .refused && said.refusal?.code == .wrongHub && said.refusal?.stage == .validate)
        #expect(said.id == bad.id && said.sender == network.immigration.id)
        #expect(said.digest == SignedEnvelope.digest(ofUnparsed: envelope))
    }

    @Test func `garbage is refused with a receipt that names no id and no digest`() async throws {
        let said = try statement(#require(try await refusal(of: Array("garbage".utf8))).receipt)
        #expect(said.refusal?.code == .notJOSE && said.id == nil && said.digest == nil)
    }

    @Test func `an accepted message has one receipt, in the log at the leaf that it names`() async throws {
        let message = draft()
        let acceptance = try await submit(message.envelope())
        let said = try statement(acceptance.receipt)
        #expect(said.rung == .accepted && said.sequence == 0 && said.id == message.id)
        #expect(said.recipients.map(\.agency) == [network.police.id])
        #expect(store.leaves.map(\.record.octets) == [acceptance.receipt.token])
    }

    @Test func `the same digest again gets the same receipt and leaves nothing`() async throws {
        let envelope = try draft().envelope()
        let first = try await submit(envelope)
        let second = try await submit(envelope + Array("\r\n".utf8))
        #expect(second.receipt == first.receipt && second.isRepeated)
        #expect(try await statistics().logSize == 1)
        #expect(broker.counters.snapshot.repeated == 1)
    }

    @Test func `the same digest gets its receipt even when policy, roster and time have turned against it`()
        async throws
    {
        let envelope = try draft().envelope()
        let first = try await submit(envelope)
        let police = network.police.id
        let later = network.now.advanced(bySeconds: 40 * 86400)
        let harsher = try network.makeBroker(
            on: store,
            roster: network.roster { agency in
                if agency.id == police { agency.isActive = false }
                agency.certificates.removeAll { $0.use == .sign }
            },
            policy: Policy(rules: [], digest: network.openPolicy().digest), now: { later })
        let caller = try network.caller(network.immigration, of: harsher)
        #expect(try await harsher.intake.accept(envelope, from: caller).receipt == first.receipt)
    }

    @Test func `the same signing input under a broken signature is refused`() async throws {
        let envelope = try draft().envelope()
        _ = try await submit(envelope)
        var broken = envelope
        let index = broken.count - 20
        broken[index] = broken[index] == UInt8(ascii: "A") ? UInt8(ascii: "B") : UInt8(ascii: "A")
        #expect(try await refusal(of: broken)?.refusal.code == .signatureInvalid)
    }

    @Test func `the same content signed anew is the same message`() async throws {
        let message = draft()
        let first = try await submit(message.envelope())
        let second = try await submit(message.envelope())
        #expect(second.receipt == first.receipt && second.isRepeated)
    }

    @Test func `another content under the id of an accepted message conflicts and names both digests`() async throws {
        var message = draft()
        let first = try message.envelope()
        _ = try await submit(first)
        message.body["title"] = "CONTOH FIKTIF"
        let second = try message.envelope()
        let refused = try #require(try await refusal(of: second))
        #expect(refused.refusal.code == .idConflict)
        #expect(refused.refusal.conflict?.stored == SignedEnvelope.digest(ofUnparsed: first))
        #expect(refused.refusal.conflict?.submitted == SignedEnvelope.digest(ofUnparsed: second))
    }

    @Test func `two senders may use the same id`() async throws {
        let message = draft()
        var other = TestMessage(from: network.shelter, to: [network.police], at: network.now)
        other.header["id"] = message.header["id"]
        _ = try await submit(message.envelope())
        #expect(try await submit(other.envelope(), from: network.shelter).isRepeated == false)
    }

    @Test func `trouble with the disk is no refusal, and leaves nothing`() async throws {
        store.failWrites(with: StoreError(.unavailable, "disk full"))
        await #expect(throws: StoreError.self) { try await submit(draft().envelope()) }
        store.failWrites(with: nil)
        #expect(try await statistics().logSize == 0)
    }
}
