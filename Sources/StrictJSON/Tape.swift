/// One entry of a ``Tape``, 16 octets. A name is a string entry that stands before its value.
public struct TapeEntry: BitwiseCopyable, Sendable {
    /// What an entry is. Strings without an escape, and numbers without fraction and exponent, are told apart because
    /// their octets can be used as they stand.
    public enum Kind: UInt8, BitwiseCopyable, Sendable {
        case null, `true`, `false`, integer, decimal, plainString, escapedString, array, object

        /// Equality, written out: what the compiler would make of it is a call for other modules.
        @inlinable @inline(__always)
        public static func == (one: Kind, other: Kind) -> Bool {
            unsafeBitCast(one, to: UInt8.self) == unsafeBitCast(other, to: UInt8.self)
        }
    }

    /// Offset of the first octet; for strings of the first one after the quotation mark.
    public var start: UInt32
    /// Length in octets as written; for strings without the quotation marks.
    public var length: UInt32
    /// For containers the index of the entry behind the container, for names their ``NameHash``; otherwise zero.
    public var next: UInt32
    /// What this is.
    public var kind: Kind

    /// Whether this is an array or an object.
    @inlinable @inline(__always) public var isContainer: Bool { kind == .array || kind == .object }
}

/// What the parser has made of a text: the octets, and the entries in the order of the text. ``JSONValue`` is how to
/// read it; readers that walk many values, such as validators and decoders, may walk the entries themselves.
///
/// `@unchecked Sendable` is safe here: both parts are complete before the tape exists, and nothing changes them until
/// the last reference to the tape is gone.
public final class Tape: @unchecked Sendable {
    /// The text.
    public let bytes: [UInt8]
    /// The entries, at least one. They are there as long as the tape is, and no longer.
    public let entries: UnsafeBufferPointer<TapeEntry>

    init(bytes: [UInt8], entries: UnsafeBufferPointer<TapeEntry>) {
        self.bytes = bytes
        self.entries = entries
    }

    deinit { entries.deallocate() }

    /// The index of the entry behind a value.
    @inlinable
    public func index(after index: Int) -> Int {
        let entry = entries[index]
        return entry.isContainer ? Int(entry.next) : index + 1
    }
}

/// A tape while it is written. It starts with room for an entry for each eight octets of the text and doubles from there.
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
