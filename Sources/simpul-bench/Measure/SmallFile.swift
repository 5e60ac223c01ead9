import Foundation
import Glibc

/// Files of the kernel and of a hub; none of them is large.
enum SmallFile {
    private static let limit = 1024 * 1024

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    /// Copies a file of any size over another one.
    static func copy(_ path: String, to other: String) throws {
        if exists(other) { try FileManager.default.removeItem(atPath: other) }
        try FileManager.default.copyItem(atPath: path, toPath: other)
    }

    /// Its text, at most a mebibyte of it.
    static func read(_ path: String) throws(BenchError) -> String { String(decoding: try bytes(path), as: UTF8.self) }

    /// Its octets, at most a mebibyte of them.
    static func bytes(_ path: String) throws(BenchError) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw BenchError("\(path) cannot be read") }
        defer { close(descriptor) }
        var content: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 65_536)
        while content.count < limit {
            let count = Glibc.read(descriptor, &part, part.count)
            if count < 0, errno == EINTR { continue }
            guard count >= 0 else { throw BenchError("\(path) cannot be read") }
            guard count > 0 else { break }
            content += part.prefix(count)
        }
        return content
    }
}
