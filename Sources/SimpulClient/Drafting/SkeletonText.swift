internal import SimpulCore
internal import StrictJSON

/// A skeleton as a text with comments (`.jsonc`), in one language.
struct SkeletonText {
    /// Columns of a line of comment; code may be longer.
    private static let width = 110

    let language: Language
    /// What is said of members that were filled in, by name.
    var remarks: [String: LocalizedText] = [:]

    /// The whole draft.
    /// - Parameter top: sentences that stand above it.
    func text(of skeleton: Skeleton, top: [LocalizedText]) -> String {
        var lines = top.flatMap { comment($0[language], indent: 0) }
        lines.append("{")
        lines.append("  \"header\": {")
        lines += members(skeleton.header, indent: 4, remarks: remarks)
        lines += ["  },", "  \"body\": {"]
        lines += members(skeleton.body, indent: 4, remarks: [:])
        lines += ["  }", "}"]
        return lines.joined(separator: "\n") + "\n"
    }

    private func members(
        _ entries: [Skeleton.Entry], indent: Int, remarks: [String: LocalizedText] = [:]
    ) -> [String] {
        var lines: [String] = []
        for (index, entry) in entries.enumerated() {
            for sentence in sentences(on: entry, remark: remarks[entry.name]) {
                lines += comment(sentence, indent: indent)
            }
            let isLast = index == entries.count - 1
            var code = value(entry.node, indent: indent)
            code[0] = JSON.string(entry.name).text + ": " + code[0]
            code[code.count - 1] += isLast ? "" : ","
            let margin = String(repeating: " ", count: indent) + (entry.isOffered ? "// " : "")
            // Lines after the first have their indentation already; what is offered is all behind one mark.
            lines.append(margin + code[0])
            lines += code.dropFirst().map { entry.isOffered ? margin + $0.dropFirst(indent) : $0 }
        }
        return lines
    }

    private func value(_ node: Skeleton.Node, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent)
        switch node {
        case .value(let value), .open(let value): return [value.text]
        case .object(let entries): return ["{"] + members(entries, indent: indent + 2) + [margin + "}"]
        case .list(let node, _):
            if case .object = node {
                let inner = value(node, indent: indent + 2)
                return ["[", margin + "  " + inner[0]] + inner.dropFirst() + [margin + "]"]
            }
            return ["[" + value(node, indent: indent).joined(separator: "\n") + "]"]
        }
    }

    // MARK: Comments

    private func sentences(on entry: Skeleton.Entry, remark: LocalizedText?) -> [String] {
        var facts: [LocalizedText] = []
        if entry.isOffered { facts.append(LocalizedText("Optional.", "Opsional.")) }
        let isSettled = if case .value = entry.node { remark == nil } else { false }
        if !isSettled { facts += allowed(by: entry.guide) }
        if case .list(_, let items) = entry.node {
            facts += allowed(by: items).map { LocalizedText("Each: ", "Masing-masing: ") + $0 }
        }
        facts += entry.notes
        if let privacy = entry.guide.privacy?.code {
            facts.append(LocalizedText("Class \(privacy).", "Kelas \(privacy)."))
        }
        return [entry.guide.text, remark].compactMap { $0?[language] }
            + [facts.map { $0[language] }.joined(separator: " ")].filter { !$0.isEmpty }
    }

    private func allowed(by guide: ValueGuide) -> [LocalizedText] {
        if let codes = guide.codes {
            let list = codes.joined(separator: ", ")
            return [LocalizedText("One of: \(list).", "Salah satu dari: \(list).")]
        }
        return guide.bounds.map { [$0.sentence] } ?? []
    }

    private func comment(_ text: String, indent: Int) -> [String] {
        let margin = String(repeating: " ", count: indent) + "// "
        var (lines, line) = ([String](), "")
        for word in text.split(separator: " ") {
            if !line.isEmpty && margin.count + line.count + 1 + word.count > Self.width {
                lines.append(margin + line)
                line = ""
            }
            line += line.isEmpty ? String(word) : " " + word
        }
        return line.isEmpty ? lines : lines + [margin + line]
    }
}
