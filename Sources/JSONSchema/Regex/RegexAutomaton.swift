/// A pattern as a non-deterministic automaton. A lookaround is a program of its own behind the first one; where it
/// holds is found before the automaton runs, once for each position.
struct RegexAutomaton: Sendable {
    typealias State = UInt16

    enum Instruction: Sendable {
        /// Consumes a code point of the set, and goes on with the next instruction; so do the assertions that hold.
        case set(UInt16)
        case split(State, State)
        case jump(State)
        case start
        case end
        case wordBoundary(negated: Bool)
        case lookaround(UInt16, negated: Bool)
        case match
    }

    struct Lookaround: Sendable {
        var entry: State
        /// A lookbehind reads forwards to the position, a lookahead backwards.
        var behind: Bool
    }

    var instructions: [Instruction] = []
    /// A lookaround stands before those inside it.
    var lookarounds: [Lookaround] = []
    var alphabet: Alphabet
    /// Whether every match starts at the start of the text.
    var isAnchored: Bool
    /// The set of the characters of words, where the pattern has a word boundary.
    var wordSet: Int?

    /// How many states a pattern may need; bounds the memory (6 octets each) and the work of each position.
    static let maximumStates = 8192
    /// How many lookarounds a pattern may have; each takes a bit for each octet of the text.
    static let maximumLookarounds = 64
    /// How many different sets a pattern may have.
    static let maximumSets = 1024
    /// How many ranges all sets may have together; some tens of octets each, while the pattern is compiled.
    static let maximumRanges = 65_536
}
