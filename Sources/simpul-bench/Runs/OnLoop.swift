import NIOCore

/// An object that lives on one event loop, seen from outside of it.
struct OnLoop<Object: ExchangeUser & SendableMetatype>: Sendable {
    let loop: any EventLoop
    private let bound: NIOLoopBound<Object>

    /// Makes the object there.
    init(_ loop: any EventLoop, _ make: @escaping @Sendable () -> Object) async throws {
        self.loop = loop
        bound = try await loop.submit { NIOLoopBound(make(), eventLoop: loop) }.get()
    }

    /// Does something with it there.
    func run<Value: Sendable>(_ body: @escaping @Sendable (Object) -> Value) async throws -> Value {
        try await loop.submit { body(bound.value) }.get()
    }

    /// Opens connections of its own.
    func open(_ count: Int, by connector: Connector) async throws -> NIOLoopBound<[Exchange]> {
        let user = try await loop.submit { NIOLoopBound<any ExchangeUser>(bound.value, eventLoop: loop) }.get()
        return try await connector.open(count, for: user, on: loop)
    }
}

extension OnLoop where Object: PushUser {
    /// Listens for what is pushed to it.
    func listen(as identity: PushReceiver.Identity) async throws -> PushReceiver {
        let user = try await loop.submit { NIOLoopBound<any PushUser>(bound.value, eventLoop: loop) }.get()
        return try await PushReceiver(identity, for: user, on: loop)
    }
}
