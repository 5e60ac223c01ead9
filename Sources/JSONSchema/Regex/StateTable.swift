/// A deterministic automaton, whole in a table: one look-up for each character, nothing allocated. It stops where the
/// verdict is certain, whatever follows.
struct StateTable: Sendable {
    private let alphabet: Alphabet
    /// A row for each state, with a column for each class and one for the end of the text. A cell is the offset of the
    /// next state's row: zero where no match can follow, one row further where a match is certain.
    private let cells: [UInt16]
    private let start: Int
    private let width: Int

    /// How many cells a table may have: 2 octets each, so 64 KiB for a pattern.
    static let maximumCells = 32_768
    /// How many states of the automaton may be looked at for a table: some milliseconds, and a few mebibytes that are
    /// given back. A pattern that needs more is matched by its automaton.
    static let maximumSteps = 250_000

    /// Nil where the automaton has lookarounds, or the table would be too large.
    init?(_ automaton: RegexAutomaton) {
        guard automaton.lookarounds.isEmpty, let graph = StateGraph(automaton) else { return nil }
        (alphabet, width) = (automaton.alphabet, graph.width)
        let numbers = graph.numbersByCertainty()
        let count = max(1, numbers.max() ?? 1) + 1
        var cells = [UInt16](repeating: 0, count: count * graph.width)
        for (state, number) in numbers.enumerated() where number > 1 {
            for column in 0..<graph.width {
                cells[number * graph.width + column] = UInt16(numbers[graph.next(state, column)] * graph.width)
            }
        }
        self.cells = cells
        start = numbers[StateGraph.start] * graph.width
    }

    func matches(_ text: UnsafeBufferPointer<UInt8>) -> Bool {
        cells.withUnsafeBufferPointer { cells in
            alphabet.ascii.withUnsafeBufferPointer { ascii in
                var state = start
                var at = 0
                while state > width, at < text.count {
                    if text[at] < 0x80 {
                        state = Int(cells[state + Int(ascii[Int(text[at])])])
                        at += 1
                    } else {
                        let (number, length) = alphabet.next(text, at)
                        state = Int(cells[state + number])
                        at += length
                    }
                }
                return (state > width ? Int(cells[state + width - 1]) : state) == width
            }
        }
    }
}
