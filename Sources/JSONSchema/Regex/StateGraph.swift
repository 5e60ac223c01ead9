/// The subset construction: which sets of an automaton's states follow each other, over all classes of characters.
struct StateGraph {
    /// The states of the automaton that a text can have led to. What depends on the next character (the end of the
    /// text, a word boundary) is still ahead of them.
    private struct Subset: Hashable {
        var states: [RegexAutomaton.State]
        var isStart = false
        var followsWord = false
    }

    /// A column for each class, and one for the end of the text.
    let width: Int
    private let automaton: RegexAutomaton
    private var subsets: [Subset] = []
    private var numbers: [Subset: Int] = [:]
    private var edges: [UInt16] = []
    private var stepsLeft = StateTable.maximumSteps
    private var stack: [RegexAutomaton.State] = []
    private var seen: [Int]
    private var round = 0

    /// Where no match can follow, where one is complete, and where a text begins.
    static let failure = 0
    static let match = 1
    static let start = 2

    /// Nil where the graph needs more states or steps than a table may have.
    init?(_ automaton: RegexAutomaton) {
        self.automaton = automaton
        width = automaton.alphabet.count + 1
        seen = [Int](repeating: 0, count: automaton.instructions.count)
        edges += [UInt16](repeating: UInt16(Self.failure), count: width)
        edges += [UInt16](repeating: UInt16(Self.match), count: width)
        stack = [0]
        guard let first = close(Position(isStart: true)) else {
            edges += [UInt16](repeating: UInt16(Self.match), count: width)
            return
        }
        subsets.append(Subset(states: first, isStart: true))
        numbers[subsets[0]] = Self.start
        while edges.count < (subsets.count + 2) * width {
            let subset = subsets[edges.count / width - 2]
            for column in 0..<width {
                edges.append(UInt16(column == width - 1 ? end(subset) : step(subset, column)))
                guard stepsLeft > 0, (subsets.count + 2) * width <= StateTable.maximumCells else { return nil }
            }
        }
    }

    func next(_ state: Int, _ column: Int) -> Int { Int(edges[state * width + column]) }

    /// Numbers for the states: zero where no match can follow, one where every text leads to one, and further ones.
    func numbersByCertainty() -> [Int] {
        let (canMatch, canFail) = (states(thatReach: Self.match), states(thatReach: Self.failure))
        var last = 1
        return canMatch.indices.map { state in
            guard canMatch[state] else { return 0 }
            guard canFail[state] else { return 1 }
            last += 1
            return last
        }
    }

    private func states(thatReach target: Int) -> [Bool] {
        var sources = [[UInt16]](repeating: [], count: edges.count / width)
        for (index, next) in edges.enumerated() { sources[Int(next)].append(UInt16(index / width)) }
        var reach = sources.map { _ in false }
        var waiting = [target]
        reach[target] = true
        while let state = waiting.popLast() {
            for source in sources[state] where !reach[Int(source)] {
                reach[Int(source)] = true
                waiting.append(Int(source))
            }
        }
        return reach
    }

    // MARK: Steps

    private mutating func number(of subset: Subset) -> Int {
        if subset.states.isEmpty { return Self.failure }
        if let number = numbers[subset] { return number }
        subsets.append(subset)
        numbers[subset] = subsets.count + 1
        return subsets.count + 1
    }

    private mutating func step(_ subset: Subset, _ column: Int) -> Int {
        let isWord = automaton.wordSet.map { automaton.alphabet.set($0, has: column) } ?? false
        stack = subset.states
        let position = Position(isStart: subset.isStart, isEnd: false, isBoundary: subset.followsWord != isWord)
        guard let states = automaton.wordSet == nil ? subset.states : close(position) else { return Self.match }
        stack.removeAll(keepingCapacity: true)
        for state in states {
            stepsLeft -= 1
            guard case .set(let set) = automaton.instructions[Int(state)] else { continue }
            if automaton.alphabet.set(Int(set), has: column) { stack.append(state + 1) }
        }
        if !automaton.isAnchored { stack.append(0) }
        guard let next = close(Position(isStart: false)) else { return Self.match }
        return number(of: Subset(states: next, followsWord: isWord))
    }

    private mutating func end(_ subset: Subset) -> Int {
        stack = subset.states
        let position = Position(isStart: subset.isStart, isEnd: true, isBoundary: subset.followsWord)
        return close(position) == nil ? Self.match : Self.failure
    }

    /// What is known of a position; nil for what the next character will tell.
    private struct Position {
        var isStart: Bool
        var isEnd: Bool?
        var isBoundary: Bool?
    }

    /// Follows everything in the stack that consumes nothing, as far as the position is known.
    /// - Returns: the states that consume or wait, in order; nil where a match is complete.
    private mutating func close(_ position: Position) -> [RegexAutomaton.State]? {
        round += 1
        var states: [RegexAutomaton.State] = []
        while let state = stack.popLast() {
            stepsLeft -= 1
            guard seen[Int(state)] != round else { continue }
            seen[Int(state)] = round
            switch automaton.instructions[Int(state)] {
            case .match: return nil
            case .set, .lookaround: states.append(state)
            case .jump(let target): stack.append(target)
            case .split(let one, let other):
                stack.append(one)
                stack.append(other)
            case .start: if position.isStart { stack.append(state + 1) }
            case .end: follow(state, position.isEnd, &states)
            case .wordBoundary(let negated): follow(state, position.isBoundary.map { $0 != negated }, &states)
            }
        }
        states.sort()
        return states
    }

    private mutating func follow(
        _ state: RegexAutomaton.State, _ holds: Bool?, _ states: inout [RegexAutomaton.State]
    ) {
        guard let holds else { return states.append(state) }
        if holds { stack.append(state + 1) }
    }
}
