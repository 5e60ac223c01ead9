internal import SimpulCore

/// A query of `name=value` pairs, read strictly: what is unknown, repeated, escaped or out of range is refused by name.
struct QueryParameters: Sendable {
    private let values: [String: String]

    /// - Parameters:
    ///   - query: what follows the question mark, or nil.
    ///   - known: the names that the call knows.
    /// - Throws: `parameter-refused`.
    init(parsing query: Substring?, known: [String]) throws(Refusal) {
        var values: [String: String] = [:]
        for pair in (query ?? "").split(separator: "&", maxSplits: 16) {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let name = String(parts[0])
            guard known.contains(name) else { throw Self.unknown(name, known: known) }
            guard parts.count == 2, values[name] == nil else { throw Self.refused(name) }
            values[name] = String(parts[1])
        }
        self.values = values
    }

    /// The whole number of a parameter, or the default where it is absent.
    func integer(_ name: String, in range: ClosedRange<Int>, default value: Int) throws(Refusal) -> Int {
        guard let text = values[name] else { return value }
        guard (1...9).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int(text), range.contains(number)
        else { throw Self.refused(name, "\(range.lowerBound)…\(range.upperBound)") }
        return number
    }

    /// One of the words that a type knows, or nil where the parameter is absent.
    func word<Word: RawRepresentable>(_ name: String, as type: Word.Type) throws(Refusal) -> Word?
    where Word.RawValue == String {
        guard let text = values[name] else { return nil }
        guard let word = Word(rawValue: text) else { throw Self.refused(name) }
        return word
    }

    private static func refused(_ name: String, _ range: String? = nil) -> Refusal {
        let bounds = range.map { " (\($0))" } ?? ""
        return Refusal(
            .parameterRefused, at: .receive,
            LocalizedText(
                "The parameter \(name)\(bounds) is repeated, has no value, or has one that is refused.",
                "Parameter \(name)\(bounds) berulang, tanpa nilai, atau nilainya ditolak."),
            diagnosis: name)
    }

    /// A name that is no plain word is not repeated in the answer.
    private static func unknown(_ name: String, known: [String]) -> Refusal {
        let isPlain = (1...32).contains(name.utf8.count) && name.utf8.allSatisfy { (0x61...0x7A).contains($0) }
        let shown = isPlain ? " \(name)" : ""
        let list = known.isEmpty ? "" : known.joined(separator: ", ")
        let english = known.isEmpty ? "This call takes no parameter." : "Known are \(list)."
        let indonesian = known.isEmpty ? "Panggilan ini tidak menerima parameter." : "Yang dikenal: \(list)."
        return Refusal(
            .parameterRefused, at: .receive,
            LocalizedText(
                "The parameter\(shown) is not known. \(english)", "Parameter\(shown) tidak dikenal. \(indonesian)"))
    }
}
