/// Makes the automaton of a pattern. Stops at the first state too many, so it spends no memory on what it refuses.
struct RegexCompiler {
    private var instructions: [RegexAutomaton.Instruction] = []
    private var lookarounds: [RegexAutomaton.Lookaround] = []
    /// Of all lookarounds; those from `lookarounds.count` on are left to compile.
    private var bodies: [(syntax: RegexSyntax, behind: Bool)] = []
    private var places: [Int: UInt16] = [:]
    private var numbers: [CharacterClass: UInt16] = [:]
    private var setNumbers: [CharacterSet: UInt16] = [:]
    private var sets: [CharacterSet] = []
    private var ranges = 0
    private var hasWordBoundary = false
    /// Whether sequences are compiled from their end, for an automaton that reads backwards.
    private var isReversed = false

    /// - Throws: ``RegexError`` where the pattern has a backreference, or needs more than the limits allow.
    static func compile(_ syntax: RegexSyntax) throws(RegexError) -> RegexAutomaton {
        var compiler = RegexCompiler()
        try compiler.emit(syntax)
        try compiler.append(.match)
        while compiler.lookarounds.count < compiler.bodies.count {
            let (body, behind) = compiler.bodies[compiler.lookarounds.count]
            let entry = RegexAutomaton.State(compiler.instructions.count)
            compiler.lookarounds.append(RegexAutomaton.Lookaround(entry: entry, behind: behind))
            compiler.isReversed = !behind
            try compiler.emit(body)
            try compiler.append(.match)
        }
        let wordSet = compiler.hasWordBoundary ? try compiler.number(of: .wordCharacters) : nil
        return RegexAutomaton(
            instructions: compiler.instructions, lookarounds: compiler.lookarounds,
            alphabet: try Alphabet(compiler.sets), isAnchored: startsAtStart(syntax), wordSet: wordSet.map { Int($0) })
    }

    private static func startsAtStart(_ syntax: RegexSyntax) -> Bool {
        switch syntax {
        case .start: true
        case .sequence(let parts): parts.first.map(startsAtStart) ?? false
        case .alternatives(let branches): branches.allSatisfy(startsAtStart)
        default: false
        }
    }

    private var here: RegexAutomaton.State { RegexAutomaton.State(instructions.count) }

    private mutating func append(_ instruction: RegexAutomaton.Instruction) throws(RegexError) {
        guard instructions.count < RegexAutomaton.maximumStates else {
            throw RegexError(offset: 0, detail: "a pattern that needs more than \(RegexAutomaton.maximumStates) states")
        }
        instructions.append(instruction)
    }

    /// Appends an instruction that is known later.
    private mutating func reserve() throws(RegexError) -> Int {
        try append(.match)
        return instructions.count - 1
    }

    // MARK: Sets

    private mutating func number(of characters: CharacterClass) throws(RegexError) -> UInt16 {
        if let number = numbers[characters] { return number }
        let number = try number(of: characters.resolve())
        numbers[characters] = number
        return number
    }

    private mutating func number(of set: CharacterSet) throws(RegexError) -> UInt16 {
        if let number = setNumbers[set] { return number }
        guard sets.count < RegexAutomaton.maximumSets else {
            throw RegexError(offset: 0, detail: "a pattern that needs more than \(RegexAutomaton.maximumSets) sets")
        }
        ranges += set.ranges.count
        guard ranges <= RegexAutomaton.maximumRanges else {
            throw RegexError(offset: 0, detail: "classes that need more than \(RegexAutomaton.maximumRanges) ranges")
        }
        sets.append(set)
        setNumbers[set] = UInt16(sets.count - 1)
        return UInt16(sets.count - 1)
    }

    // MARK: Instructions

    private mutating func emit(_ syntax: RegexSyntax) throws(RegexError) {
        switch syntax {
        case .empty: break
        case .character(let value): try append(.set(number(of: CharacterSet([value...value]))))
        case .set(let characters): try append(.set(number(of: characters)))
        case .start: try append(.start)
        case .end: try append(.end)
        case .wordBoundary(let negated):
            hasWordBoundary = true
            try append(.wordBoundary(negated: negated))
        case .sequence(let parts):
            if isReversed {
                for part in parts.reversed() { try emit(part) }
            } else {
                for part in parts { try emit(part) }
            }
        case .alternatives(let branches): try emit(branches)
        case .repetition(let body, let minimum, let maximum): try emit(body, minimum, maximum)
        case .lookaround(let body, let behind, let negated, let number):
            try append(.lookaround(try place(of: body, behind, number), negated: negated))
        case .backreference(let offset):
            throw RegexError(offset: offset, detail: "a backreference, which is not supported")
        }
    }

    /// The place of a lookaround, whose body is compiled later: once, however often the lookaround repeats.
    private mutating func place(of body: RegexSyntax, _ behind: Bool, _ number: Int) throws(RegexError) -> UInt16 {
        if let place = places[number] { return place }
        guard bodies.count < RegexAutomaton.maximumLookarounds else {
            throw RegexError(
                offset: 0, detail: "a pattern that needs more than \(RegexAutomaton.maximumLookarounds) lookarounds")
        }
        bodies.append((body, behind))
        places[number] = UInt16(bodies.count - 1)
        return UInt16(bodies.count - 1)
    }

    private mutating func emit(_ branches: [RegexSyntax]) throws(RegexError) {
        var exits: [Int] = []
        for branch in branches.dropLast() {
            let place = try reserve()
            try emit(branch)
            exits.append(try reserve())
            instructions[place] = .split(RegexAutomaton.State(place + 1), here)
        }
        if let last = branches.last { try emit(last) }
        for exit in exits { instructions[exit] = .jump(here) }
    }

    private mutating func emit(_ body: RegexSyntax, _ minimum: Int, _ maximum: Int?) throws(RegexError) {
        guard let maximum else { return try emitLoop(body, minimum) }
        for _ in 0..<minimum { try emit(body) }
        var exits: [Int] = []
        for _ in minimum..<maximum {
            exits.append(try reserve())
            try emit(body)
        }
        for exit in exits { instructions[exit] = .split(RegexAutomaton.State(exit + 1), here) }
    }

    private mutating func emitLoop(_ body: RegexSyntax, _ minimum: Int) throws(RegexError) {
        guard minimum > 0 else {
            let place = try reserve()
            try emit(body)
            try append(.jump(RegexAutomaton.State(place)))
            instructions[place] = .split(RegexAutomaton.State(place + 1), here)
            return
        }
        for _ in 1..<minimum { try emit(body) }
        let place = here
        try emit(body)
        try append(.split(place, here + 1))
    }
}
