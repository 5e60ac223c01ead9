import Foundation
import Glibc

/// A hub as `simpul init` makes it. Every run gets a copy: the same keys, an empty store.
struct HubTemplate: Sendable {
    let folder: String
    let programs: String
    let port: Int

    /// Makes the hub in a folder that must not exist yet.
    init(in folder: String, programs: String) throws(BenchError) {
        (self.folder, self.programs) = (folder, programs)
        port = try Self.freePort()
        _ = try Tool.output(of: "\(programs)/simpul", ["init", folder, "--port", String(port)])
    }

    var agencies: BenchAgencies { BenchAgencies(hub: folder) }

    /// A copy of it, with a running daemon.
    func start(as copy: String) async throws -> RunningHub {
        try FileManager.default.copyItem(atPath: folder, toPath: copy)
        let hub = try RunningHub(folder: copy, daemon: "\(programs)/simpuld", port: port)
        do {
            try await hub.waitUntilReady()
        } catch {
            await hub.stop()
            throw error
        }
        return hub
    }

    private static func freePort() throws(BenchError) -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && getsockname(descriptor, address, &length) == 0
            }
        }
        guard bound else { throw BenchError("there is no free port") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
