import Glibc
import StrictJSON

/// The lines of a descriptor. Holds one line and one chunk at a time.
struct LineReader {
    /// Octets of one line. Costs as many octets while it is answered, and the tape that `JSONLimits` tells of.
    static let maximumLineOctets = 64 * 1024 * 1024
    private static let chunkOctets = 64 * 1024

    /// How many lines were begun.
    private(set) var count = 0
    private let descriptor: Int32
    private var pending: ArraySlice<UInt8> = []

    init(descriptor: Int32) { self.descriptor = descriptor }

    /// The next line without its LF, or nil at the end; what follows the last LF is a line where it is not empty.
    mutating func next() throws(HarnessError) -> [UInt8]? {
        count += 1
        var line: [UInt8] = []
        while true {
            let end = pending.firstIndex(of: UInt8(ascii: "\n"))
            line += pending[..<(end ?? pending.endIndex)]
            guard line.count <= Self.maximumLineOctets else {
                throw HarnessError(detail: "longer than \(Self.maximumLineOctets) octets")
            }
            if let end {
                pending = pending[(end + 1)...]
                return line
            }
            pending = try chunk()
            if pending.isEmpty { return line.isEmpty ? nil : line }
        }
    }

    private func chunk() throws(HarnessError) -> ArraySlice<UInt8> {
        while true {
            var ended: Int32 = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: Self.chunkOctets) { buffer, count in
                let read = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                ended = read < 0 ? errno : 0
                count = max(0, read)
            }
            if ended == 0 { return chunk[...] }
            guard ended == EINTR else {
                throw HarnessError(detail: "reading failed: \(String(cString: strerror(ended)))")
            }
        }
    }
}

/// Writes lines without a buffer of its own: what was written is on its way.
enum LineWriter {
    static func write(_ answer: JSON, to descriptor: Int32) throws(HarnessError) {
        try write(octets: answer.bytes, to: descriptor)
    }

    static func write(_ text: String, to descriptor: Int32) throws(HarnessError) {
        try write(octets: Array(text.utf8), to: descriptor)
    }

    private static func write(octets: [UInt8], to descriptor: Int32) throws(HarnessError) {
        var rest = (octets + [UInt8(ascii: "\n")])[...]
        while !rest.isEmpty {
            let written = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if written < 0 && errno == EINTR { continue }
            guard written >= 0 else {
                throw HarnessError(detail: "answering failed: \(String(cString: strerror(errno)))")
            }
            rest = rest.dropFirst(written)
        }
    }
}
