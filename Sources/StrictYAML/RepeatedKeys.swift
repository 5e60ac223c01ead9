/// How repeated keys are told apart after they were reported: their first letter becomes one of a private range.
enum RepeatedKeys {
    /// How many of one file are reported.
    static let limit = 50

    static func isRenamed(_ key: String) -> Bool {
        key.unicodeScalars.first.map { (0xE000..<0xE000 + UInt32(limit)).contains($0.value) } ?? false
    }

    static func rename(at place: YAMLFault.Place, in text: inout String, _ number: Int) -> Bool {
        guard let replacement = Unicode.Scalar(0xE000 + UInt32(number)) else { return false }
        var scalars = Array(text.unicodeScalars)
        let starts = [0] + scalars.indices.filter { scalars[$0] == "\n" }.map { $0 + 1 }
        guard starts.indices.contains(place.line - 1) else { return false }
        var index = starts[place.line - 1] + place.column - 1
        guard scalars.indices.contains(index) else { return false }
        if scalars[index] == "\"" || scalars[index] == "'" { index += 1 }
        guard scalars.indices.contains(index), !["\"", "'", "\n", "\\"].contains(scalars[index]) else { return false }
        scalars[index] = replacement
        text = String(String.UnicodeScalarView(scalars))
        return true
    }
}
