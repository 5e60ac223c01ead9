import StrictJSON

/// Names in the program's memory, found by their hash and compared octet by octet. They come
/// from the schema, so no instance can make them collide; and a schema's own are few.
struct Names: BitwiseCopyable {
    let count: Int
    private let slots: UnsafePointer<Int32>
    private let mask: UInt32
    private let keys: UnsafePointer<Key>
    private let octets: UnsafePointer<UInt8>
    private let seed = NameHash.seed

    private struct Key: BitwiseCopyable {
        var hash: UInt32
        var start: UInt32
        var length: UInt32
    }

    init(_ names: [[UInt8]], _ memory: ProgramMemory) {
        count = names.count
        var keys: [Key] = []
        var octets: [UInt8] = []
        for name in names {
            let hash = NameHash.hash(name)
            keys.append(Key(hash: hash, start: UInt32(octets.count), length: UInt32(name.count)))
            octets += name
        }
        var size = 4
        while size < keys.count * 3 { size *= 2 }
        var slots = [Int32](repeating: -1, count: size)
        for (index, key) in keys.enumerated() {
            var slot = Int(key.hash) & (size - 1)
            while slots[slot] >= 0 { slot = (slot + 1) & (size - 1) }
            slots[slot] = Int32(index)
        }
        mask = UInt32(size - 1)
        self.slots = memory.keep(slots)
        self.keys = memory.keep(keys)
        self.octets = memory.keep(octets)
    }

    /// The place of a name in the table; -1 where it is not there.
    /// - Parameter hash: the octets' ``NameHash``.
    @inline(__always)
    func find(_ name: UnsafePointer<UInt8>, _ length: Int, hash: UInt32) -> Int {
        var slot = hash & mask
        while true {
            let index = Int(slots[Int(slot)])
            if index < 0 { return -1 }
            let key = keys[index]
            if key.hash == hash, Int(key.length) == length, NameHash.sameOctets(octets + Int(key.start), name, length) {
                return index
            }
            slot = (slot + 1) & mask
        }
    }

    /// The octets of a name.
    func octets(_ index: Int) -> [UInt8] {
        let key = keys[index]
        return Array(UnsafeBufferPointer(start: octets + Int(key.start), count: Int(key.length)))
    }

    /// The place of a text in the table; -1 where it is not there.
    func find(_ text: UnsafeBufferPointer<UInt8>) -> Int {
        guard let base = text.baseAddress, !text.isEmpty else { return withUnsafePointer(to: 0) { find($0, 0) } }
        return find(base, text.count)
    }

    private func find(_ name: UnsafePointer<UInt8>, _ length: Int) -> Int {
        find(name, length, hash: NameHash.hash(name, length, seed: seed))
    }
}
