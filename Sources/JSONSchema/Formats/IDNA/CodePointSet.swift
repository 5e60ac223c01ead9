/// A set of code points as sorted ranges of at most 2048 each; looked up by binary search, without allocation.
struct CodePointSet: Sendable {
    private let ranges: [UInt32]

    /// - Parameter ranges: sorted; the first code point in the high 21 bits, how many follow it in the low 11.
    init(_ ranges: [UInt32]) {
        self.ranges = ranges
    }

    func contains(_ codePoint: UInt32) -> Bool {
        var (low, high) = (0, ranges.count)
        while low < high {
            let middle = (low + high) / 2
            if ranges[middle] >> 11 <= codePoint { low = middle + 1 } else { high = middle }
        }
        return low > 0 && codePoint - ranges[low - 1] >> 11 <= ranges[low - 1] & 0x7FF
    }
}
