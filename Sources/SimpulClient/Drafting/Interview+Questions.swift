internal import SimpulCore
internal import StrictJSON

/// How single questions are put and answers read.
extension Interview {
    func say(_ text: LocalizedText) { person.say(text[language]) }

    /// What is asked for: the place, its text, what is possible, its class.
    func heading(_ path: [String], _ guide: ValueGuide, notes: [LocalizedText]) {
        var lines = ["", path.joined(separator: "/") + (guide.text.map { ": " + $0[language] } ?? "")]
        var facts = guide.codes == nil ? [guide.bounds?.sentence].compactMap { $0 } : []
        facts += notes
        if let privacy = guide.privacy?.code { facts.append(LocalizedText("Class \(privacy).", "Kelas \(privacy).")) }
        if !facts.isEmpty { lines.append("  " + facts.map { $0[language] }.joined(separator: " ")) }
        person.say(lines.joined(separator: "\n"))
    }

    /// Asks for one scalar until an answer fits.
    /// - Parameter mayEnd: whether an empty line means that there is none.
    /// - Returns: whether there is one.
    mutating func scalar(_ guide: ValueGuide, at path: [String], mayEnd: Bool = false) throws(ClientError) -> Bool {
        let codes = guide.codes
        if let codes { person.say(Self.numbered(codes)) }
        let proposal = proposal(at: path)
        if let proposal {
            say(LocalizedText("  Enter: \(proposal.plainText)", "  Enter: \(proposal.plainText)"))
        } else if mayEnd {
            say(LocalizedText("  Enter ends the list.", "  Enter mengakhiri daftar."))
        }
        for _ in 0..<Self.attempts {
            let answer = Self.trimmed(try person.line())
            if answer.isEmpty, mayEnd { return false }
            put(answer.isEmpty ? proposal ?? "" : guide.read(answer, codes: codes), at: path)
            let faults = faults(at: path)
            if faults.isEmpty { return true }
            put(nil, at: path)
            person.say(faults.map { "  " + $0.detail[language] }.joined(separator: "\n"))
        }
        throw .tooManyAnswers
    }

    /// Which of the optional members are wanted.
    func optional(_ names: [String], _ view: ValueGuide, at path: [String]) throws(ClientError) -> [String] {
        guard !names.isEmpty else { return [] }
        let place = path.joined(separator: "/")
        say(LocalizedText("\n\(place), optional:", "\n\(place), opsional:"))
        let lines = names.map { name in name + (view.member(name).text.map { ": " + $0[language] } ?? "") }
        person.say(lines.enumerated().map { "  \($0 + 1) \($1)" }.joined(separator: "\n"))
        say(
            LocalizedText(
                "  Numbers of those to fill in, such as 1 3; Enter for none.",
                "  Nomor yang akan diisi, misalnya 1 3; Enter bila tidak ada."))
        for _ in 0..<Self.attempts {
            let words = try person.line().split { $0 == " " || $0 == "," || $0 == "\t" }
            let chosen = words.map { word in
                Int(word).flatMap { names.indices.contains($0 - 1) ? names[$0 - 1] : nil }
                    ?? names.first { $0 == word }
            }
            if !chosen.contains(nil) { return names.filter { chosen.contains($0) } }
            say(.noSuchNumber)
        }
        throw .tooManyAnswers
    }

    /// Which of several sets of members is to be filled in.
    func choose(_ alternatives: [[String]], _ view: ValueGuide, at path: [String]) throws(ClientError) -> [String] {
        say(LocalizedText("\n", "\n") + FaultText.oneMissing(alternatives))
        let texts = alternatives.map { names in
            names.map { name in name + (view.member(name).text.map { ": " + $0[language] } ?? "") }
                .joined(separator: " + ")
        }
        return alternatives[try number(texts, path)]
    }

    /// One of several things by its number; without a question where there is only one.
    func number(_ texts: [String], _ path: [String]) throws(ClientError) -> Int {
        guard texts.count > 1 else { return 0 }
        person.say(texts.enumerated().map { "  \($0 + 1) \($1)" }.joined(separator: "\n"))
        for _ in 0..<Self.attempts {
            let answer = Self.trimmed(try person.line())
            if let number = Int(answer), texts.indices.contains(number - 1) { return number - 1 }
            if let index = texts.firstIndex(of: answer) { return index }
            say(.noSuchNumber)
        }
        throw .tooManyAnswers
    }

    func isYes(_ question: LocalizedText) throws(ClientError) -> Bool {
        say(LocalizedText("  ", "  ") + question)
        let answer = Self.trimmed(try person.line()).lowercased()
        return ["y", "yes", "ya"].contains(answer)
    }

    private static func numbered(_ codes: [String]) -> String {
        var (lines, line) = ([String](), " ")
        for (index, code) in codes.enumerated() {
            let item = " \(index + 1) \(code)" + (index < codes.count - 1 ? "," : "")
            if line.utf8.count + item.utf8.count > 100, line.count > 1 {
                lines.append(line)
                line = " "
            }
            line += item
        }
        return (lines + [line]).joined(separator: "\n")
    }

    private static func trimmed(_ line: String) -> String {
        String(line.drop { $0 == " " || $0 == "\t" }.reversed().drop { $0.isWhitespace }.reversed())
    }
}

extension ValueGuide {
    /// An answer as the value that it stands for; what cannot be read so stays a text, and the schemas refuse it.
    fileprivate func read(_ answer: String, codes: [String]?) -> JSON {
        if let codes {
            let index = Int(answer).map { $0 - 1 }
            return .string(index.flatMap { codes.indices.contains($0) ? codes[$0] : nil } ?? answer)
        }
        switch types.first {
        case "integer", "number": return Int(answer).map { .integer($0) } ?? .string(answer)
        case "boolean":
            switch answer.lowercased() {
            case "y", "yes", "ya", "true": return true
            case "n", "no", "t", "tidak", "false": return false
            default: return .string(answer)
            }
        case "string": return .string(answer)
        default:
            let parsed = types.isEmpty ? try? JSONDocument(Array(answer.utf8)) : nil
            return parsed.map { JSON($0.root) } ?? .string(answer)
        }
    }

    /// What kind of value it is, in a word or two.
    var kindName: LocalizedText {
        kindText ?? text ?? FaultText.kindName(types.first ?? "null")
    }
}

extension LocalizedText {
    fileprivate static let noSuchNumber = LocalizedText(
        "  That is none of the numbers.", "  Itu bukan salah satu nomor di atas.")
}

extension ClientError {
    fileprivate static let tooManyAnswers = ClientError(
        .unable, "interview",
        LocalizedText(
            "No answer fits; the interview is given up and nothing was written.",
            "Tidak ada jawaban yang sesuai; tanya jawab dihentikan dan tidak ada yang ditulis."))

    /// The answers have ended before the draft was complete.
    public static let answersEnded = ClientError(
        .unable, "interview",
        LocalizedText(
            "The answers ended before the draft was complete; nothing was written.",
            "Jawaban berakhir sebelum konsep lengkap; tidak ada yang ditulis."))
}
