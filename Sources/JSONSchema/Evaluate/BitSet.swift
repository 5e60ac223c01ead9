/// A set of small numbers. The first 64 cost no allocation, so a valid small message is checked without any.
struct BitSet: Sendable {
    private var low: UInt64 = 0
    private var more: [UInt64] = []

    var isEmpty: Bool { low == 0 && more.allSatisfy { $0 == 0 } }

    func contains(_ number: Int) -> Bool {
        if number < 64 { return low >> UInt64(number) & 1 == 1 }
        let word = number / 64 - 1
        return word < more.count && more[word] >> UInt64(number % 64) & 1 == 1
    }

    /// - Returns: whether the number is new.
    @discardableResult mutating func insert(_ number: Int) -> Bool {
        let bit = UInt64(1) << UInt64(number % 64)
        if number < 64 {
            defer { low |= bit }
            return low & bit == 0
        }
        let word = number / 64 - 1
        while more.count <= word { more.append(0) }
        defer { more[word] |= bit }
        return more[word] & bit == 0
    }

    mutating func popFirst() -> Int? {
        if low != 0 {
            defer { low &= low - 1 }
            return low.trailingZeroBitCount
        }
        guard let word = more.firstIndex(where: { $0 != 0 }) else { return nil }
        defer { more[word] &= more[word] - 1 }
        return (word + 1) * 64 + more[word].trailingZeroBitCount
    }

    mutating func formUnion(_ other: BitSet) {
        low |= other.low
        while more.count < other.more.count { more.append(0) }
        for word in other.more.indices { more[word] |= other.more[word] }
    }

    mutating func removeAll() {
        low = 0
        for word in more.indices { more[word] = 0 }
    }
}
