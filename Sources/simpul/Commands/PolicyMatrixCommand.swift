import ArgumentParser
import SimpulBroker
import SimpulClient
import SimpulConfiguration
import SimpulCore
import StrictJSON

/// `simpul policy matrix`: a policy file as the table that people agree on.
struct PolicyMatrixCommand: SimpulCommand {
    static let configuration = CommandConfiguration(
        commandName: "matrix",
        abstract: "Show a policy as a table of types and roles.",
        discussion: """
            S: may send, R: may receive, *: only under a condition of the rule. A group stands behind an @.

            Example:
              simpul policy matrix hub/policy.yaml
            """)

    @OptionGroup var output: OutputOption

    @Argument(help: "The policy file.")
    var file: String

    func perform(_ terminal: Terminal) async throws -> Int32 {
        let matrix = PolicyMatrix(try HubFiles.policy(file))
        try terminal.answer(json(matrix), text(matrix))
        return 0
    }

    private func json(_ matrix: PolicyMatrix) -> JSON {
        .object(
            MessageType.allCases.map { type in
                JSON.Member(
                    type.rawValue,
                    .object(matrix.parties.map { .init($0, .string(matrix[type, $0].text)) }))
            })
    }

    private func text(_ matrix: PolicyMatrix) -> String {
        let width = (MessageType.allCases.map(\.rawValue.count).max() ?? 0) + 1
        let columns = matrix.parties.map { ($0, max($0.count, 3) + 1) }
        func row(_ title: String, _ cell: (String) -> String) -> String {
            var line = title.padded(to: width)
            for (party, width) in columns { line += cell(party).padded(to: width) }
            return String(line.reversed().drop { $0 == " " }.reversed())
        }
        let rows = MessageType.allCases.map { type in row(type.rawValue) { matrix[type, $0].text } }
        return ([row("") { $0 }] + rows).joined(separator: "\n")
    }
}

extension String {
    fileprivate func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }
}
