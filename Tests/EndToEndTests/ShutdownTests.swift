import SimpulClient
import SimpulCore
import Testing

@Suite struct ShutdownTests {
    @Test(.timeLimit(.minutes(1)))
    func `SIGTERM ends the daemon within five seconds, with open connections and long polls`() async throws {
        let hub = try await RunningHub()
        try await hub.start()
        let idle = try hub.agency("id-1709.imigrasi")
        _ = try await idle.hub.whoami()
        let polls = try (0..<8).map { _ in try hub.agency("id-1709.polres.ppa") }
        let waiting = polls.map { agency in
            Task { try? await agency.hub.inbox(InboxRequest(wait: 60, max: 1, lease: 60)) }
        }
        // Answered only after the polls' connections were opened, because each of them asks first.
        for agency in polls { _ = try await agency.hub.whoami() }
        #expect(await hub.terminate(within: .seconds(5)) == 0)
        for task in waiting { _ = await task.value }
        for agency in polls + [idle] { await agency.hub.close() }
    }
}
