import Hummingbird
import Logging
import NIOCore
import NIOEmbedded
import SimpulBroker
import SimpulTesting
import Testing

@testable import SimpulServer

@Suite struct InboxRouteTests {
    private let network: TestNetwork
    private let broker: Broker
    private let channel = NIOAsyncTestingChannel()
    private let connection: Connection

    init() async throws {
        network = try TestNetwork.shared.get()
        broker = try network.makeBroker(on: MemoryStore())
        let connection = Connection(eventLoop: channel.eventLoop)
        self.connection = connection
        try await channel.testingEventLoop.executeInContext { [channel] in
            try channel.pipeline.syncOperations.addHandler(ConnectionObserver(connection))
        }
        try await channel.connect(to: SocketAddress(unixDomainSocketPath: "/test"))
        connection.requestBegan()
    }

    private func fetch() async throws -> Response {
        let head = HTTPRequest(method: .get, scheme: "https", authority: "hub", path: "/v1/inbox")
        let call = Call(
            request: Request(head: head, body: RequestBody(buffer: ByteBuffer())), target: RequestTarget("/v1/inbox"),
            values: [], caller: try network.caller(network.police, of: broker), connection: connection,
            trace: "", parameters: [], noted: [:])
        let route = InboxRoute(
            inbox: broker.inbox, limits: broker.limits, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        return try await route.handle(call)
    }

    @Test func `leases of an answer whose head is never written are given back`() async throws {
        let message = TestMessage(from: network.immigration, to: [network.police], at: network.now)
        _ = try await broker.intake.accept(message.envelope(), from: network.caller(network.immigration, of: broker))
        #expect(try await fetch().status == .ok)
        connection.closed()
        await channel.testingEventLoop.run()
        await connection.makeAmends()
        let again = try await broker.inbox.receive(
            Inbox.Request(wait: 0, max: 1, lease: 60), for: network.caller(network.police, of: broker))
        #expect(again.deliveries.map(\.attempt) == [2])
    }
}
