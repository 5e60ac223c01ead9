import Logging
import PushTesting
import SimpulBroker
import SimpulCore
import SimpulTesting
import Testing

@testable import SimpulPush

/// What a change of the roster does to pushing.
@Suite struct PushServiceTests {
    @Test func `the roster begins, moves and ends pushing`() async throws {
        let fixture = try PushFixture()
        let police = fixture.network.police
        let (first, second) = (try await fixture.receiver(acknowledging), try await fixture.receiver(acknowledging))
        let service = PushService(
            broker: fixture.broker, transport: fixture.transport,
            logger: Logger(label: "test") { [log = fixture.log] _ in log })
        let task = Task { await service.run() }
        let before = try await fixture.submit(to: [police])
        try fixture.list([police.id: fixture.endpoint(first)])
        try await fixture.wait(for: .acknowledged, of: before, at: police)
        try fixture.list([police.id: fixture.endpoint(second)])
        try await fixture.waitUntil { second.connections == 0 && fixture.broker.pushBoard[police.id]?.settled == 0 }
        let moved = try await fixture.submit(to: [police])
        try await fixture.wait(for: .acknowledged, of: moved, at: police)
        #expect(first.requests.count == 1 && second.requests.count == 1)
        try fixture.list([:])
        try await fixture.waitUntil { fixture.broker.pushBoard[police.id] == nil }
        let after = try await fixture.submit(to: [police])
        #expect(try await fixture.store.state(of: after)?.deliveries.first?.state == .waiting)
        try fixture.list([police.id: fixture.endpoint(first)])
        try await fixture.wait(for: .acknowledged, of: after, at: police)
        task.cancel()
        await task.value
        #expect(fixture.broker.pushBoard.snapshot.isEmpty && fixture.transport.kept == 0)
        try await first.stop()
        try await second.stop()
    }

    @Test func `an agency that is suspended gets nothing more`() async throws {
        let fixture = try PushFixture()
        let police = fixture.network.police
        let receiver = try await fixture.receiver { _ in .hang }
        let endpoint = try fixture.endpoint(receiver)
        try fixture.list([police.id: endpoint])
        let service = PushService(
            broker: fixture.broker, transport: fixture.transport,
            logger: Logger(label: "test") { [log = fixture.log] _ in log })
        let task = Task { await service.run() }
        let key = try await fixture.submit(to: [police])
        try await receiver.waits(for: 1)
        let roster = try fixture.network.roster { agency in
            guard agency.id == police.id else { return }
            (agency.push, agency.isActive) = (endpoint, false)
        }
        fixture.broker.rulebook.replace(
            with: Rulebook.Rules(roster: roster, policy: fixture.broker.rulebook.rules.policy))
        try await fixture.wait(for: .waiting, of: key, at: police)
        #expect(receiver.requests.count == 1)
        task.cancel()
        await task.value
        try await receiver.stop()
    }
}

extension PushFixture {
    /// Returns once that holds; records an issue where it does not within a while.
    func waitUntil(_ condition: () -> Bool) async throws {
        let deadline = ContinuousClock.now.advanced(by: .seconds(Self.patience))
        while ContinuousClock.now < deadline {
            if condition() { return }
            try await Task.sleep(for: .milliseconds(2))
        }
        Issue.record("what was waited for has not come")
    }
}
