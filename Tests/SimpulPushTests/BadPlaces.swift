import Dispatch
import NIOCore
import NIOPosix
import PushTesting
import SimpulTesting

@testable import SimpulPush

/// Takes connections and says nothing on them.
struct SilentListener {
    private let channel: any Channel

    var port: Int { channel.localAddress?.port ?? 0 }

    static func start() async throws -> SilentListener {
        SilentListener(
            channel: try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
                .bind(host: "127.0.0.1", port: 0).get())
    }

    func stop() async throws { try await channel.close().get() }
}

/// A name that is looked for until a test lets go of it.
final class SlowName: Sendable {
    static let shared = SlowName()

    private let gate = DispatchSemaphore(value: 0)

    func wait() { _ = gate.wait(timeout: .now() + 30) }

    func release() { for _ in 0..<8 { gate.signal() } }
}

extension PushFixture {
    /// A receiver where another one was.
    static func restart(
        _ port: Int, _ fixture: PushFixture,
        _ behave: @escaping @Sendable (PushReceiver.Request) -> PushReceiver.Behaviour
    ) async throws -> PushReceiver {
        let key = try fixture.freshReceiverKey()
        return try await PushReceiver.start(port: port, chainPEM: key.chain, keyPEM: key.key, behave)
    }
}
