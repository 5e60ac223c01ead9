import Foundation
import StrictJSON

/// The examples below `schemas/`.
struct Example: CustomStringConvertible {
    let name: String
    let bytes: [UInt8]
    let root: JSONValue

    var description: String { name }

    /// Those of a type (or of `header`), in the order of their names.
    static func all(of type: String, valid: Bool) throws -> [Example] {
        let folder = root.appending(path: "schemas/\(type)/examples/\(valid ? "valid" : "invalid")")
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return try files.sorted { $0.path < $1.path }.map { file in
            let bytes = Array(try Data(contentsOf: file))
            return Example(
                name: "\(type)/\(file.lastPathComponent)", bytes: bytes, root: try JSONDocument(bytes).root)
        }
    }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// Every code and constant that any schema names, and every word of its titles.
    static func schemaWords() throws -> Set<String> {
        var words: Set<String> = []
        let schemas = root.appending(path: "schemas")
        for name in try FileManager.default.contentsOfDirectory(atPath: schemas.path) {
            let file = schemas.appending(path: "\(name)/1.json")
            guard let data = try? Data(contentsOf: file) else { continue }
            collect(try JSONDocument(Array(data)).root, into: &words)
        }
        return words
    }

    private static func collect(_ schema: JSONValue, into words: inout Set<String>) {
        for member in schema.members {
            switch member.name.string {
            case "enum": words.formUnion(member.value.elements.compactMap(\.string))
            case "const": words.formUnion([member.value.string].compactMap { $0 })
            case "title":
                words.formUnion(member.value.string?.split(separator: " ").map(String.init) ?? [])
            default: collect(member.value, into: &words)
            }
        }
        for element in schema.elements { collect(element, into: &words) }
    }
}

extension JSONValue {
    /// Every string in it, at any depth, that is no name.
    var strings: [String] {
        string.map { [$0] } ?? members.flatMap { $0.value.strings } + elements.flatMap(\.strings)
    }
}

extension JSONValue {
    /// The ways to every member of that name.
    func paths(named name: String) -> [[String]] {
        let inMembers = members.flatMap { member -> [[String]] in
            let own = member.name.string ?? ""
            return (own == name ? [[own]] : []) + member.value.paths(named: name).map { [own] + $0 }
        }
        return inMembers
            + elements.enumerated().flatMap { index, element in
                element.paths(named: name).map { [String(index)] + $0 }
            }
    }
}
