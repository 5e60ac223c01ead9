import Dispatch
import Foundation
import Glibc

/// The other end of sd_notify: a datagram socket that a daemon tells its readiness to.
final class NoticeSocket: Sendable {
    let path: String
    private let descriptor: Int32

    init(in folder: URL) throws {
        path = folder.appending(path: "notify.sock").path(percentEncoded: false)
        unlink(path)
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let fits = path.utf8.count < MemoryLayout.size(ofValue: address.sun_path)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8.prefix($0.count - 1)) }
        let bound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard fits, bound else { throw HubTrouble(what: "no socket for sd_notify") }
    }

    deinit { close(descriptor) }

    /// Returns when READY=1 was said; throws when it was not said in time.
    func waitForReady(seconds: Int) async throws {
        let isReady = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: self.hears("READY=1", seconds: seconds)) }
        }
        guard isReady else { throw HubTrouble(what: "simpuld did not say that it is ready") }
    }

    private func hears(_ word: String, seconds: Int) -> Bool {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        var buffer = [UInt8](repeating: 0, count: 512)
        while true {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return false }
            if String(decoding: buffer.prefix(count), as: UTF8.self).contains(word) { return true }
        }
    }
}
