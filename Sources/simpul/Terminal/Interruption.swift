@preconcurrency import Dispatch
import Glibc

/// The end of a run by SIGINT or SIGTERM: its task is cancelled, so that connections are closed and commands that it has
/// started do not outlive it.
enum Interruption {
    static func cancelling<Value: Sendable>(_ body: @escaping @Sendable () async throws -> Value) async throws -> Value
    {
        let task = Task(operation: body)
        let sources = [SIGINT, SIGTERM].map { number in
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { task.cancel() }
            source.activate()
            return source
        }
        defer { for source in sources { source.cancel() } }
        return try await task.value
    }
}
