/// What a text may ask of its reader. Memory is at most 16 bytes of tape for each value on top of the text itself.
public struct JSONLimits: Hashable, Sendable {
    /// How deep arrays and objects may nest; each level costs 16 bytes while parsing.
    public var depth: Int
    /// Which numbers are acceptable.
    public var numbers: Numbers

    /// Which numbers are acceptable. Every accepted number keeps its digits whatever this says.
    public enum Numbers: Hashable, Sendable {
        /// Every number of RFC 8259, however large.
        case any
        /// RFC 7493 (I-JSON) §2.2: within ±(2^53−1), however written; a fraction may have more digits than binary64.
        case interoperable
    }

    /// Limits with the given depth (default 512) and numbers (default: every one).
    public init(depth: Int = 512, numbers: Numbers = .any) {
        self.depth = depth
        self.numbers = numbers
    }
}
