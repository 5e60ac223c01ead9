/// One entry of a tape, 16 bytes. A name is a string entry that stands before its value.
package struct TapeEntry: BitwiseCopyable, Sendable {
    package enum Kind: UInt8, BitwiseCopyable, Sendable {
        case null, `true`, `false`, integer, decimal, plainString, escapedString, array, object
    }

    /// Offset of the first byte; for strings of the first byte after the quotation mark.
    package var start: UInt32
    /// Length in bytes as written; for strings without the quotation marks.
    package var length: UInt32
    /// For containers the index of the entry behind the container, for names their ``NameHash``; otherwise unused.
    package var next: UInt32
    package var kind: Kind

    @inlinable package var isContainer: Bool { kind == .array || kind == .object }
}

/// What the parser has made of a text: the octets, and the entries in the order of the text.
///
/// `@unchecked Sendable` is safe here: both parts are complete before the tape exists, and nothing changes them until
/// the last reference to the tape is gone.
package final class Tape: @unchecked Sendable {
    package let bytes: [UInt8]
    package let entries: UnsafeBufferPointer<TapeEntry>

    /// Takes over the entries, and frees them.
    init(bytes: [UInt8], entries: UnsafeBufferPointer<TapeEntry>) {
        self.bytes = bytes
        self.entries = entries
    }

    deinit { entries.deallocate() }

    @inlinable package func index(after index: Int) -> Int {
        let entry = entries[index]
        return entry.isContainer ? Int(entry.next) : index + 1
    }
}

/// A tape while it is written. Memory is at most twice what the entries need.
struct TapeBuilder: ~Copyable {
    private(set) var entries: UnsafeMutablePointer<TapeEntry>
    private(set) var count = 0
    private var capacity: Int

    init(capacity: Int) {
        self.capacity = max(capacity, 4)
        entries = .allocate(capacity: self.capacity)
    }

    deinit { entries.deallocate() }

    @inline(__always)
    mutating func append(_ kind: TapeEntry.Kind, start: Int, length: Int, next: UInt32 = 0) {
        if count == capacity { grow() }
        let entry = TapeEntry(start: UInt32(start), length: UInt32(length), next: next, kind: kind)
        (entries + count).initialize(to: entry)
        count += 1
    }

    private mutating func grow() {
        let larger = UnsafeMutablePointer<TapeEntry>.allocate(capacity: capacity * 2)
        larger.moveInitialize(from: entries, count: count)
        entries.deallocate()
        (entries, capacity) = (larger, capacity * 2)
    }

    /// Hands the entries over to whoever frees them.
    consuming func finish() -> UnsafeBufferPointer<TapeEntry> {
        let finished = UnsafeBufferPointer(start: entries, count: count)
        discard self
        return finished
    }
}
