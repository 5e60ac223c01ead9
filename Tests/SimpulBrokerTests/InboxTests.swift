import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

@Suite struct InboxTests {
    let network: TestNetwork
    let store = MemoryStore()
    let broker: Broker
    let look = Inbox.Request(wait: 0, max: 10, lease: 60)

    init() throws {
        network = try TestNetwork.shared.get()
        broker = try network.makeBroker(on: store)
    }

    @discardableResult
    private func send(to agency: TestAgency) async throws -> TestMessage {
        let message = TestMessage(from: network.immigration, to: [agency], at: network.now)
        _ = try await broker.intake.accept(message.envelope(), from: network.caller(network.immigration, of: broker))
        return message
    }

    private func receive(_ request: Inbox.Request, as agency: TestAgency) async throws -> [LeasedDelivery] {
        try await broker.inbox.receive(request, for: network.caller(agency, of: broker)).deliveries
    }

    private func acknowledge(
        _ delivery: LeasedDelivery, as agency: TestAgency, receipt: [UInt8]? = nil
    ) async throws -> Refusal? {
        do {
            try await broker.inbox.acknowledge(
                delivery.token, receipt: receipt, from: network.caller(agency, of: broker))
            return nil
        } catch let refusal as Refusal {
            return refusal
        }
    }

    /// A receipt of the police about a delivery, changed before it is signed.
    private func receipt(
        for delivery: LeasedDelivery, by agency: TestAgency, _ change: (inout ReceiptStatement) -> Void = { _ in }
    ) throws -> [UInt8] {
        var statement = ReceiptStatement(
            .opened, broker: broker.id, sender: delivery.key.sender, id: delivery.key.id,
            digest: SignedEnvelope.digest(ofUnparsed: delivery.envelope), at: network.now, agency: network.police.id,
            by: "duty-officer")
        change(&statement)
        return try agency.signing.receipt(statement).token
    }

    @Test func `an agency gets what is for it, once, and nobody else gets it`() async throws {
        let message = try await send(to: network.police)
        #expect(try await receive(look, as: network.shelter).isEmpty)
        let first = try await receive(look, as: network.police)
        #expect(first.map(\.key.id) == [message.id])
        #expect(try await receive(look, as: network.police).isEmpty)
    }

    @Test func `a waiting call is answered when a message comes`() async throws {
        let waiting = Task { try await receive(Inbox.Request(wait: 60, max: 1, lease: 60), as: network.police) }
        while broker.counters.snapshot.waiting == 0 { await Task.yield() }
        let message = try await send(to: network.police)
        #expect(try await waiting.value.map(\.key.id) == [message.id])
    }

    @Test func `a waiting call that is cancelled ends empty`() async throws {
        let waiting = Task { try await receive(Inbox.Request(wait: 60, max: 1, lease: 60), as: network.police) }
        while broker.counters.snapshot.waiting == 0 { await Task.yield() }
        waiting.cancel()
        #expect(try await waiting.value.isEmpty)
    }

    @Test func `a call that was cancelled before it looks leases nothing`() async throws {
        try await send(to: network.police)
        let waiting = Task {
            while !Task.isCancelled { await Task.yield() }
            return try await receive(look, as: network.police)
        }
        waiting.cancel()
        #expect(try await waiting.value.isEmpty)
        #expect(try await receive(look, as: network.police).map(\.attempt) == [1])
    }

    @Test func `an agency that is suspended while it waits gets nothing`() async throws {
        let waiting = Task { try await receive(Inbox.Request(wait: 60, max: 1, lease: 60), as: network.police) }
        while broker.counters.snapshot.waiting == 0 { await Task.yield() }
        let police = network.police.id
        let old = broker.rulebook.rules
        let roster = try network.roster { if $0.id == police { $0.isActive = false } }
        broker.rulebook.replace(with: Rulebook.Rules(roster: roster, policy: old.policy))
        // A message for a suspended agency is not accepted: this one comes in by the rules of before.
        let message = TestMessage(from: network.immigration, to: [network.police], at: network.now)
        let sender = try network.makeBroker(on: store)
        _ = try await sender.intake.accept(message.envelope(), from: network.caller(network.immigration, of: sender))
        let refusal = await #expect(throws: Refusal.self) { try await waiting.value }
        #expect(refusal?.code == .agencyInactive)
        broker.rulebook.replace(with: old)
        #expect(try await receive(look, as: network.police).map(\.attempt) == [1])
    }

    @Test func `a certificate that went to another agency renews no call`() throws {
        let caller = try network.caller(network.police, of: broker)
        let (police, shelter) = (network.police, network.shelter)
        let roster = try network.roster { agency in
            if agency.id == police.id { agency.certificates = [] }
            guard agency.id == shelter.id else { return }
            agency.certificates = police.listed.certificates.map { listed in
                RosterCertificate(agency: shelter.id, use: listed.use, certificate: listed.certificate)
            }
        }
        broker.rulebook.replace(with: Rulebook.Rules(roster: roster, policy: broker.rulebook.rules.policy))
        let refusal = #expect(throws: Refusal.self) { _ = try broker.authenticator.renew(caller) }
        #expect(refusal?.code == .agencyInactive)
    }

    @Test func `only the agency that leased can acknowledge, and may do so again`() async throws {
        try await send(to: network.police)
        let delivery = try #require(try await receive(look, as: network.police).first)
        #expect(try await acknowledge(delivery, as: network.shelter)?.code == .notFound)
        #expect(try await acknowledge(delivery, as: network.police) == nil)
        #expect(try await acknowledge(delivery, as: network.police) == nil)
    }

    @Test func `released deliveries are given out again with another token`() async throws {
        try await send(to: network.police)
        let first = try await receive(look, as: network.police)
        try await broker.inbox.release(Inbox.Answer(deliveries: first), of: network.caller(network.police, of: broker))
        let second = try await receive(look, as: network.police)
        #expect(second.map(\.attempt) == [2] && second.first?.token != first.first?.token)
        #expect(try await acknowledge(#require(first.first), as: network.police)?.code == .leaseExpired)
    }

    @Test func `the recipient's own receipt settles the delivery and shows to both parties`() async throws {
        let message = try await send(to: network.police)
        let delivery = try #require(try await receive(look, as: network.police).first)
        let opened = try receipt(for: delivery, by: network.police)
        #expect(try await acknowledge(delivery, as: network.police, receipt: opened) == nil)
        let sender = try network.caller(network.immigration, of: broker)
        let view = try JSONDocument(await broker.messages.sent(require(message.id), by: sender).bytes).root
        let rungs = try #require(view["recipients"]?.elements.first { _ in true }?["rungs"])
        #expect(rungs.elements.map { $0["rung"]?.string } == ["accepted", "delivered", "opened"])
        #expect(view["state"]?.string == "opened")
    }

    @Test func `a receipt of another agency, about another message, or that claims too much is refused`() async throws {
        try await send(to: network.police)
        let delivery = try #require(try await receive(look, as: network.police).first)
        let (police, shelter) = (network.police, network.shelter)
        let cases: [([UInt8], ErrorCode)] = [
            (Array("garbage".utf8), .notJOSE),
            (try receipt(for: delivery, by: shelter), .signerUnknown),
            (
                try receipt(for: delivery, by: police) {
                    $0.id = MessageID(version7At: network.now, random: SecureRandom.bytes(10))
                }, .senderMismatch
            ),
            (try receipt(for: delivery, by: police) { $0.digest = Digest(SHA256.hash([1])) }, .senderMismatch),
            (try receipt(for: delivery, by: police) { $0.agency = shelter.id }, .senderMismatch),
            (
                try receipt(for: delivery, by: police) {
                    $0.rung = .delivered; $0.by = nil
                }, .senderMismatch
            ),
        ]
        for (token, code) in cases {
            #expect(try await acknowledge(delivery, as: police, receipt: token)?.code == code)
        }
        #expect(try await acknowledge(delivery, as: police) == nil)
    }

    @Test func `a third party sees nothing of a message, a recipient only its own row`() async throws {
        let message = TestMessage(from: network.immigration, to: [network.police, network.protection], at: network.now)
        _ = try await broker.intake.accept(message.envelope(), from: network.caller(network.immigration, of: broker))
        let key = MessageKey(sender: network.immigration.id, id: try require(message.id))
        await #expect(throws: Refusal.notFound) {
            try await broker.messages.received(key, by: network.caller(network.shelter, of: broker))
        }
        await #expect(throws: Refusal.notFound) {
            try await broker.messages.sent(key.id, by: network.caller(network.police, of: broker))
        }
        let caller = try network.caller(network.police, of: broker)
        let view = try JSONDocument(await broker.messages.received(key, by: caller).bytes).root
        #expect(view["recipients"]?.elements.map { $0["agency"]?.string } == [network.police.id.description])
    }
}
