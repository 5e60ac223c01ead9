/// Walks over a text with all states of an automaton at once: at each position, each state at most once.
struct RegexMatcher {
    private typealias State = RegexAutomaton.State

    private let automaton: RegexAutomaton
    private let text: UnsafeBufferPointer<UInt8>
    private var stepsLeft: Int
    /// Where each lookaround holds: a bit for each position.
    private var truths: [[UInt64]]
    /// The states that consume, at the current position.
    private var consuming: Stack
    /// The states that are to be looked at.
    private var waiting: Stack
    /// The round that last saw each state; each position has a round of its own.
    private var seen: [Int]
    private var round = 0

    /// The states that may be looked at: more than any usual pattern needs, and in proportion to the octets of a text or
    /// of a whole instance.
    static func steps(for octets: Int) -> Int { 2_000_000 + 64 * octets }

    /// - Returns: nil where the steps do not suffice.
    static func matches(
        _ automaton: RegexAutomaton, _ text: UnsafeBufferPointer<UInt8>, _ stepsLeft: inout Int
    ) -> Bool? {
        var matcher = RegexMatcher(automaton, text, stepsLeft)
        defer { stepsLeft = matcher.stepsLeft }
        for number in automaton.lookarounds.indices.reversed() where matcher.stepsLeft > 0 { matcher.mark(number) }
        guard matcher.stepsLeft > 0 else { return nil }
        let found = matcher.find()
        return matcher.stepsLeft > 0 ? found : nil
    }

    private init(_ automaton: RegexAutomaton, _ text: UnsafeBufferPointer<UInt8>, _ stepsLeft: Int) {
        (self.automaton, self.text, self.stepsLeft) = (automaton, text, stepsLeft)
        let count = automaton.instructions.count
        seen = [Int](repeating: 0, count: count)
        // Each state waits once for being new at a position, and at most two follow it.
        (waiting, consuming) = (Stack(capacity: 3 * count + 1), Stack(capacity: count))
        truths = automaton.lookarounds.map { _ in [UInt64](repeating: 0, count: text.count / 64 + 1) }
    }

    private mutating func find() -> Bool {
        waiting.push(0)
        var at = text.startIndex
        while stepsLeft > 0 {
            if expand(at) { return true }
            guard at < text.endIndex else { return false }
            let (number, length) = automaton.alphabet.next(text, at)
            at += length
            consume(number)
            if !automaton.isAnchored { waiting.push(0) }
            if waiting.count == 0 { return false }
        }
        return false
    }

    /// Finds where a lookaround holds: where the body of a lookbehind, read forwards from any position, ends; and where
    /// that of a lookahead, read backwards, does.
    private mutating func mark(_ lookaround: Int) {
        let (entry, behind) = (automaton.lookarounds[lookaround].entry, automaton.lookarounds[lookaround].behind)
        waiting.push(entry)
        var at = behind ? text.startIndex : text.endIndex
        while stepsLeft > 0 {
            if expand(at) {
                let position = at - text.startIndex
                truths[lookaround][position / 64] |= 1 << UInt64(position % 64)
            }
            guard at != (behind ? text.endIndex : text.startIndex) else { return }
            let (number, length) = behind ? automaton.alphabet.next(text, at) : automaton.alphabet.previous(text, at)
            at += behind ? length : -length
            consume(number)
            waiting.push(entry)
        }
    }

    /// Leaves the states behind one character waiting.
    private mutating func consume(_ number: Int) {
        while consuming.count > 0 {
            let state = consuming.pop()
            if case .set(let set) = automaton.instructions[Int(state)], automaton.alphabet.set(Int(set), has: number) {
                waiting.push(state + 1)
            }
        }
    }

    /// Follows everything that waits and consumes nothing; leaves the states that consume.
    /// - Returns: whether a match is complete.
    private mutating func expand(_ at: Int) -> Bool {
        round += 1
        consuming.count = 0
        var isMatch = false
        while waiting.count > 0 {
            let state = waiting.pop()
            stepsLeft -= 1
            guard seen[Int(state)] != round else { continue }
            seen[Int(state)] = round
            switch automaton.instructions[Int(state)] {
            case .set: consuming.push(state)
            case .match: isMatch = true
            case .jump(let target): waiting.push(target)
            case .split(let one, let other):
                waiting.push(one)
                waiting.push(other)
            case .start: if at == text.startIndex { waiting.push(state + 1) }
            case .end: if at == text.endIndex { waiting.push(state + 1) }
            case .wordBoundary(let negated): if isWordBoundary(at) != negated { waiting.push(state + 1) }
            case .lookaround(let number, let negated):
                if holds(Int(number), at) != negated { waiting.push(state + 1) }
            }
        }
        return isMatch
    }

    private func holds(_ lookaround: Int, _ at: Int) -> Bool {
        let position = at - text.startIndex
        return truths[lookaround][position / 64] >> UInt64(position % 64) & 1 == 1
    }

    private func isWordBoundary(_ at: Int) -> Bool {
        guard let wordSet = automaton.wordSet else { return false }
        let before = at > text.startIndex && isIn(wordSet, automaton.alphabet.previous(text, at).number)
        let after = at < text.endIndex && isIn(wordSet, automaton.alphabet.next(text, at).number)
        return before != after
    }

    private func isIn(_ set: Int, _ number: Int) -> Bool { automaton.alphabet.set(set, has: number) }
}

extension RegexMatcher {
    /// States, in memory that is taken once.
    private struct Stack {
        private var states: [State]
        var count = 0

        init(capacity: Int) { states = [State](repeating: 0, count: capacity) }

        mutating func push(_ state: State) {
            states[count] = state
            count += 1
        }

        mutating func pop() -> State {
            count -= 1
            return states[count]
        }
    }
}
