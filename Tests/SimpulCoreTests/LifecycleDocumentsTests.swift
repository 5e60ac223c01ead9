import Foundation
import SimpulCore
import StrictJSON
import Testing

/// The tables in docs/lifecycles.md and the codes in the schemas are those of the code.
@Suite struct LifecycleDocumentsTests {
    static let types = MessageType.allCases.filter { $0.lifecycle != nil }

    private func octets(of name: String) throws -> [UInt8] {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        return Array(try Data(contentsOf: root.appending(path: name)))
    }

    /// The codes in a cell, in backquotes; `first` is nil.
    private func states(_ cell: Substring) -> [LifecycleState?] {
        let codes = cell.split(separator: "`").filter { $0.contains { $0.isLetter } }
        return codes.map { $0.contains("first") ? nil : LifecycleState(rawValue: String($0)) }
    }

    /// Each state, or nil for the first, with what the page lets follow it.
    private func documented(_ type: MessageType) throws -> [LifecycleState?: Set<LifecycleState>] {
        let sections = String(decoding: try octets(of: "docs/lifecycles.md"), as: UTF8.self).split(separator: "### ")
        let section = try #require(
            sections.first { section in
                let heading = section.prefix { $0 != "(" }
                return heading.split(separator: ",").contains {
                    $0.trimmingCharacters(in: .whitespaces) == type.rawValue
                }
            })
        var table: [LifecycleState?: Set<LifecycleState>] = [:]
        for row in section.split(separator: "\n") where row.hasPrefix("| ") && !row.hasPrefix("| last ") {
            let cells = row.split(separator: "|")
            for state in states(cells[0]) { table[state] = Set(states(cells[1]).compactMap(\.self)) }
        }
        return table
    }

    @Test(arguments: types) func `the page shows the table`(_ type: MessageType) throws {
        let lifecycle = try #require(type.lifecycle)
        var expected: [LifecycleState?: Set<LifecycleState>] = [nil: Set(lifecycle.initial)]
        for state in lifecycle.states { expected[state] = Set(lifecycle.steps(after: state)) }
        #expect(try documented(type) == expected)
    }

    @Test(arguments: types) func `the states are the codes of the schema`(_ type: MessageType) throws {
        let header = try JSONDocument(octets(of: "schemas/header/1.json")).root
        let rule = header["allOf"]?.elements.first {
            $0["if"]?["properties"]?["type"]?["not"]?["const"]?.string == type.rawValue
        }
        let member = type == .return ? header["properties"]?["step"] : rule?["else"]?["properties"]?["state"]
        var codes = try #require(member)
        if let reference = codes["$ref"]?.string {
            let name = String(try #require(reference.split(separator: "/").last))
            let common = try JSONDocument(octets(of: "schemas/common/1.json")).root
            codes = try #require(common["$defs"]?[name])
        }
        let listed = try #require(codes["enum"]).elements.compactMap { $0.string.map(LifecycleState.init(rawValue:)) }
        #expect(try #require(type.lifecycle).states == Set(listed))
    }
}
