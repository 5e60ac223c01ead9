/// A 32-bit hash of a name's octets, with a seed that each process draws for itself. It finds names quickly; equality
/// is always decided octet by octet, and whoever keeps a table bounds its probes, for a seed is no proof.
public enum NameHash {
    /// The seed of this process.
    public static let seed = UInt64.random(in: .min ... .max)
    @usableFromInline static let multiplier: UInt64 = 0x9E37_79B9_7F4A_7C15

    /// The hash of octets, eight at a time.
    @inlinable
    public static func hash(_ bytes: UnsafePointer<UInt8>, _ count: Int, seed: UInt64) -> UInt32 {
        let raw = UnsafeRawPointer(bytes)
        var hash = seed ^ UInt64(truncatingIfNeeded: count)
        var at = 0
        while at + 8 < count {
            hash = mix(hash ^ raw.loadUnaligned(fromByteOffset: at, as: UInt64.self))
            at += 8
        }
        hash = mix(hash ^ last(raw, at, count))
        return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
    }

    /// The hash of octets that are in one piece, or are made so.
    public static func hash(_ bytes: some Collection<UInt8>) -> UInt32 {
        func hash(_ buffer: UnsafeBufferPointer<UInt8>) -> UInt32 {
            guard let base = buffer.baseAddress else {
                return withUnsafePointer(to: 0) { Self.hash($0, 0, seed: seed) }
            }
            return Self.hash(base, buffer.count, seed: seed)
        }
        return bytes.withContiguousStorageIfAvailable(hash) ?? Array(bytes).withUnsafeBufferPointer(hash)
    }

    /// Whether two stretches of octets are equal, compared eight at a time.
    @inlinable
    public static func sameOctets(_ one: UnsafePointer<UInt8>, _ other: UnsafePointer<UInt8>, _ count: Int) -> Bool {
        let (a, b) = (UnsafeRawPointer(one), UnsafeRawPointer(other))
        var at = 0
        while at + 8 <= count {
            let left = a.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            guard left == b.loadUnaligned(fromByteOffset: at, as: UInt64.self) else { return false }
            at += 8
        }
        while at < count {
            guard one[at] == other[at] else { return false }
            at += 1
        }
        return true
    }

    /// The last one to eight octets from `at` on in one word; zero where there are none.
    @inlinable
    static func last(_ raw: UnsafeRawPointer, _ at: Int, _ count: Int) -> UInt64 {
        if count >= 8 { return raw.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self) }
        if count >= 4 {
            let low = raw.loadUnaligned(as: UInt32.self)
            let high = raw.loadUnaligned(fromByteOffset: count - 4, as: UInt32.self)
            return UInt64(low) | UInt64(high) << 32
        }
        if count == 0 { return 0 }
        func octet(_ at: Int) -> UInt64 { UInt64(raw.load(fromByteOffset: at, as: UInt8.self)) }
        return octet(0) | octet(count / 2) << 8 | octet(count - 1) << 16
    }

    @inlinable
    static func mix(_ word: UInt64) -> UInt64 {
        let product = word.multipliedFullWidth(by: multiplier)
        return product.high ^ product.low
    }
}
