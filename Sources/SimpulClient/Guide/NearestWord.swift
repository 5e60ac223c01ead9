/// The word of a list that a mistyped one was most likely meant to be.
enum NearestWord {
    /// Longer texts are no mistyped code; comparing costs the product of both lengths.
    private static let longest = 48

    /// The nearest word, without regard to case; nil where none is near: more than a third of its letters differ.
    static func of(_ text: String, in words: [String]) -> String? {
        let given = Array(text.lowercased().utf8)
        guard !given.isEmpty, given.count <= longest else { return nil }
        var best: (word: String, distance: Int)?
        for word in words where word.utf8.count <= longest {
            let distance = distance(given, Array(word.lowercased().utf8))
            guard distance <= max(1, word.utf8.count / 3) else { continue }
            if best.map({ distance < $0.distance }) ?? true { best = (word, distance) }
        }
        return best?.word
    }

    /// Insertions, removals, replacements and swaps of neighbours that make one of the other.
    private static func distance(_ one: [UInt8], _ other: [UInt8]) -> Int {
        var (before, last) = ([Int](), Array(0...other.count))
        for row in one.indices {
            var current = [row + 1]
            for column in other.indices {
                let isEqual = one[row] == other[column]
                var cost = min(last[column] + (isEqual ? 0 : 1), last[column + 1] + 1, current[column] + 1)
                if row > 0, column > 0, one[row] == other[column - 1], one[row - 1] == other[column] {
                    cost = min(cost, before[column - 1] + 1)
                }
                current.append(cost)
            }
            (before, last) = (last, current)
        }
        return last[other.count]
    }
}
