import NIOCore
import NIOEmbedded
import SimpulBroker
import Testing

@testable import SimpulPush

@Suite struct ConnectionPoolTests {
    private let pool = ConnectionPool(atMost: 2, idle: .seconds(30))
    private let endpoint: PushEndpoint

    init() throws { endpoint = try #require(PushEndpoint("https://id-1709.invalid/push")) }

    private func connection() async throws -> (PushConnection, NIOAsyncTestingChannel) {
        let channel = NIOAsyncTestingChannel()
        try await channel.connect(to: SocketAddress(unixDomainSocketPath: "/test"))
        let connection = PushConnection(channel: channel, receiver: Receiver(endpoint))
        pool.watch(connection, of: endpoint)
        return (connection, channel)
    }

    @Test func `a connection is kept once, however often it is used, and forgotten when it closes`() async throws {
        let (connection, channel) = try await connection()
        for _ in 0..<100 {
            pool.keep(connection, for: endpoint)
            #expect(pool.count == 1)
            #expect(pool.take(endpoint)?.channel === channel)
        }
        pool.keep(connection, for: endpoint)
        try await channel.close()
        await channel.testingEventLoop.run()
        #expect(pool.count == 0 && pool.take(endpoint) == nil)
    }

    @Test func `a connection that has closed before it is kept is not kept`() async throws {
        let (connection, channel) = try await connection()
        try await channel.close()
        await channel.testingEventLoop.run()
        pool.keep(connection, for: endpoint)
        #expect(pool.count == 0)
    }

    @Test func `one more than are kept is closed, and one that nobody uses, too`() async throws {
        var channels: [NIOAsyncTestingChannel] = []
        for _ in 0..<3 {
            let (connection, channel) = try await connection()
            pool.keep(connection, for: endpoint)
            await channel.testingEventLoop.run()
            channels.append(channel)
        }
        #expect(channels.map(\.isActive) == [true, true, false] && pool.count == 2)
        for channel in channels { await channel.testingEventLoop.advanceTime(by: .seconds(31)) }
        #expect(channels.allSatisfy { !$0.isActive } && pool.count == 0)
    }
}
