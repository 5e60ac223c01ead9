import ArgumentParser
import SimpulClient
import SimpulCore
import SimpulEnvelope
import StrictJSON

/// `simpul validate`: the schemas alone, offline.
struct Validate: SimpulCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check whole messages against the schemas, offline and without a profile.",
        discussion: """
            Takes messages {"header":…,"body":…} and lists every fault with its place (a JSON pointer). Nothing is \
            sent, no clock is looked at. Exit code 1 where a message has a fault.

            Example:
              simpul validate alert.json referral.json
            """)

    @OptionGroup var output: OutputOption

    @Argument(help: "The messages; - is the standard input.")
    var files: [String]

    func perform(_ terminal: Terminal) async throws -> Int32 {
        let check = DocumentCheck(catalogue: try .embedded())
        var results: [JSON] = []
        var lines: [String] = []
        var isValid = true
        for file in files {
            let faults = check.faults(in: try FileAccess.read(file, limit: Limits().documentBytes))
            isValid = isValid && faults.isEmpty
            results.append([
                "file": .string(file), "valid": .bool(faults.isEmpty), "errors": .array(faults.map(terminal.json)),
            ])
            let verdict = faults.isEmpty ? LocalizedText("valid", "sah") : LocalizedText("not valid", "tidak sah")
            lines += ["\(file): \(verdict[terminal.language])"] + faults.map(terminal.line)
        }
        try terminal.answer(
            ["valid": .bool(isValid), "files": .array(results)], lines.joined(separator: "\n"))
        return isValid ? 0 : 1
    }
}
