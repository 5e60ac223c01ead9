/// A pattern of ECMA-262, ready to match. Immutable; matching allocates nothing where every part is a table.
///
/// A pattern of the form `^(?=…)(?!…)…(?<!…)$` is taken apart, so that each lookaround at its ends becomes a table of
/// its own.
struct RegexProgram: Sendable {
    enum Engine: Sendable {
        /// One step for each character.
        case table(StateTable)
        /// One step for each character and state.
        case automaton(RegexAutomaton)
    }

    struct Part: Sendable {
        var engine: Engine
        var negated: Bool
    }

    /// All of them must match, or not match where they are negated.
    let parts: [Part]

    /// - Throws: ``RegexError`` where the pattern is faulty, unsupported or too large.
    init(_ pattern: String) throws(RegexError) { try self.init(pattern, usesTables: true) }

    /// - Parameter usesTables: false where only automata are wanted, to compare them.
    init(_ pattern: String, usesTables: Bool) throws(RegexError) {
        var parts: [Part] = []
        var states = 0
        for (syntax, negated) in Self.takeApart(try RegexParser.parse(pattern)) {
            let automaton = try RegexCompiler.compile(syntax)
            states += automaton.instructions.count
            guard parts.count <= RegexAutomaton.maximumLookarounds, states <= RegexAutomaton.maximumStates else {
                throw RegexError(offset: 0, detail: "a pattern whose lookarounds need too many states")
            }
            let table = usesTables ? StateTable(automaton) : nil
            parts.append(Part(engine: table.map { .table($0) } ?? .automaton(automaton), negated: negated))
        }
        self.parts = parts
    }

    /// The pattern without the lookaheads that follow a first `^` and the lookbehinds that precede a last `$`, and each
    /// of these, tied to its end of the text.
    private static func takeApart(_ syntax: RegexSyntax) -> [(RegexSyntax, negated: Bool)] {
        guard case .sequence(let parts) = syntax else { return [(syntax, false)] }
        var rest = parts[...]
        var others: [(RegexSyntax, negated: Bool)] = []
        if case .start = parts.first {
            rest = rest.dropFirst()
            while case .lookaround(let body, behind: false, let negated, _) = rest.first {
                others.append((.joining([.start, body]), negated))
                rest = rest.dropFirst()
            }
            rest = [.start] + rest
        }
        if case .end = rest.last {
            rest = rest.dropLast()
            while case .lookaround(let body, behind: true, let negated, _) = rest.last {
                others.append((.joining([body, .end]), negated))
                rest = rest.dropLast()
            }
            rest += [.end]
        }
        return [(.joining(Array(rest)), false)] + others
    }

    /// Whether the pattern matches anywhere in the text, which must be UTF-8; nil where that needs more steps of
    /// automata than are left. Tables take none.
    func matches(_ text: UnsafeBufferPointer<UInt8>, _ stepsLeft: inout Int) -> Bool? {
        for part in parts {
            let found: Bool?
            switch part.engine {
            case .table(let table): found = table.matches(text)
            case .automaton(let automaton): found = RegexMatcher.matches(automaton, text, &stepsLeft)
            }
            guard let found else { return nil }
            if found == part.negated { return false }
        }
        return true
    }

    /// The same for text that stands alone.
    func matches(_ text: ArraySlice<UInt8>) -> Bool? {
        var stepsLeft = RegexMatcher.steps(for: text.count)
        return text.withUnsafeBufferPointer { matches($0, &stepsLeft) }
    }
}
