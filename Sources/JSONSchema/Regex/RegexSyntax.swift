/// What a pattern of ECMA-262 means, before it becomes an automaton. Nothing but `empty` itself is empty, so that
/// every part costs at least one state.
enum RegexSyntax: Sendable {
    case empty
    case character(UInt32)
    case set(CharacterClass)
    case sequence([RegexSyntax])
    case alternatives([RegexSyntax])
    indirect case repetition(RegexSyntax, minimum: Int, maximum: Int?)
    case start
    case end
    case wordBoundary(negated: Bool)
    /// The number tells lookarounds of a pattern apart, so that one that repeats is compiled once.
    indirect case lookaround(RegexSyntax, behind: Bool, negated: Bool, number: Int)
    case backreference(offset: Int)

    static func joining(_ parts: [RegexSyntax]) -> RegexSyntax {
        var flat: [RegexSyntax] = []
        for part in parts {
            switch part {
            case .empty: continue
            case .sequence(let inner): flat += inner
            default: flat.append(part)
            }
        }
        return flat.isEmpty ? .empty : flat.count == 1 ? flat[0] : .sequence(flat)
    }

    func repeated(_ minimum: Int, _ maximum: Int?) -> RegexSyntax {
        if case .empty = self { return .empty }
        return maximum == 0 ? .empty : .repetition(self, minimum: minimum, maximum: maximum)
    }
}

/// Why a pattern is refused; the offset counts code points of the pattern.
struct RegexError: Error, Hashable {
    var offset: Int
    var detail: String
}
