internal import SimpulCore
internal import StrictJSON

/// What a value may be, in words.
extension ValueGuide {
    /// Codes as one line, at most some of them.
    static func list(_ codes: [String], atMost limit: Int = 160) -> LocalizedText {
        var line = ""
        for (index, code) in codes.enumerated() {
            let next = line.isEmpty ? code : line + ", " + code
            guard next.utf8.count <= limit else {
                let rest = codes.count - index
                return LocalizedText("\(line), … (\(rest) more)", "\(line), … (\(rest) lagi)")
            }
            line = next
        }
        return LocalizedText(line, line)
    }

    /// What a single value may be, apart from its codes; nil where its kind says nothing.
    var bounds: LocalizedText? {
        if let format = first("format")?.string { return Self.formatText(format) }
        if let pattern = first("pattern")?.string {
            return (kindText.map { $0 + LocalizedText(", ", ", ") } ?? .empty)
                + LocalizedText("pattern \(pattern)", "pola \(pattern)")
        }
        switch types.first {
        case "integer", "number": return numberText
        case "boolean" where constant == nil: return LocalizedText("true or false", "true (ya) atau false (tidak)")
        case "string" where codes == nil && constant == nil: return lengthText
        case "array": return countText
        default: return nil
        }
    }

    static func formatText(_ format: String) -> LocalizedText {
        format == "date"
            ? LocalizedText("day, such as 2026-03-04", "tanggal, misalnya 2026-03-04")
            : LocalizedText(
                "time with offset, such as 2026-03-04T21:00:00+07:00",
                "waktu dengan selisih, misalnya 2026-03-04T21:00:00+07:00")
    }

    private var numberText: LocalizedText? {
        let (least, most) = (first("minimum")?.int, first("maximum")?.int)
        guard let least, let most else { return LocalizedText("number", "angka") }
        return LocalizedText("whole number, \(least) to \(most)", "bilangan bulat, \(least) sampai \(most)")
    }

    private var lengthText: LocalizedText? {
        guard let most = first("maxLength")?.int else { return LocalizedText("text", "teks") }
        let least = first("minLength")?.int ?? 0
        return LocalizedText("text of \(least) to \(most) characters", "teks \(least) sampai \(most) karakter")
    }

    private var countText: LocalizedText? {
        guard let most = first("maxItems")?.int else { return nil }
        let least = first("minItems")?.int ?? 0
        let once = first("uniqueItems")?.bool == true
        return LocalizedText(
            "list of \(least) to \(most) entries" + (once ? ", each only once" : ""),
            "daftar \(least) sampai \(most) entri" + (once ? ", masing-masing hanya sekali" : ""))
    }
}
