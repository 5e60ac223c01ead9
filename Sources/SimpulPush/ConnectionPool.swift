internal import NIOConcurrencyHelpers
internal import NIOCore
internal import SimpulBroker

/// A connection to an endpoint, its handshake done.
struct PushConnection: Sendable {
    let channel: any Channel
    let receiver: Receiver

    func close() { channel.close(promise: nil) }
}

/// Connections that wait for the next delivery, bounded in number and time for each endpoint.
final class ConnectionPool: Sendable {
    private struct Kept {
        let connection: PushConnection
        let timer: Scheduled<Void>
    }

    private let kept = NIOLockedValueBox<[PushEndpoint: [Kept]]>([:])
    private let most: Int
    private let idle: TimeAmount

    init(atMost most: Int, idle: TimeAmount) {
        self.most = most
        self.idle = idle
    }

    /// A connection that is open as far as anybody knows, the one used last.
    func take(_ endpoint: PushEndpoint) -> PushConnection? {
        while let one = kept.withLockedValue({ $0[endpoint]?.popLast() }) {
            one.timer.cancel()
            if one.connection.channel.isActive { return one.connection }
        }
        return nil
    }

    /// Forgets a connection once it has closed. To be called once for each: what waits for its end would grow with every
    /// delivery otherwise.
    func watch(_ connection: PushConnection, of endpoint: PushEndpoint) {
        let channel = connection.channel
        channel.closeFuture.whenComplete { [weak self] _ in self?.forget(channel, of: endpoint) }
    }

    /// Keeps a connection that is watched, or closes it where enough are kept.
    func keep(_ connection: PushConnection, for endpoint: PushEndpoint) {
        let channel = connection.channel
        let timer = channel.eventLoop.scheduleTask(in: idle) { channel.close(promise: nil) }
        let isKept = kept.withLockedValue { kept in
            guard (kept[endpoint]?.count ?? 0) < most else { return false }
            kept[endpoint, default: []].append(Kept(connection: connection, timer: timer))
            return true
        }
        guard isKept else {
            timer.cancel()
            return connection.close()
        }
        // It may have closed before it was kept, when there was nothing to forget.
        if !channel.isActive { forget(channel, of: endpoint) }
    }

    /// Closes all.
    func closeAll() {
        for one in kept.withLockedValue({ all in
            defer { all = [:] }
            return all.values.flatMap { $0 }
        }) {
            one.timer.cancel()
            one.connection.close()
        }
    }

    /// How many are kept.
    var count: Int { kept.withLockedValue { $0.values.reduce(0) { $0 + $1.count } } }

    private func forget(_ channel: any Channel, of endpoint: PushEndpoint) {
        kept.withLockedValue { kept in
            kept[endpoint]?.removeAll { one in
                guard one.connection.channel === channel else { return false }
                one.timer.cancel()
                return true
            }
            if kept[endpoint]?.isEmpty == true { kept[endpoint] = nil }
        }
    }
}
