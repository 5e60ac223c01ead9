import NIOConcurrencyHelpers

/// Lets a test hold the writer inside its transaction.
final class Gate: Sendable {
    private let isOpen = ConditionLock(value: false)
    private let stream = AsyncStream.makeStream(of: Void.self)

    /// On the writer's thread: waits until the gate is open.
    func block() {
        stream.continuation.yield()
        isOpen.lock(whenValue: true)
        isOpen.unlock()
    }

    /// Returns once the writer stands at the gate.
    func blocked() async { _ = await stream.stream.first { true } }

    func open() {
        isOpen.lock()
        isOpen.unlock(withValue: true)
    }
}

/// Says once that something is over.
final class Flag: Sendable {
    private let value = NIOLockedValueBox(false)

    var isRaised: Bool { value.withLockedValue { $0 } }

    func raise() { value.withLockedValue { $0 = true } }
}
