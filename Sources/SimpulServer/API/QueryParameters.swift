internal import SimpulCore

/// A query of `name=value` pairs, read strictly: what is unknown, repeated or out of range is refused by name. Values may
/// be percent-encoded (RFC 3986 §2.1); a plus sign is one.
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
            guard let value = Self.decoded(parts[1]) else { throw Self.refused(name) }
            values[name] = value
        }
        self.values = values
    }

    /// The whole number of a parameter, or the default where it is absent.
    func integer(_ name: String, in range: ClosedRange<Int>, default value: Int) throws(Refusal) -> Int {
        guard let text = values[name] else { return min(value, range.upperBound) }
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

    /// What a parser makes of the value, or nil where the parameter is absent.
    func value<Value>(_ name: String, _ parse: (String) -> Value?) throws(Refusal) -> Value? {
        guard let text = values[name] else { return nil }
        guard let value = parse(text) else { throw Self.refused(name) }
        return value
    }

    private static func decoded(_ text: Substring) -> String? {
        guard text.utf8.contains(UInt8(ascii: "%")) else { return String(text) }
        var octets: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let next = rest.popFirst() {
            guard next == UInt8(ascii: "%") else {
                octets.append(next)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, digits.allSatisfy(isHexadecimal),
                let octet = UInt8(String(decoding: digits, as: UTF8.self), radix: 16)
            else { return nil }
            octets.append(octet)
            rest = rest.dropFirst(2)
        }
        return String(validating: octets, as: UTF8.self)
    }

    private static func isHexadecimal(_ octet: UInt8) -> Bool {
        (0x30...0x39).contains(octet) || (0x61...0x66).contains(octet | 0x20)
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
