/// The code points of Unicode, in classes that no set of a pattern tells apart. An automaton reads classes.
struct Alphabet: Sendable {
    /// How many classes there are.
    private(set) var count = 0
    /// The class of each ASCII character.
    private(set) var ascii: [UInt16] = []
    /// Where each run of code points beyond ASCII starts that is of one class, and which class.
    private var starts: [UInt32] = []
    private var classes: [UInt16] = []
    /// For each class, one bit for each set.
    private var members: [UInt64] = []
    private let width: Int

    /// A class costs a column of the table of states, and a bit for each set.
    private static let maximumClasses = 1024

    /// - Throws: ``RegexError`` where the sets need more classes than there may be.
    init(_ sets: [CharacterSet]) throws(RegexError) {
        width = max((sets.count + 63) / 64, 1)
        let changes = Self.changes(sets)
        var numbers: [[UInt64]: UInt16] = [:]
        var signature = [UInt64](repeating: 0, count: width)
        var at = 0
        while at < changes.count {
            let point = changes[at].point
            while at < changes.count, changes[at].point == point {
                signature[changes[at].set / 64] ^= 1 << UInt64(changes[at].set % 64)
                at += 1
            }
            let end = at < changes.count ? changes[at].point : CharacterSet.last + 1
            if point < end { append(try number(signature, &numbers), point, end) }
        }
    }

    /// Where code points enter a set and where they leave it, in order.
    private static func changes(_ sets: [CharacterSet]) -> [(point: UInt32, set: Int)] {
        // In and out at once, which changes nothing: so there is a run from zero, and one from the first beyond ASCII.
        var changes: [(point: UInt32, set: Int)] = [(0, 0), (0, 0), (0x80, 0), (0x80, 0)]
        for (set, characters) in sets.enumerated() {
            for range in characters.ranges { changes += [(range.lowerBound, set), (range.upperBound + 1, set)] }
        }
        return changes.sorted { $0.point < $1.point }
    }

    private mutating func number(
        _ signature: [UInt64], _ numbers: inout [[UInt64]: UInt16]
    ) throws(RegexError) -> UInt16 {
        if let number = numbers[signature] { return number }
        guard count < Self.maximumClasses else {
            throw RegexError(offset: 0, detail: "more than \(Self.maximumClasses) kinds of characters")
        }
        numbers[signature] = UInt16(count)
        members += signature
        count += 1
        return UInt16(count - 1)
    }

    private mutating func append(_ number: UInt16, _ start: UInt32, _ end: UInt32) {
        if start < 0x80 {
            ascii += [UInt16](repeating: number, count: Int(end - start))
        } else if classes.last != number {
            starts.append(start)
            classes.append(number)
        }
    }

    /// Whether the set has the code points of the class.
    func set(_ set: Int, has number: Int) -> Bool { members[number * width + set / 64] >> UInt64(set % 64) & 1 == 1 }

    /// The class of the code point that starts at an index, and how many octets it takes.
    func next(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> (number: Int, length: Int) {
        let lead = text[at]
        guard lead >= 0x80 else { return (Int(ascii[Int(lead)]), 1) }
        let length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        var value = UInt32(lead) & (0xFF >> UInt32(length + 1))
        for index in at + 1..<min(at + length, text.endIndex) { value = value << 6 | UInt32(text[index] & 0x3F) }
        return (find(value), min(length, text.endIndex - at))
    }

    /// The class of the code point that ends before an index, and how many octets it takes.
    func previous(_ text: UnsafeBufferPointer<UInt8>, _ at: Int) -> (number: Int, length: Int) {
        var lead = at - 1
        while lead > text.startIndex, at - lead < 4, text[lead] & 0xC0 == 0x80 { lead -= 1 }
        return (next(text, lead).number, at - lead)
    }

    private func find(_ value: UInt32) -> Int {
        var (low, high) = (0, starts.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if starts[middle] <= value { low = middle } else { high = middle }
        }
        return Int(classes[low])
    }
}
