import ArgumentParser
import SimpulClient
import SimpulCore
import SimpulEnvelope
import StrictJSON

/// `simpul validate`: the schemas and the rules of protection, offline.
struct Validate: SimpulCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check whole messages against schemas and rules, or any JSON against any schema, offline.",
        discussion: """
            Takes messages {"header":…,"body":…} and lists every fault with its place: line, column and JSON pointer. \
            Files whose name ends in .jsonc may have comments that start with //. Nothing is sent, no clock is looked at, no profile is needed. With --schema it takes any JSON, and a schema of JSON \
            Schema draft 2020-12; what that refers to is given by --resource, for nothing is fetched.

            Exit code 0 where every file is valid, 1 where one has a fault, 2 where one cannot be read or is no JSON, \
            or where the schema is faulty. All files are reported in any case.

            Example:
              simpul validate alert.json tip.jsonc
              simpul validate --schema order.schema.json --resource address.schema.json order.json
            """)

    @OptionGroup var output: OutputOption

    @Option(help: ArgumentHelp("A schema of draft 2020-12, instead of those of messages.", valueName: "file"))
    var schema: String?

    @Option(
        help: ArgumentHelp(
            "Another document that the schema refers to, by its $id or as its neighbour; may be repeated.",
            valueName: "file"))
    var resource: [String] = []

    @Flag(help: "With --schema: strings must be of their 'format'; formats that are unknown are ignored.")
    var formatAssertion = false

    @Argument(help: "The files; - is the standard input.")
    var files: [String]

    func validate() throws {
        guard schema != nil || resource.isEmpty && !formatAssertion else {
            throw ValidationError("--resource and --format-assertion go with --schema.")
        }
        guard (files + resource + [schema].compactMap { $0 }).count(where: { $0 == "-" }) <= 1 else {
            throw ValidationError("The standard input can be read once.")
        }
    }

    func perform(_ terminal: Terminal) async throws -> Int32 {
        let checked = files.map(try check())
        let answer: JSON = [
            "valid": .bool(checked.allSatisfy { $0.verdict == .valid }), "files": .array(checked.map(terminal.json)),
        ]
        try terminal.answer(answer, checked.map(terminal.text).joined(separator: "\n"))
        return checked.map(\.verdict.rawValue).max() ?? 0
    }

    private func check() throws(ClientError) -> (String) -> CheckedFile {
        guard let schema else {
            let check = DocumentCheck(catalogue: try .embedded())
            return { check.check($0) }
        }
        let check = try SchemaCheck(schema: schema, resources: resource, assertsFormats: formatAssertion)
        return { check.check($0) }
    }
}

extension Terminal {
    fileprivate func json(_ checked: CheckedFile) -> JSON {
        .object([
            "file": .string(checked.file), "valid": .bool(checked.verdict == .valid),
            "errors": .array(checked.found.map { json($0) }),
            "more": checked.isCut ? true : nil,
        ])
    }

    fileprivate func text(_ checked: CheckedFile) -> String {
        let verdict =
            switch checked.verdict {
            case .valid: LocalizedText("valid", "sah")
            case .invalid: LocalizedText("not valid", "tidak sah")
            case .unable: LocalizedText("not checked", "tidak diperiksa")
            }
        var lines = ["\(checked.file): \(verdict[language])"]
        for found in checked.found {
            let schema = found.schemaLocation.map { " (\(found.fault.keyword): \($0))" } ?? ""
            lines.append(text(found, in: checked.file) + schema)
        }
        if checked.isCut { lines.append("  …") }
        return lines.joined(separator: "\n")
    }
}
