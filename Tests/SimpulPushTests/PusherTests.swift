import JOSE
import NIOConcurrencyHelpers
import PushTesting
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

@testable import SimpulPush

/// Whole pushes: a broker, its store, TLS, and receivers good and bad side by side.
@Suite struct PusherTests {
    /// A bad receiver for the police and a good one for the protection unit: the first fails with that code, and the
    /// second gets its messages meanwhile.
    private func require(
        _ failure: PushFailure, from behave: @escaping @Sendable (PushReceiver.Request) -> PushReceiver.Behaviour
    ) async throws {
        let fixture = try PushFixture { bounds in if failure == .timeout { bounds.attempt = .milliseconds(500) } }
        let (police, protection) = (fixture.network.police, fixture.network.protection)
        let bad = try await fixture.receiver(behave)
        let good = try await fixture.receiver(acknowledging)
        try fixture.list([police.id: fixture.endpoint(bad), protection.id: fixture.endpoint(good)])
        try await fixture.pushing(to: [police, protection]) {
            let both = try await fixture.submit(to: [police, protection])
            let another = try await fixture.submit(to: [protection])
            for key in [both, another] { try await fixture.wait(for: .acknowledged, of: key, at: protection) }
            try await fixture.waitForFailures(3, at: police)
            let row = try #require(fixture.broker.pushBoard[police.id])
            #expect(row.lastOutcome == failure.rawValue && row.settled == 0)
            #expect(Set(row.failed.keys) == [failure.rawValue])
            #expect(fixture.broker.pushBoard[protection.id]?.settled == 2)
            let state = try #require(await fixture.store.state(of: both)?.deliveries.first)
            #expect(!state.state.isSettled && state.standing.failures >= 1)
        }
        #expect(fixture.log.text.contains("reason=\(failure.rawValue)"))
        #expect(fixture.log.text.contains("agency=\(police.id)") && fixture.log.text.contains("attempt=1"))
        for request in bad.requests {
            #expect(!fixture.log.text.contains(request.headers["simpul-delivery"] ?? "?"))
            #expect(!fixture.log.text.contains(request.body.prefix(40)))
        }
        try await bad.stop()
        try await good.stop()
    }

    @Test func `a receiver that hangs`() async throws { try await require(.timeout) { _ in .hang } }
    @Test func `a receiver that resets`() async throws { try await require(.connectionLost) { _ in .drop } }
    @Test func `a receiver that answers 500`() async throws { try await require(.status) { _ in .answer(500) } }
    @Test func `a receiver that answers 202`() async throws { try await require(.status) { _ in .answer(202) } }
    @Test func `a receiver that talks garbage`() async throws {
        try await require(.answerMalformed) { _ in .raw("garbage\r\n\r\n") }
    }
    @Test func `a receiver that never ends`() async throws {
        try await require(.answerTooLarge) { _ in
            .endless(
                "HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\n\r\n", then: String(repeating: "x", count: 9999))
        }
    }
    @Test func `a receiver that stops in the middle`() async throws { try await require(.timeout) { _ in .headOnly } }
    @Test func `a receiver that writes an octet now and then`() async throws {
        try await require(.timeout) { _ in .trickle("HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n") }
    }
    @Test func `a captive portal`() async throws {
        try await require(.ackMissing) { _ in .answer(200, [("Content-Type", "text/html")], "<h1>Wi-Fi</h1>") }
    }
    @Test func `a receiver that leads elsewhere`() async throws {
        try await require(.redirected) { _ in .answer(302, [("Location", "https://masuk.example/")]) }
    }
    @Test func `a receiver that acknowledges something else`() async throws {
        try await require(.ackMismatch) { request in
            .answer(200, [("Simpul-Ack", ackDigest(of: request.body + ".more"))])
        }
    }
    @Test func `a receiver whose receipt is none`() async throws {
        try await require(.receiptRefused) { _ in .answer(200, [("Content-Type", "application/jose")], "a.b.c") }
    }
    @Test func `a receiver that cannot take the message`() async throws {
        try await require(.deliveryRefused) { _ in .answer(422) }
    }
    @Test func `a receiver that asks for time`() async throws {
        try await require(.status) { _ in .answer(503, [("Retry-After", "1")]) }
    }

    @Test func `an acknowledged message is settled by the broker's word, and comes once`() async throws {
        let fixture = try PushFixture()
        let police = fixture.network.police
        let receiver = try await fixture.receiver(acknowledging)
        try fixture.list([police.id: fixture.endpoint(receiver)])
        try await fixture.pushing(to: [police]) {
            var keys: [MessageKey] = []
            for _ in 0..<10 { keys.append(try await fixture.submit(to: [police])) }
            for key in keys { try await fixture.wait(for: .acknowledged, of: key, at: police) }
            let rungs = try #require(await fixture.store.state(of: keys[0])?.deliveries.first?.rungs)
            #expect(rungs.map(\.rung) == [.delivered, .acknowledged])
        }
        #expect(receiver.requests.count == 10 && Set(receiver.requests.map(\.body)).count == 10)
        #expect(fixture.broker.pushBoard[police.id] == nil, "nobody pushes any more")
        try await receiver.stop()
    }

    @Test func `what a receiver has makes room at once, however slow the store is`() async throws {
        let fixture = try PushFixture()
        let police = fixture.network.police
        let receiver = try await fixture.receiver(acknowledging)
        try fixture.list([police.id: fixture.endpoint(receiver)])
        let (disk, isBack) = AsyncStream<Void>.makeStream()
        fixture.store.settleOnly { for await _ in disk {} }
        try await fixture.pushing(to: [police]) {
            var keys: [MessageKey] = []
            // More than the largest window: each but the first ones goes out because one before it is with the receiver.
            for _ in 0..<10 { keys.append(try await fixture.submit(to: [police])) }
            try await receiver.waits(for: 10)
            for key in keys { try await fixture.wait(for: .pushing, of: key, at: police) }
            #expect(fixture.broker.pushBoard[police.id]?.settled == 0)
            isBack.finish()
            for key in keys { try await fixture.wait(for: .acknowledged, of: key, at: police) }
        }
        #expect(receiver.requests.count == 10)
        try await receiver.stop()
    }

    @Test func `a signed receipt settles with the rung that it says`() async throws {
        let fixture = try PushFixture()
        let police = fixture.network.police
        let receiver = try await fixture.receiver { request in
            let token = try? receipt(.opened, for: request.body, from: police, in: fixture.network)
            return .answer(200, [("Content-Type", "application/jose")], token ?? "none")
        }
        try fixture.list([police.id: fixture.endpoint(receiver)])
        try await fixture.pushing(to: [police]) {
            let key = try await fixture.submit(to: [police])
            try await fixture.wait(for: .opened, of: key, at: police)
        }
        try await receiver.stop()
    }

    @Test func `another agency's receipt settles nothing`() async throws {
        let network = try TestNetwork.shared.get()
        try await require(.receiptRefused) { request in
            let token = try? receipt(.opened, for: request.body, from: network.shelter, in: network)
            return .answer(200, [("Content-Type", "application/jose")], token ?? "none")
        }
    }

    @Test func `a receiver that was down gets everything when it is back, and its breaker closes`() async throws {
        let fixture = try PushFixture()
        let police = fixture.network.police
        let receiver = try await fixture.receiver(acknowledging)
        let endpoint = try fixture.endpoint(receiver)
        try await receiver.stop()
        try fixture.list([police.id: endpoint])
        try await fixture.pushing(to: [police]) {
            var keys: [MessageKey] = []
            for _ in 0..<6 { keys.append(try await fixture.submit(to: [police])) }
            try await fixture.waitForFailures(5, at: police)
            #expect(fixture.log.text.contains("Pushing rests"))
            let again = try await PushFixture.restart(endpoint.port, fixture, acknowledging)
            for key in keys { try await fixture.wait(for: .acknowledged, of: key, at: police) }
            let row = try #require(fixture.broker.pushBoard[police.id])
            #expect(row.breakerOpenUntil == nil && row.consecutiveFailures == 0 && row.lastOutcome == "settled")
            #expect(again.requests.count == 6)
            try await again.stop()
        }
    }

    @Test func `a message that cannot be taken holds up no other of the same agency`() async throws {
        let fixture = try PushFixture()
        let police = fixture.network.police
        let poison = NIOLockedValueBox<String?>(nil)
        let receiver = try await fixture.receiver { request in
            let isPoison = poison.withLockedValue { first in
                first = first ?? request.body
                return first == request.body
            }
            return isPoison ? .answer(422) : acknowledging(request)
        }
        try fixture.list([police.id: fixture.endpoint(receiver)])
        try await fixture.pushing(to: [police]) {
            _ = try await fixture.submit(to: [police])
            try await fixture.waitForFailures(6, at: police)
            #expect(fixture.broker.pushBoard[police.id]?.breakerOpenUntil == nil)
            let key = try await fixture.submit(to: [police])
            try await fixture.wait(for: .acknowledged, of: key, at: police)
        }
        try await receiver.stop()
    }

    @Test func `what is on its way when the broker stops waits again at once`() async throws {
        let fixture = try PushFixture()
        let police = fixture.network.police
        let receiver = try await fixture.receiver { _ in .hang }
        try fixture.list([police.id: fixture.endpoint(receiver)])
        var key: MessageKey?
        try await fixture.pushing(to: [police]) {
            let sent = try await fixture.submit(to: [police])
            key = sent
            try await receiver.waits(for: 1)
            try await fixture.wait(for: .pushing, of: sent, at: police)
        }
        let sent = try #require(key)
        let standing = try #require(await fixture.store.state(of: sent)?.deliveries.first?.standing)
        #expect(standing.state == .waiting && standing.failures == 0)
        try await receiver.stop()
    }

    @Test func `rungs are not pushed, and who fetches shares the leases`() async throws {
        let fixture = try PushFixture()
        let network = fixture.network
        let receiver = try await fixture.receiver(acknowledging)
        let endpoint = try fixture.endpoint(receiver)
        try fixture.list([network.immigration.id: endpoint, network.police.id: endpoint])
        try await fixture.pushing(to: [network.immigration, network.police]) {
            let key = try await fixture.submit(to: [network.police])
            try await fixture.wait(for: .acknowledged, of: key, at: network.police)
            let request = Inbox.Request(wait: 0, max: 10, lease: 60)
            let caller = try network.caller(network.immigration, of: fixture.broker)
            let told = try await fixture.broker.inbox.receive(request, for: caller)
            #expect(told.rungs.count == 2 && told.deliveries.isEmpty)
            let other = try network.caller(network.police, of: fixture.broker)
            #expect(try await fixture.broker.inbox.receive(request, for: other).isEmpty)
        }
        #expect(receiver.requests.count == 1)
        try await receiver.stop()
    }

    @Test func `an open breaker is the reason that the sender is shown`() async throws {
        let fixture = try PushFixture()
        let police = fixture.network.police
        let receiver = try await fixture.receiver(acknowledging)
        let endpoint = try fixture.endpoint(receiver)
        try await receiver.stop()
        try fixture.list([police.id: endpoint])
        let slow = PushDestination.Settings(
            windowFirst: 2, windowMost: 2, failures: 1, breaker: 3_600_000...3_600_000, backoff: 1...1, pauseMost: 1)
        let task = Task { await fixture.pusher(police, settings: slow).run() }
        let key = try await fixture.submit(to: [police])
        try await fixture.wait(for: .backingOff, of: key, at: police)
        let caller = try fixture.network.caller(fixture.network.immigration, of: fixture.broker)
        let view = try await fixture.broker.messages.sent(key.id, by: caller).text
        #expect(view.contains(#""reason":"breaker-open""#), "\(view)")
        task.cancel()
        await task.value
    }
}

extension PushFixture {
    /// Returns once pushing to an agency has failed so often; throws where it does not within a while.
    func waitForFailures(_ count: Int, at agency: TestAgency) async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(Self.patience))
        while ContinuousClock.now < deadline {
            let failed = broker.pushBoard[agency.id]?.failed.values.reduce(0, +) ?? 0
            if failed >= count { return }
            try await Task.sleep(for: .milliseconds(2))
        }
        Issue.record("pushing does not fail")
    }
}

/// A recipient's own receipt for the message in an envelope.
private func receipt(
    _ rung: Rung, for envelope: String, from agency: TestAgency, in network: TestNetwork
) throws -> String {
    let digest = try #require(SignedEnvelope.digest(ofUnparsed: Array(envelope.utf8)))
    let payload = try #require(Base64URL.decode(Array(envelope.split(separator: ".")[1].utf8)))
    let document = try JSONDocument(Deflate.inflate(payload[...], limit: 1 << 20))
    let id = try #require(document.root["header"]?["id"]?.string.flatMap { MessageID($0) })
    let statement = ReceiptStatement(
        rung, broker: network.broker.agency, sender: network.immigration.id, id: id, digest: digest,
        at: network.now, agency: agency.id, by: "petugas-piket")
    return String(decoding: try agency.signing.receipt(statement).token, as: UTF8.self)
}
