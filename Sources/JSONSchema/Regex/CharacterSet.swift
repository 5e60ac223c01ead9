/// A set of code points, as ranges in order that neither meet nor overlap. Surrogates may be in it; no text has them.
struct CharacterSet: Hashable, Sendable {
    private(set) var ranges: [ClosedRange<UInt32>] = []

    static let last: UInt32 = 0x10FFFF

    /// - Parameter unordered: ranges in any order, which may overlap.
    init(_ unordered: [ClosedRange<UInt32>]) {
        for range in unordered.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            guard let previous = ranges.last, range.lowerBound <= previous.upperBound + 1 else {
                ranges.append(range)
                continue
            }
            ranges[ranges.count - 1] = previous.lowerBound...max(previous.upperBound, range.upperBound)
        }
    }

    /// Looks at every code point but the surrogates: some milliseconds.
    init(where isMember: (Unicode.Scalar) -> Bool) {
        var start: UInt32?
        for value in 0...Self.last {
            let accepts = Unicode.Scalar(value).map(isMember) ?? false
            if accepts, start == nil { start = value }
            if !accepts, let first = start {
                ranges.append(first...value - 1)
                start = nil
            }
        }
        if let start { ranges.append(start...Self.last) }
    }

    /// - Parameter runs: the first code point of each run, times 256, plus the run's value; in order, from zero.
    init(runs: [UInt32], where isMember: (UInt8) -> Bool) {
        var all: [ClosedRange<UInt32>] = []
        for (index, run) in runs.enumerated() where isMember(UInt8(truncatingIfNeeded: run)) {
            let end = index + 1 < runs.count ? runs[index + 1] >> 8 - 1 : Self.last
            all.append(run >> 8...end)
        }
        self.init(all)
    }

    var inverted: CharacterSet {
        var gaps: [ClosedRange<UInt32>] = []
        var next: UInt32 = 0
        for range in ranges {
            if range.lowerBound > next { gaps.append(next...range.lowerBound - 1) }
            next = range.upperBound + 1
        }
        if next <= Self.last { gaps.append(next...Self.last) }
        return CharacterSet(gaps)
    }
}
