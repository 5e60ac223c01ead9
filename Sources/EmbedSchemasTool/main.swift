// Writes a Swift file that holds every schema document of a folder: `EmbedSchemasTool <schemas folder> <output file>`.
import Foundation

guard CommandLine.arguments.count == 3 else {
    FileHandle.standardError.write(Data("usage: EmbedSchemasTool <schemas folder> <output file>\n".utf8))
    exit(2)
}
let root = URL(filePath: CommandLine.arguments[1])
let output = URL(filePath: CommandLine.arguments[2])

let paths = (FileManager.default.enumerator(atPath: root.path(percentEncoded: false))?.allObjects ?? [])
    .compactMap { $0 as? String }
    .filter { $0.hasSuffix(".json") && !$0.contains("/examples/") }
    .sorted()

var swift = "/// Generated from schemas/ by the build. One entry a document: its path below schemas/, and its text.\n"
swift += "let embeddedSchemas: [(path: String, text: StaticString)] = [\n"
for path in paths {
    let text = try String(contentsOf: root.appending(path: path), encoding: .utf8)
    precondition(!text.contains("\"\"\"###"), "\(path) would end the literal")
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { "        \($0)" }
    swift +=
        "    (\n        \"\(path)\",\n        ###\"\"\"\n\(lines.joined(separator: "\n"))\n        \"\"\"###\n    ),\n"
}
swift += "]\n"
try swift.write(to: output, atomically: true, encoding: .utf8)
