internal import Glibc
internal import NIOConcurrencyHelpers
internal import NIOCore
internal import NIOPosix
internal import SimpulBroker

/// The addresses of a host name, looked up by the system. A name is looked up once at a time; where that fails or takes
/// too long, the addresses of the last time serve, because deliveries must not wait for the DNS.
final class NameLookup: Sendable {
    /// Asks the system; may block.
    typealias Ask = @Sendable (_ host: String) -> [NetworkAddress]

    private struct Names {
        var running: [String: EventLoopFuture<[NetworkAddress]>] = [:]
        var known: [String: [NetworkAddress]] = [:]
    }

    /// Names that are remembered; one more and all are forgotten. Each costs a few hundred octets.
    private static let mostNames = 10_000

    private let names = NIOLockedValueBox(Names())
    private let pool: NIOThreadPool
    private let seconds: TimeAmount
    private let ask: Ask

    init(threads: Int, within time: TimeAmount, ask: @escaping Ask = NameLookup.askSystem) {
        pool = NIOThreadPool(numberOfThreads: threads)
        seconds = time
        self.ask = ask
        pool.start()
    }

    func stop() { pool.shutdownGracefully { _ in } }

    /// The addresses, none where nothing is known of the name.
    func addresses(of host: String, on loop: any EventLoop) -> EventLoopFuture<[NetworkAddress]> {
        let answer = running(host, on: loop)
        let promise = loop.makePromise(of: [NetworkAddress].self)
        let isOver = NIOLockedValueBox(false)
        let finish = { @Sendable [self] (found: [NetworkAddress]) in
            guard
                !isOver.withLockedValue({ over in
                    defer { over = true }; return over
                })
            else { return }
            promise.succeed(found.isEmpty ? names.withLockedValue { $0.known[host] ?? [] } : found)
        }
        let timer = loop.scheduleTask(in: seconds) { finish([]) }
        answer.whenComplete { result in
            timer.cancel()
            finish((try? result.get()) ?? [])
        }
        return promise.futureResult
    }

    private func running(_ host: String, on loop: any EventLoop) -> EventLoopFuture<[NetworkAddress]> {
        let (future, promise) = names.withLockedValue { names in
            if let running = names.running[host] { return (running, EventLoopPromise<[NetworkAddress]>?.none) }
            let promise = loop.makePromise(of: [NetworkAddress].self)
            names.running[host] = promise.futureResult
            return (promise.futureResult, promise)
        }
        guard let promise else { return future }
        pool.submit { [self] state in
            let found = state == .active ? ask(host) : []
            names.withLockedValue { names in
                names.running[host] = nil
                guard !found.isEmpty else { return }
                if names.known.count >= Self.mostNames, names.known[host] == nil { names.known = [:] }
                names.known[host] = found
            }
            promise.succeed(found)
        }
        return future
    }

    /// getaddrinfo(3), in the order that it prefers.
    static let askSystem: Ask = { host in
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [NetworkAddress] = []
        var entry = list
        while let current = entry?.pointee, found.count < 16 {
            if let address = current.ai_addr.flatMap(NetworkAddress.init(socketAddress:)), !found.contains(address) {
                found.append(address)
            }
            entry = current.ai_next
        }
        return found
    }
}

extension NetworkAddress {
    /// The address of a socket of the Internet; nil for another family.
    fileprivate init?(socketAddress address: UnsafeMutablePointer<sockaddr>) {
        switch Int32(address.pointee.sa_family) {
        case AF_INET:
            let octets = address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin_addr) { Array($0) }
            }
            self.init(octets: octets)
        case AF_INET6:
            let octets = address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) { pointer in
                withUnsafeBytes(of: pointer.pointee.sin6_addr) { Array($0) }
            }
            self.init(octets: octets)
        default: return nil
        }
    }
}
