internal import Glibc

/// What the kernel says about this process.
enum ProcessFacts {
    /// Octets of memory that are resident now; nil where `/proc` does not tell.
    static func residentBytes() -> Int? {
        let descriptor = open("/proc/self/status", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 8192)
        let count = read(descriptor, &buffer, buffer.count)
        guard count > 0 else { return nil }
        return residentBytes(in: String(decoding: buffer.prefix(count), as: UTF8.self))
    }

    /// The line `VmRSS: … kB` of proc(5).
    static func residentBytes(in text: String) -> Int? {
        guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("VmRSS:") }) else { return nil }
        let kilobytes = line.dropFirst(6).split(whereSeparator: { $0 == " " || $0 == "\t" }).first
        return kilobytes.flatMap { Int($0) }.map { $0 * 1024 }
    }
}
