import JOSE
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import Testing

@testable import SimpulClient

@Suite struct ReceiverTests {
    let fixture: ClientFixture

    init() throws { fixture = try ClientFixture() }

    private func receiver(
        _ hub: ScriptedHub, known: KnownKeys? = nil, sent: [MessageID: Digest] = [:], got: [MessageKey: Digest] = [:]
    ) throws -> Receiver {
        let (network, now) = (fixture.network, fixture.now)
        return Receiver(
            hub: hub, incoming: try fixture.incoming(network.police), known: known ?? fixture.known,
            seen: try SeenMessages(file: fixture.folder + "/seen"),
            check: { ReceiptCheck(hub: network.broker.agency, known: $0, catalogue: network.catalogue) },
            sent: { sent[$0] }, got: { got[$0] }, now: { now })
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

    private var id: MessageID { MessageID(version7At: fixture.now, random: [UInt8](repeating: 1, count: 10)) }
    private var digest: Digest { Digest(SHA256.hash([0])) }

    /// What becomes of a rung of a message that the police sent to the shelter.
    private func outcome(
        _ rung: Rung, by role: String? = nil, signer: SigningIdentity,
        _ change: (inout ReceiptStatement) -> Void = { _ in }
    ) async throws -> Receiver.Outcome {
        var statement = ReceiptStatement(
            rung, broker: fixture.network.broker.agency, sender: fixture.network.police.id, id: id, digest: digest,
            at: fixture.now, agency: fixture.network.shelter.id, by: role)
        change(&statement)
        var receiver = try receiver(ScriptedHub(), sent: [id: digest])
        let delivery = Delivery(
            token: "q0uB5kYtYdM3xJ8mO1vWqA", id: id, sender: nil, attempt: 1, envelope: nil,
            receipt: try signer.receipt(statement))
        return try await receiver.receive(delivery, acknowledging: true) { _ in true }
    }

    /// What becomes of a receipt about a message that the shelter sent to the police, and what is shown of it.
    private func recall(
        _ rung: Rung = .recalled, signer: SigningIdentity? = nil, to agency: TestAgency? = nil, got: Digest? = nil
    ) async throws -> (outcome: Receiver.Outcome, shown: [ReceiptStatement]) {
        let network = fixture.network
        let statement = ReceiptStatement(
            rung, broker: network.broker.agency, sender: network.shelter.id, id: id, digest: digest, at: fixture.now,
            agency: (agency ?? network.police).id, cause: rung == .recalled ? .consentWithdrawn : nil,
            answerBy: rung == .recalled ? fixture.now.advanced(bySeconds: 60) : nil)
        let key = MessageKey(sender: network.shelter.id, id: id)
        var receiver = try receiver(ScriptedHub(), got: got.map { [key: $0] } ?? [:])
        let delivery = Delivery(
            token: "q0uB5kYtYdM3xJ8mO1vWqA", id: id, sender: nil, attempt: 1, envelope: nil,
            receipt: try (signer ?? network.broker).receipt(statement))
        var shown: [ReceiptStatement] = []
        let outcome = try await receiver.receive(delivery, acknowledging: true) { news in
            if case .recall(let statement) = news { shown.append(statement) }
            return true
        }
        return (outcome, shown)
    }

    @Test func `a recall of what others have sent is believed of the broker alone, about us and what we got`()
        async throws
    {
        let network = fixture.network
        let refused: [(Receiver.Outcome, Distrust)] = [
            (try await recall(signer: network.shelter.signing).outcome, .receiptInvalid),
            (try await recall(.delivered).outcome, .receiptInvalid),
            (try await recall(to: network.protection).outcome, .receiptOfAnother),
            (try await recall(got: Digest(SHA256.hash([1]))).outcome, .receiptOfAnother),
        ]
        for (outcome, distrust) in refused { #expect(outcome == .distrusted(distrust)) }
        for got in [nil, digest] {
            let (outcome, shown) = try await recall(got: got)
            #expect(outcome == .acknowledged)
            #expect(shown.map(\.cause) == [.consentWithdrawn])
            #expect(shown.map(\.answerBy) == [fixture.now.advanced(bySeconds: 60)])
        }
    }

    @Test func `the broker cannot say that a person of the recipient has read or acknowledged`() async throws {
        let broker = fixture.network.broker
        #expect(try await outcome(.opened, by: "duty-officer", signer: broker) == .distrusted(.receiptInvalid))
        #expect(try await outcome(.acknowledged, by: "duty-officer", signer: broker) == .distrusted(.receiptInvalid))
        #expect(try await outcome(.acknowledged, by: "system", signer: broker) == .acknowledged)
    }

    @Test func `a recipient's own step is believed, that of another agency or of the broker is not`() async throws {
        let (shelter, police) = (fixture.network.shelter.signing, fixture.network.police.signing)
        #expect(try await outcome(.opened, by: "duty-officer", signer: shelter) == .acknowledged)
        #expect(try await outcome(.opened, by: "duty-officer", signer: police) == .distrusted(.receiptInvalid))
        #expect(try await outcome(.delivered, signer: shelter) == .distrusted(.receiptInvalid))
    }

    @Test(arguments: ["sender", "digest", "id"])
    func `a rung of a message that is not the one we sent is not believed`(member: String) async throws {
        let other = fixture.network.immigration.id
        let outcome = try await outcome(.delivered, signer: fixture.network.broker) { statement in
            switch member {
            case "sender": statement.sender = other
            case "digest": statement.digest = Digest(SHA256.hash([1]))
            default:
                statement.id = MessageID(version7At: statement.at, random: [UInt8](repeating: 2, count: 10))
            }
        }
        #expect(outcome == .distrusted(.receiptOfAnother))
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
