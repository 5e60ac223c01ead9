/// What a pattern of ECMA-262 means, before it becomes a program.
indirect enum RegexSyntax: Sendable {
    case set(CharacterSet)
    case sequence([RegexSyntax])
    case alternatives([RegexSyntax])
    case repetition(RegexSyntax, minimum: Int, maximum: Int?)
    case start
    case end
    case wordBoundary(negated: Bool)
    case lookahead(RegexSyntax, negated: Bool)
}

/// Why a pattern is refused; the offset counts code points of the pattern.
struct RegexError: Error, Hashable {
    var offset: Int
    var detail: String
}
