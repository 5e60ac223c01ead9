internal import NIOConcurrencyHelpers
public import SimpulCore

/// Wakes those who wait for an agency's deliveries, within one process. A store rings it after each commit that made a
/// delivery wait.
///
/// Rings are merged: a waiter that has not looked since the last one holds one signal, however often it rang. A waiter
/// costs one small buffer, from the call of ``changes(for:)`` until its stream is dropped or its task is cancelled.
public final class Doorbell: Sendable {
    private struct Waiters {
        var streams: [AgencyID: [UInt64: AsyncStream<Void>.Continuation]] = [:]
        var next: UInt64 = 0
    }

    private let waiters = NIOLockedValueBox(Waiters())

    /// A doorbell that nobody listens to yet.
    public init() {}

    /// Signals each ring for that agency from now on. One task may iterate it, once.
    public func changes(for agency: AgencyID) -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = waiters.withLockedValue { waiters in
            waiters.next += 1
            waiters.streams[agency, default: [:]][waiters.next] = continuation
            return waiters.next
        }
        continuation.onTermination = { [weak self] _ in self?.remove(number, of: agency) }
        return stream
    }

    /// Signals everybody who waits for one of those agencies.
    public func ring(_ agencies: some Sequence<AgencyID>) {
        let ringing = waiters.withLockedValue { waiters in
            agencies.flatMap { waiters.streams[$0].map { Array($0.values) } ?? [] }
        }
        for continuation in ringing { continuation.yield() }
    }

    /// How many wait for that agency now.
    public func waiting(for agency: AgencyID) -> Int {
        waiters.withLockedValue { $0.streams[agency]?.count ?? 0 }
    }

    private func remove(_ number: UInt64, of agency: AgencyID) {
        waiters.withLockedValue { waiters in
            waiters.streams[agency]?[number] = nil
            if waiters.streams[agency]?.isEmpty == true { waiters.streams[agency] = nil }
        }
    }
}
