import StrictJSON

/// Names of a schema with the place of each, found by octets without allocation. The names come from the schema, so
/// no instance can make them collide.
struct NameTable: Sendable {
    private(set) var names: [[UInt8]] = []
    private var slots: [Int32] = []

    init(_ names: [[UInt8]]) {
        self.names = names
        var size = 4
        while size < names.count * 2 { size *= 2 }
        slots = Array(repeating: -1, count: size)
        for (index, name) in names.enumerated() {
            var slot = Self.hash(name[...]) & (size - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int32(index)
        }
    }

    func find(_ name: ArraySlice<UInt8>) -> Int? {
        if names.isEmpty { return nil }
        var slot = Self.hash(name) & (slots.count - 1)
        while slots[slot] >= 0 {
            let index = Int(slots[slot])
            if names[index][...] == name { return index }
            slot = (slot + 1) & (slots.count - 1)
        }
        return nil
    }

    /// FNV-1a.
    private static func hash(_ name: ArraySlice<UInt8>) -> Int {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in name { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int(truncatingIfNeeded: hash ^ hash >> 32)
    }
}

extension JSONValue {
    /// The octets of a string, unescaped; those of the text itself where nothing is escaped.
    var octets: ArraySlice<UInt8> {
        let source = source
        return source.contains(UInt8(ascii: "\\")) ? (utf8 ?? [])[...] : source
    }
}
