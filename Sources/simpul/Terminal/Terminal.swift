import Glibc
import SimpulClient
import SimpulCore
import StrictJSON

/// Where a command answers: results on the standard output, everything else on the standard error, in the person's
/// language.
struct Terminal {
    let isJSON: Bool
    let language: Language

    init(_ output: OutputOption) {
        isJSON = output.isJSON
        language = output.language ?? Self.language { name in getenv(name).map { String(cString: $0) } }
    }

    /// Indonesian where the locale says so, else English; `LC_ALL` counts before `LC_MESSAGES` before `LANG`.
    static func language(_ environment: (String) -> String?) -> Language {
        let locale = ["LC_ALL", "LC_MESSAGES", "LANG"].lazy.compactMap(environment).first { !$0.isEmpty } ?? ""
        return locale == "id" || locale.hasPrefix("id_") || locale.hasPrefix("id.") ? .indonesian : .english
    }

    /// Writes a result: the JSON on one line, or the text.
    /// - Throws: where the reader is gone, so that nothing is settled that nobody has seen.
    func answer(_ json: @autoclosure () -> JSON, _ text: @autoclosure () -> String) throws(FileError) {
        let line = isJSON ? json().text : Self.printable(text())
        try FileAccess.write(Array((line + "\n").utf8), descriptor: 1, of: "stdout")
    }

    /// Says something to the person that is no result.
    func note(_ text: LocalizedText) { Self.write(Self.printable(text[language]) + "\n", to: 2) }

    /// Reports a failure: on the standard error as text, with `--json` on the standard output as well.
    func report(_ error: ClientError) {
        var text = "simpul: \(error.code): " + error.detail[language]
        for fault in error.faults { text += "\n" + line(fault) }
        Self.write(Self.printable(text) + "\n", to: 2)
        if isJSON { Self.write(JSON.object([.init("error", json(error))]).text + "\n", to: 1) }
    }

    /// Reports why a document was not sent, each fault with its place in the file that it was read from.
    func report(_ error: ClientError, in source: DraftSource) {
        let guide = SchemaGuide()
        let found = source.found(error.faults, guide: guide)
        let lines = ["simpul: \(error.code): " + error.detail[language]] + found.map { text($0, in: source.file) }
        Self.write(Self.printable(lines.joined(separator: "\n")) + "\n", to: 2)
        guard isJSON else { return }
        var json = json(error)
        json["errors"] = found.isEmpty ? nil : .array(found.map { self.json($0) })
        Self.write(JSON.object([.init("error", json)]).text + "\n", to: 1)
    }

    /// A fault of a file: where it is, what is wrong there, and on a line of its own what the member is for.
    func text(_ found: CheckedFile.Found, in file: String) -> String {
        let place = found.place.map { "\(file):\($0.line):\($0.column): " } ?? ""
        let pointer = found.fault.pointer.isEmpty && found.place != nil ? "" : pointer(found.fault) + ": "
        let member = found.member.map { "\n      " + $0[language] } ?? ""
        return "  \(place)\(pointer)\(found.fault.detail[language])\(member)"
    }

    func json(_ found: CheckedFile.Found) -> JSON {
        var error = json(found.fault)
        error["line"] = found.place.map { .integer($0.line) }
        error["column"] = found.place.map { .integer($0.column) }
        error["member"] = found.member.map { .string($0[language]) }
        error["schema"] = found.schemaLocation.map { .string($0) }
        return error
    }

    private func pointer(_ fault: DocumentFault) -> String { fault.pointer.isEmpty ? "/" : fault.pointer }

    /// A fault on one line: its place, and what is wrong there.
    func line(_ fault: DocumentFault) -> String {
        "  \(pointer(fault)): \(fault.detail[language])"
    }

    func json(_ fault: DocumentFault) -> JSON {
        [
            "pointer": .string(fault.pointer), "keyword": .string(fault.keyword),
            "detail": .string(fault.detail[language]),
        ]
    }

    func json(_ error: ClientError) -> JSON {
        .object([
            "code": .string(error.code), "detail": .string(error.detail[language]),
            "status": error.problem.map { .integer($0.status) }, "stage": error.problem?.stage.map { .string($0) },
            "trace": error.problem?.trace.map { .string($0) },
            "errors": error.faults.isEmpty ? nil : .array(error.faults.map(json)),
            "receipt": error.problem?.receipt.map { .string($0.text) },
        ])
    }

    static func write(_ text: String, to descriptor: Int32) {
        try? FileAccess.write(Array(text.utf8), descriptor: descriptor, of: "output")
    }

    /// A text without characters that would command the terminal.
    static func printable(_ text: String) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.map { scalar in
                    let isControl = scalar.value < 32 && scalar != "\n" || (0x7F...0x9F).contains(scalar.value)
                    return isControl ? "\u{FFFD}" : scalar
                }))
    }
}

extension ClientError {
    /// The exit code that goes with the failure.
    var exitCode: Int32 { outcome == .refused ? 1 : 2 }
}
