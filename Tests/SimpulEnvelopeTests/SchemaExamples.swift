import Foundation
import StrictJSON

/// The example files below `schemas/<name>/examples/`, read from the source tree.
struct SchemaExample: Sendable, CustomStringConvertible {
    let name: String
    let file: String
    let shouldBeValid: Bool
    let value: JSONValue

    var description: String { "\(name)/\(shouldBeValid ? "valid" : "invalid")/\(file)" }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "schemas")

    static func all(of name: String) throws -> [SchemaExample] {
        try ["valid", "invalid"].flatMap { verdict in
            let folder = Self.folder.appending(path: "\(name)/examples/\(verdict)")
            return try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted().map { file in
                let bytes = Array(try Data(contentsOf: folder.appending(path: file)))
                return SchemaExample(
                    name: name, file: file, shouldBeValid: verdict == "valid", value: try JSONDocument(bytes).root)
            }
        }
    }

    /// The schema documents, by their path without `.json`, such as `alert/1`.
    static func documents() throws -> [String: JSON] {
        var documents: [String: JSON] = [:]
        for name in try FileManager.default.contentsOfDirectory(atPath: folder.path)
        where !name.hasSuffix(".json") {
            let bytes = Array(try Data(contentsOf: folder.appending(path: "\(name)/1.json")))
            documents["\(name)/1"] = JSON(try JSONDocument(bytes).root)
        }
        return documents
    }
}
