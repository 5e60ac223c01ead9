/// What a text may ask of its reader. On top of the text itself the tape takes two bytes
/// for each of its bytes, and where that is not enough at most 32 for each value and name (48 while it grows).
public struct JSONLimits: Hashable, Sendable {
    /// How deep arrays and objects may nest, from 0 to ``greatestDepth``. Parsing does not recurse; what reads a value
    /// whole (its canonical form, comparing, hashing, ``JSON``) takes some hundred bytes of stack for each level.
    public let depth: Int
    /// Which numbers are acceptable.
    public var numbers: Numbers

    /// Which numbers are acceptable. Every accepted number keeps its digits whatever this says.
    public enum Numbers: Hashable, Sendable {
        /// Every number of RFC 8259, however large.
        case any
        /// RFC 7493 (I-JSON) §2.2: within ±(2^53−1), however written; a fraction may have more digits than binary64.
        case interoperable
    }

    /// The greatest depth that may be allowed; readers then need up to about 4 MiB of stack.
    public static let greatestDepth = 4096

    /// Limits with the given depth (default 512) and numbers (default: every one). A depth outside of 0 to
    /// ``greatestDepth`` is a programmer error.
    public init(depth: Int = 512, numbers: Numbers = .any) {
        precondition((0...Self.greatestDepth).contains(depth), "a depth that no reader's stack could bear")
        self.depth = depth
        self.numbers = numbers
    }
}
