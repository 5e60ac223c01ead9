/// A pattern of ECMA-262 as a non-deterministic automaton. Matching looks at each state at most once for each
/// position, so no text makes it slower than text × pattern; a lookahead adds a run of its own at each position.
struct RegexProgram: Sendable {
    enum Instruction: Sendable {
        case set(CharacterSet)
        case split(Int, Int)
        case jump(Int)
        case start
        case end
        case wordBoundary(negated: Bool)
        /// Continues at the state given if the program behind this one matches here (or does not).
        case lookahead(negated: Bool, next: Int)
        case match
    }

    private(set) var instructions: [Instruction] = []
    /// Whether every match starts at the start of the text.
    let isAnchored: Bool

    /// How many states a pattern may need; bounds the memory and the work of each position.
    private static let maximumSize = 4096

    /// - Throws: ``RegexError`` where the pattern is faulty, unsupported or too large.
    init(_ pattern: String) throws(RegexError) {
        let syntax = try RegexParser.parse(pattern)
        isAnchored = Self.startsAtStart(syntax)
        try emit(syntax)
        try append(.match)
    }

    private static func startsAtStart(_ syntax: RegexSyntax) -> Bool {
        switch syntax {
        case .start: true
        case .sequence(let parts): parts.first.map(startsAtStart) ?? false
        case .alternatives(let branches): branches.allSatisfy(startsAtStart)
        default: false
        }
    }

    private mutating func append(_ instruction: Instruction) throws(RegexError) {
        guard instructions.count < Self.maximumSize else {
            throw RegexError(offset: 0, detail: "a pattern that needs more than \(Self.maximumSize) states")
        }
        instructions.append(instruction)
    }

    private mutating func emit(_ syntax: RegexSyntax) throws(RegexError) {
        switch syntax {
        case .set(let set): try append(.set(set))
        case .start: try append(.start)
        case .end: try append(.end)
        case .wordBoundary(let negated): try append(.wordBoundary(negated: negated))
        case .sequence(let parts): for part in parts { try emit(part) }
        case .alternatives(let branches): try emit(branches)
        case .repetition(let body, let minimum, let maximum): try emit(body, minimum, maximum)
        case .lookahead(let body, let negated):
            let place = instructions.count
            try append(.match)
            try emit(body)
            try append(.match)
            instructions[place] = .lookahead(negated: negated, next: instructions.count)
        }
    }

    private mutating func emit(_ branches: [RegexSyntax]) throws(RegexError) {
        var exits: [Int] = []
        for branch in branches.dropLast() {
            let place = instructions.count
            try append(.match)
            try emit(branch)
            exits.append(instructions.count)
            try append(.match)
            instructions[place] = .split(place + 1, instructions.count)
        }
        if let last = branches.last { try emit(last) }
        for exit in exits { instructions[exit] = .jump(instructions.count) }
    }

    private mutating func emit(_ body: RegexSyntax, _ minimum: Int, _ maximum: Int?) throws(RegexError) {
        for _ in 0..<minimum {
            let before = instructions.count
            try emit(body)
            if instructions.count == before { return }
        }
        guard let maximum else {
            let place = instructions.count
            try append(.match)
            try emit(body)
            try append(.jump(place))
            instructions[place] = .split(place + 1, instructions.count)
            return
        }
        var exits: [Int] = []
        for _ in minimum..<maximum {
            exits.append(instructions.count)
            try append(.match)
            try emit(body)
        }
        for exit in exits { instructions[exit] = .split(exit + 1, instructions.count) }
    }
}
