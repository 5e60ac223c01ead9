/// Latencies in nanoseconds, in buckets of equal relative width: every quantile is right to within 1/64, and a
/// histogram takes the same memory however many values it holds.
struct Histogram: Sendable, Equatable {
    /// Octaves below this one have a bucket for every value.
    private static let exactBits = 7
    private static let perOctave = 1 << (exactBits - 1)
    private static let bucketCount = (UInt64.bitWidth - exactBits + 2) * perOctave

    private var buckets = [UInt64](repeating: 0, count: bucketCount)
    /// How many values there are.
    private(set) var count: UInt64 = 0
    /// The largest value, exactly; 0 where there is none.
    private(set) var maximum: UInt64 = 0

    mutating func record(_ nanoseconds: UInt64) {
        buckets[Self.bucket(of: nanoseconds)] += 1
        count += 1
        maximum = max(maximum, nanoseconds)
    }

    mutating func add(_ other: Histogram) {
        for index in buckets.indices { buckets[index] += other.buckets[index] }
        count += other.count
        maximum = max(maximum, other.maximum)
    }

    /// The smallest bucket's end that at least that share of the values do not exceed; nil where there is no value.
    /// - Parameter share: above 0, at most 1.
    func quantile(_ share: Double) -> UInt64? {
        precondition(share > 0 && share <= 1, "a quantile is a share of all values")
        guard count > 0 else { return nil }
        let rank = UInt64((Double(count) * share).rounded(.up))
        var seen: UInt64 = 0
        for (index, number) in buckets.enumerated() {
            seen += number
            if seen >= rank { return min(maximum, Self.end(of: index)) }
        }
        return maximum
    }

    private static func bucket(of value: UInt64) -> Int {
        let bits = UInt64.bitWidth - value.leadingZeroBitCount
        guard bits > exactBits else { return Int(value) }
        let shift = bits - exactBits
        return shift * perOctave + Int(value >> UInt64(shift))
    }

    /// The largest value that falls into a bucket.
    private static func end(of bucket: Int) -> UInt64 {
        guard bucket >= 2 * perOctave else { return UInt64(bucket) }
        let shift = UInt64(bucket / perOctave - 1)
        let step = UInt64(bucket % perOctave + perOctave)
        return (step << shift) | ((1 << shift) - 1)
    }
}
