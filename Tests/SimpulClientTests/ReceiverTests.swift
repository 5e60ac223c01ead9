import SimpulCore
import SimpulEnvelope
import SimpulTesting
import Testing

@testable import SimpulClient

@Suite struct ReceiverTests {
    let fixture: ClientFixture

    init() throws { fixture = try ClientFixture() }

    private func receiver(_ hub: ScriptedHub, known: KnownKeys? = nil) throws -> Receiver {
        let (network, now) = (fixture.network, fixture.now)
        return Receiver(
            hub: hub, incoming: try fixture.incoming(network.police), known: known ?? fixture.known,
            seen: try SeenMessages(file: fixture.folder + "/seen"),
            check: { ReceiptCheck(hub: network.broker.agency, known: $0, catalogue: network.catalogue) }, now: { now })
    }

    private func delivery(token: String = "q0uB5kYtYdM3xJ8mO1vWqA", of message: TestMessage? = nil) throws -> Delivery {
        let message =
            message ?? TestMessage(from: fixture.network.immigration, to: [fixture.network.police], at: fixture.now)
        let envelope = try message.envelope()
        return Delivery(
            token: token, id: try require(message.id), sender: message.sender.id, attempt: 1, envelope: envelope,
            receipt: try fixture.accepted(envelope))
    }

    @Test func `what is not believed is handed to nobody and not acknowledged`() async throws {
        let hub = ScriptedHub()
        var receiver = try receiver(hub, known: fixture.known([fixture.network.shelter]))
        var handed = 0
        let outcome = try await receiver.receive(try delivery(), acknowledging: true) { _ in
            handed += 1
            return true
        }
        #expect(outcome == .distrusted(.signerUnknown))
        #expect(handed == 0 && hub.acknowledged.isEmpty)
    }

    @Test func `what was not handled is not acknowledged`() async throws {
        let hub = ScriptedHub()
        var receiver = try receiver(hub)
        let outcome = try await receiver.receive(try delivery(), acknowledging: true) { _ in false }
        #expect(outcome == .left && hub.acknowledged.isEmpty)
    }

    @Test func `nothing is acknowledged without being asked to`() async throws {
        let hub = ScriptedHub()
        var receiver = try receiver(hub)
        let outcome = try await receiver.receive(try delivery(), acknowledging: false) { _ in true }
        #expect(outcome == .left && hub.acknowledged.isEmpty)
    }

    @Test func `a repeat is acknowledged and handed to nobody, also by a later process`() async throws {
        let hub = ScriptedHub()
        let message = TestMessage(from: fixture.network.immigration, to: [fixture.network.police], at: fixture.now)
        var first = try receiver(hub)
        #expect(try await first.receive(try delivery(of: message), acknowledging: true) { _ in true } == .acknowledged)
        var handed = 0
        var second = try receiver(hub)
        let again = try delivery(token: "AAAAAAAAAAAAAAAAAAAAAA", of: message)
        let outcome = try await second.receive(again, acknowledging: true) { _ in
            handed += 1
            return true
        }
        #expect(outcome == .repeated && handed == 0)
        #expect(hub.acknowledged == ["q0uB5kYtYdM3xJ8mO1vWqA", "AAAAAAAAAAAAAAAAAAAAAA"])
    }

    @Test func `the same id of another sender is news`() async throws {
        let hub = ScriptedHub()
        var receiver = try receiver(hub)
        let one = TestMessage(from: fixture.network.immigration, to: [fixture.network.police], at: fixture.now)
        var other = TestMessage(from: fixture.network.shelter, to: [fixture.network.police], at: fixture.now)
        other.header["id"] = one.header["id"]
        for message in [one, other] {
            #expect(
                try await receiver.receive(try delivery(of: message), acknowledging: true) { _ in true }
                    == .acknowledged)
        }
    }

    @Test func `a rung of our own message is shown where the broker signed it`() async throws {
        let hub = ScriptedHub()
        var receiver = try receiver(hub)
        let id = MessageID(version7At: fixture.now, random: [UInt8](repeating: 1, count: 10))
        let receipt = try fixture.network.broker.receipt(
            ReceiptStatement(
                .delivered, broker: fixture.network.broker.agency, sender: fixture.network.police.id, id: id,
                digest: Digest(octets: [UInt8](repeating: 0, count: 32)), at: fixture.now,
                agency: fixture.network.shelter.id))
        let delivery = Delivery(
            token: "q0uB5kYtYdM3xJ8mO1vWqA", id: id, sender: nil, attempt: 1, envelope: nil, receipt: receipt)
        var rungs: [Rung] = []
        let outcome = try await receiver.receive(delivery, acknowledging: true) { news in
            if case .rung(let statement) = news { rungs.append(statement.rung) }
            return true
        }
        #expect(outcome == .acknowledged && rungs == [.delivered])
    }

    @Test func `the memory of what was handled is bounded`() throws {
        var seen = try SeenMessages(file: fixture.folder + "/few", most: 4)
        let keys = (0..<9).map { number in
            MessageKey(
                sender: fixture.network.police.id,
                id: MessageID(version7At: fixture.now, random: [UInt8](repeating: UInt8(number), count: 10)))
        }
        for key in keys { try seen.insert(key) }
        let read = try SeenMessages(file: fixture.folder + "/few", most: 4)
        #expect(keys.filter(read.contains).count <= 4)
        #expect(read.contains(keys[8]) && !read.contains(keys[0]))
    }
}
