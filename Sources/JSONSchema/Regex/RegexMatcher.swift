extension RegexProgram {
    /// Whether the pattern matches anywhere in the text, which must be UTF-8; nil where that needs more work than
    /// a matcher does for a text of its size.
    func matches(_ text: ArraySlice<UInt8>) -> Bool? {
        var matcher = RegexMatcher(instructions: instructions, text: text)
        let found = matcher.run(from: 0, at: text.startIndex, anchored: isAnchored)
        return matcher.stepsLeft > 0 ? found : nil
    }
}

/// Walks over a text with all states at once.
struct RegexMatcher {
    let instructions: [RegexProgram.Instruction]
    let text: ArraySlice<UInt8>
    /// States that may still be looked at; grows with the text, so that only lookaheads inside loops use it up.
    private(set) var stepsLeft: Int

    init(instructions: [RegexProgram.Instruction], text: ArraySlice<UInt8>) {
        self.instructions = instructions
        self.text = text
        stepsLeft = 2_000_000 + 64 * text.count
    }

    mutating func run(from start: Int, at offset: Int, anchored: Bool) -> Bool {
        var states = BitSet()
        var next = BitSet()
        var at = offset
        while stepsLeft > 0 {
            if !anchored || at == offset { states.insert(start) }
            if expand(&states, at) { return true }
            guard at < text.endIndex else { return false }
            let (scalar, length) = decode(at)
            next.removeAll()
            while let state = states.popFirst() {
                stepsLeft -= 1
                if case .set(let set) = instructions[state], set.contains(scalar) { next.insert(state + 1) }
            }
            if anchored && next.isEmpty { return false }
            swap(&states, &next)
            at += length
        }
        return false
    }

    /// Follows everything that consumes nothing; leaves the states that consume.
    /// - Returns: whether the match is complete.
    private mutating func expand(_ states: inout BitSet, _ at: Int) -> Bool {
        var seen = BitSet()
        var consuming = BitSet()
        while let state = states.popFirst() {
            stepsLeft -= 1
            guard stepsLeft > 0, seen.insert(state) else { continue }
            switch instructions[state] {
            case .set: consuming.insert(state)
            case .match: return true
            case .jump(let target): states.insert(target)
            case .split(let one, let other):
                states.insert(one)
                states.insert(other)
            case .start: if at == text.startIndex { states.insert(state + 1) }
            case .end: if at == text.endIndex { states.insert(state + 1) }
            case .wordBoundary(let negated): if isWordBoundary(at) != negated { states.insert(state + 1) }
            case .lookahead(let negated, let next):
                if run(from: state + 1, at: at, anchored: true) != negated { states.insert(next) }
            }
        }
        states = consuming
        return false
    }

    private func isWordBoundary(_ at: Int) -> Bool {
        let before = at > text.startIndex && isWord(text[at - 1])
        let after = at < text.endIndex && isWord(text[at])
        return before != after
    }

    private func isWord(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
        default: false
        }
    }

    private func decode(_ at: Int) -> (Unicode.Scalar, Int) {
        let lead = text[at]
        if lead < 0x80 { return (Unicode.Scalar(lead), 1) }
        let length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4
        var value = UInt32(lead) & (0xFF >> UInt32(length + 1))
        for index in at + 1..<min(at + length, text.endIndex) { value = value << 6 | UInt32(text[index] & 0x3F) }
        return (Unicode.Scalar(value) ?? "\u{FFFD}", length)
    }
}
