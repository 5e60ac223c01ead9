/// Looks for a name that one object has twice. Names are found by their hash in an open table that lives on the stack
/// for up to 32 of them; names that crowd together in it, which chance does not do, are compared in a dictionary
/// whose hash no text can foresee, so that the time stays linear whatever the text.
struct DuplicateNames {
    let entries: UnsafePointer<TapeEntry>
    let bytes: UnsafePointer<UInt8>

    private static let fewest = 32

    /// The entry of the first name that has stood before, in the order of the text; nil where there is none.
    /// - Parameters:
    ///   - first: the entry behind the object's own.
    ///   - end: the entry behind the object.
    func find(from first: Int, to end: Int) -> Int? {
        var count = 0
        var name = first
        while name < end {
            count += 1
            name = nextName(name)
        }
        if count < 2 { return nil }
        let slots = count <= Self.fewest ? Self.fewest * 2 : powerOfTwo(above: count * 2)
        return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: slots) { table in
            table.initialize(repeating: 0)
            return find(from: first, to: end, count, in: table)
        }
    }

    private func find(from first: Int, to end: Int, _ count: Int, in table: UnsafeMutableBufferPointer<UInt32>) -> Int?
    {
        let mask = UInt32(table.count - 1)
        var probesLeft = 16 * count + 64
        var name = first
        while name < end {
            var slot = entries[name].next & mask
            while table[Int(slot)] != 0 {
                if isSame(name, Int(table[Int(slot)])) { return name }
                probesLeft -= 1
                if probesLeft == 0 { return findInSet(from: first, to: end) }
                slot = (slot + 1) & mask
            }
            // An object's own entry stands before its first name, so that no name has entry 0.
            table[Int(slot)] = UInt32(name)
            name = nextName(name)
        }
        return nil
    }

    private func findInSet(from first: Int, to end: Int) -> Int? {
        var seen = Set<[UInt8]>()
        var name = first
        while name < end {
            guard seen.insert(octets(name)).inserted else { return name }
            name = nextName(name)
        }
        return nil
    }

    private func isSame(_ one: Int, _ other: Int) -> Bool {
        let (a, b) = (entries[one], entries[other])
        guard a.next == b.next else { return false }
        if a.kind == .escapedString || b.kind == .escapedString { return octets(one) == octets(other) }
        guard a.length == b.length else { return false }
        return NameHash.sameOctets(bytes + Int(a.start), bytes + Int(b.start), Int(a.length))
    }

    private func octets(_ name: Int) -> [UInt8] {
        let entry = entries[name]
        let raw = UnsafeBufferPointer(start: bytes + Int(entry.start), count: Int(entry.length))
        return entry.kind == .escapedString ? unescaped(raw) : Array(raw)
    }

    private func nextName(_ name: Int) -> Int {
        let value = entries[name + 1]
        return value.isContainer ? Int(value.next) : name + 2
    }

    private func powerOfTwo(above count: Int) -> Int {
        1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
    }
}
