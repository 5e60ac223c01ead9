import Glibc
import NIOCore
import StrictJSON

/// What a daemon says about itself on its status socket.
struct StatusReader: Sendable {
    private let socketPath: String

    init(socket path: String) { socketPath = path }

    func isReady() throws(BenchError) -> Bool { try get("/readyz").status == 200 }

    /// How many messages the store holds.
    func storedMessages() throws(BenchError) -> Int {
        guard let count = try document("/status").root["messages"]?.int else {
            throw BenchError("the status document has no count of messages")
        }
        return count
    }

    /// How many deliveries of an agency are settled.
    func settled(of agency: String) throws(BenchError) -> Int {
        let rows = try document("/status").root["queues"]?.elements
        return rows?.first { $0["agency"]?.isString(agency) == true }?["settled"]?.int ?? 0
    }

    /// Whether the broker pushes to an agency's own endpoint.
    func pushes(to agency: String) throws(BenchError) -> Bool {
        let rows = try document("/status").root["pushes"]?.elements
        return rows?.contains { $0["agency"]?.isString(agency) == true } ?? false
    }

    /// A number of the metrics; nil where this daemon does not count it.
    func metric(_ name: String) throws(BenchError) -> Int? {
        Self.value(of: name, in: String(decoding: try get("/metrics").body.readableBytesView, as: UTF8.self))
    }

    static func value(of name: String, in metrics: String) -> Int? {
        for line in metrics.split(separator: "\n") where line.hasPrefix("\(name) ") {
            return line.split(separator: " ").last.flatMap { Int($0) }
        }
        return nil
    }

    private func document(_ path: String) throws(BenchError) -> JSONDocument {
        let answer = try get(path)
        guard answer.status == 200, let document = try? JSONDocument(Array(answer.body.readableBytesView)) else {
            throw BenchError("\(path) of the status socket answered \(answer.status)")
        }
        return document
    }

    private func get(_ path: String) throws(BenchError) -> Answer {
        let descriptor = try connected()
        defer { close(descriptor) }
        let request = Array("GET \(path) HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".utf8)
        guard send(descriptor, request, request.count, Int32(MSG_NOSIGNAL)) == request.count else {
            throw BenchError("the status socket takes no request")
        }
        var (reader, part) = (ResponseReader(), [UInt8](repeating: 0, count: 65_536))
        while true {
            if let answer = try reader.next() { return answer }
            let count = recv(descriptor, &part, part.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw BenchError("the status socket gave no answer") }
            reader.take(ByteBuffer(bytes: part.prefix(count)))
        }
    }

    private func connected() throws(BenchError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = socketPath.utf8.count < MemoryLayout.size(ofValue: address.sun_path)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: socketPath.utf8.prefix($0.count - 1)) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        let isConnected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard fits, isConnected else {
            close(descriptor)
            throw BenchError("the status socket cannot be reached")
        }
        return descriptor
    }
}
