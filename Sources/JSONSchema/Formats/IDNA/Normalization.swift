/// Normalization form C (UAX #15), for labels of permitted code points: what has another form alone is disallowed by
/// RFC 5892 §2.2, so only marks that follow can make a difference. Hangul syllables stay as they are, for the jamo that
/// could follow them are disallowed too.
enum Normalization {
    /// Whether normalization would leave the label as it is. There is no «maybe»: the label is taken apart, put into
    /// canonical order, composed again and compared.
    /// - Parameter label: at most 63 code points; one stands for at most four.
    static func isComposed(_ label: [UInt32]) -> Bool {
        // No code point below U+0300 combines with one before it.
        label.allSatisfy { $0 < 0x300 } || composed(decomposed(label)) == label
    }

    private static let byComposite: [UInt64] = UnicodeTables.compositions.sorted { $0 & mask < $1 & mask }
    private static let mask: UInt64 = 0x1F_FFFF

    private static func decomposed(_ label: [UInt32]) -> [UInt32] {
        var output: [UInt32] = []
        for codePoint in label {
            var first = codePoint
            let start = output.count
            while let pair = pair(of: first) {
                output.insert(pair.second, at: start)
                first = pair.first
            }
            output.insert(first, at: start)
        }
        sort(&output)
        return output
    }

    /// Canonical ordering: marks of a run by combining class, those of one class as they stand.
    private static func sort(_ text: inout [UInt32]) {
        for index in text.indices.dropFirst() {
            let own = combiningClass(text[index])
            var place = index
            while own > 0, place > 0, combiningClass(text[place - 1]) > own {
                text.swapAt(place, place - 1)
                place -= 1
            }
        }
    }

    private static func composed(_ text: [UInt32]) -> [UInt32] {
        var output: [UInt32] = []
        var starter: Int?
        var lastClass: UInt8 = 0
        for codePoint in text {
            let own = combiningClass(codePoint)
            if let starter, starter == output.count - 1 || lastClass < own,
                let composite = composite(of: output[starter], codePoint)
            {
                output[starter] = composite
                continue
            }
            if own == 0 { starter = output.count }
            lastClass = own
            output.append(codePoint)
        }
        return output
    }

    private static func combiningClass(_ codePoint: UInt32) -> UInt8 {
        Unicode.Scalar(codePoint)?.properties.canonicalCombiningClass.rawValue ?? 0
    }

    private static func pair(of composite: UInt32) -> (first: UInt32, second: UInt32)? {
        let index = byComposite.partitioningIndex { $0 & mask >= composite }
        guard index < byComposite.count, byComposite[index] & mask == composite else { return nil }
        return (UInt32(byComposite[index] >> 42), UInt32(byComposite[index] >> 21 & mask))
    }

    private static func composite(of first: UInt32, _ second: UInt32) -> UInt32? {
        let pair = UInt64(first) << 21 | UInt64(second)
        let index = UnicodeTables.compositions.partitioningIndex { $0 >> 21 >= pair }
        guard index < UnicodeTables.compositions.count, UnicodeTables.compositions[index] >> 21 == pair else {
            return nil
        }
        return UInt32(UnicodeTables.compositions[index] & mask)
    }
}

extension [UInt64] {
    /// Where the first element is that the predicate holds for, on an array whose later elements hold it too.
    fileprivate func partitioningIndex(_ belongs: (UInt64) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if belongs(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
