import Logging
import NIOCore
import NIOEmbedded
import SimpulBroker
import SimpulTesting
import Testing

@testable import SimpulServer

@Suite struct HandshakeTests {
    private let broker: Broker
    private let channel: EmbeddedChannel

    init() throws {
        broker = try TestNetwork.shared.get().makeBroker(on: MemoryStore())
        let handshake = Handshake(
            tls: .makeClientConfiguration(), seconds: 10, rulebook: broker.rulebook,
            connections: AgencyConnections(atMost: 10), counters: broker.counters,
            now: broker.now, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        channel = EmbeddedChannel()
        let connection = Connection(eventLoop: channel.eventLoop)
        try channel.pipeline.syncOperations.addHandler(
            HandshakeObserver(handshake: handshake, connection: connection))
        try channel.connect(to: SocketAddress(unixDomainSocketPath: "/test")).wait()
    }

    @Test func `a silent connection is closed before long, and counted`() {
        channel.pipeline.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
        channel.embeddedEventLoop.advanceTime(by: .seconds(9))
        #expect(channel.isActive)
        channel.embeddedEventLoop.advanceTime(by: .seconds(2))
        #expect(!channel.isActive)
        #expect(broker.counters.snapshot.handshakesRefused == ["tooSlow": 1])
    }

    @Test func `a connection whose handshake has ended may be silent`() {
        channel.pipeline.fireUserInboundEventTriggered("an event of TLS")
        channel.embeddedEventLoop.advanceTime(by: .seconds(20))
        #expect(channel.isActive)
        #expect(broker.counters.snapshot.handshakesRefused.isEmpty)
    }
}
