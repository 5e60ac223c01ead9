import CZlib
import NIOConcurrencyHelpers

/// Why octets did not inflate.
public enum DeflateError: String, Error, Hashable, Sendable, CaseIterable {
    /// The octets are no DEFLATE stream.
    case corrupt
    /// The stream holds more than the limit; nothing beyond the limit was kept.
    case tooLarge
    /// Octets follow the end of the stream.
    case trailingBytes
    /// The stream has no end.
    case truncated
}

/// Raw DEFLATE (RFC 1951) through zlib.
public enum Deflate {
    /// Making a stream costs several times as much as a short document, so a few are kept.
    private static let idle = NIOLockedValueBox<[DeflateStream]>([])
    private static let mostIdle = 8

    /// The octets as one complete stream at level 6. At most 2^31 octets.
    public static func deflate(_ bytes: [UInt8]) -> [UInt8] {
        let stream = idle.withLockedValue { $0.popLast() } ?? DeflateStream()
        defer { idle.withLockedValue { if $0.count < mostIdle { $0.append(stream) } } }
        return stream.deflate(bytes)
    }

    /// The octets of a stream that ends exactly where its octets end.
    /// - Parameter limit: the most octets to put out. Memory never exceeds it by more than one octet while inflating.
    public static func inflate(_ bytes: ArraySlice<UInt8>, limit: Int) throws(DeflateError) -> [UInt8] {
        let (output, consumed) = try inflatePrefix(bytes, limit: limit)
        guard consumed == bytes.count else { throw .trailingBytes }
        return output
    }

    /// The octets of a stream that may be followed by others (such as padding), and how many octets the stream took.
    /// - Parameter limit: the most octets to put out. Memory never exceeds it by more than one octet while inflating.
    public static func inflatePrefix(
        _ bytes: ArraySlice<UInt8>, limit: Int
    ) throws(DeflateError) -> (output: [UInt8], consumed: Int) {
        precondition(limit >= 0 && limit < Int(UInt32.max) && bytes.count <= Int(UInt32.max))
        return try InflateStream().inflate(bytes, limit: limit)
    }
}

/// One zlib compressor, used again and again.
///
/// `@unchecked Sendable` is safe here: a stream is in the pool or in one caller's hands, never both, and passes from
/// one to the other under the pool's lock.
private final class DeflateStream: @unchecked Sendable {
    /// zlib's state points back to this structure, so it must not move.
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    init() {
        stream.initialize(to: z_stream())
        let status = deflateInit2_(
            stream, 6, Z_DEFLATED, -15, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib could not make a stream")
    }

    deinit {
        deflateEnd(stream)
        stream.deallocate()
    }

    func deflate(_ bytes: [UInt8]) -> [UInt8] {
        precondition(bytes.count <= 1 << 31, "more than zlib takes at once")
        deflateReset(stream)
        let bound = Int(deflateBound(stream, UInt(bytes.count)))
        return [UInt8](unsafeUninitializedCapacity: bound) { output, count in
            bytes.withUnsafeBufferPointer { input in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = UInt32(input.count)
                stream.pointee.next_out = output.baseAddress
                stream.pointee.avail_out = UInt32(bound)
                let status = CZlib.deflate(stream, Z_FINISH)
                precondition(status == Z_STREAM_END, "zlib gave a bound that does not hold")
            }
            count = bound - Int(stream.pointee.avail_out)
        }
    }
}

/// One zlib decompressor, used once: making one costs nothing measurable.
private final class InflateStream {
    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    init() {
        stream.initialize(to: z_stream())
        let status = inflateInit2_(stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib could not make a stream")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// The buffer grows by doubling up to one octet more than the limit: that octet tells a stream of exactly `limit`
    /// octets from a longer one.
    func inflate(_ bytes: ArraySlice<UInt8>, limit: Int) throws(DeflateError) -> (output: [UInt8], consumed: Int) {
        var output = [UInt8](repeating: 0, count: min(limit + 1, max(1024, bytes.count * 4)))
        var consumed = 0
        var filled = 0
        while true {
            let status = step(bytes.dropFirst(consumed), &output, &consumed, &filled)
            guard filled <= limit else { throw .tooLarge }
            switch status {
            case Z_STREAM_END:
                output.removeLast(output.count - filled)
                return (output, consumed)
            case Z_OK, Z_BUF_ERROR:
                guard filled == output.count else { throw .truncated }
                output.append(contentsOf: repeatElement(0, count: min(output.count, limit + 1 - output.count)))
            default: throw .corrupt
            }
        }
    }

    private func step(
        _ input: ArraySlice<UInt8>, _ output: inout [UInt8], _ consumed: inout Int, _ filled: inout Int
    ) -> Int32 {
        input.withUnsafeBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
                stream.pointee.avail_in = UInt32(input.count)
                stream.pointee.next_out = output.baseAddress.map { $0 + filled }
                stream.pointee.avail_out = UInt32(output.count - filled)
                let status = CZlib.inflate(stream, Z_NO_FLUSH)
                consumed += input.count - Int(stream.pointee.avail_in)
                filled = output.count - Int(stream.pointee.avail_out)
                return status
            }
        }
    }
}
