import ArgumentParser
import SimpulBroker
import SimpulClient
import SimpulConfiguration
import SimpulCore
import SimpulStoreSQLite
import StrictJSON

/// `simpul policy diff`: what a new policy would have decided otherwise.
struct PolicyDiffCommand: SimpulCommand {
    static let configuration = CommandConfiguration(
        commandName: "diff",
        abstract: "Show what a new policy would change, cell by cell and by what was really sent.",
        discussion: """
            Compares the tables of both, then judges by both the header of every message that the broker has accepted in \
            the last days. A message that was refused is not kept, so it cannot be judged again: what a new policy lets \
            pass shows in the table only. Reads beside a running broker.

            Exit code 0 where nothing changes, 1 where something does, 2 where it cannot be told.

            Example:
              simpul policy diff hub/policy.yaml new.yaml --config hub/simpuld.yaml --days 30
            """)

    @OptionGroup var output: OutputOption

    @Argument(help: "The policy that is in force.")
    var old: String

    @Argument(help: "The policy that shall be.")
    var new: String

    @Option(help: ArgumentHelp("The broker's simpuld.yaml: its roster and its store.", valueName: "file"))
    var config = "simpuld.yaml"

    @Option(help: ArgumentHelp("How many days of headers to judge, 0 to 3660.", valueName: "days"))
    var days = 30

    func validate() throws {
        guard (0...3660).contains(days) else { throw ValidationError("--days takes 0 to 3660.") }
    }

    func perform(_ terminal: Terminal) async throws -> Int32 {
        let now = Timestamp.now
        let hub = try HubFiles.load(config, now: now)
        let (old, new) = (try HubFiles.policy(old), try HubFiles.policy(new))
        let cells = CellChange.between(PolicyMatrix(old), PolicyMatrix(new))
        var comparison = PolicyComparison(old, new, roster: hub.rules.roster)
        var unread = 0
        if FileAccess.exists(hub.database) {
            do {
                let reader = try StoreReader(path: hub.database, limits: hub.limits)
                try reader.headers(since: now.advanced(bySeconds: -Int64(days) * 86_400)) { header in
                    if let header { comparison.add(header) } else { unread += 1 }
                }
            } catch {
                throw ClientError(.unable, "store", LocalizedText(error.cause, error.cause))
            }
        }
        let report = Report(cells: cells, comparison: comparison, unread: unread, days: days)
        try terminal.answer(report.json(terminal.language), report.text(terminal.language))
        return cells.isEmpty && comparison.changes.isEmpty ? 0 : 1
    }
}

/// One cell of the table that two policies have differently.
private struct CellChange {
    let type: MessageType
    let party: String
    let old: PolicyMatrix.Cell
    let new: PolicyMatrix.Cell

    static func between(_ old: PolicyMatrix, _ new: PolicyMatrix) -> [CellChange] {
        let parties = Set(old.parties).union(new.parties).sorted()
        return MessageType.allCases.flatMap { type in
            parties.map { CellChange(type: type, party: $0, old: old[type, $0], new: new[type, $0]) }
                .filter { $0.old.text != $0.new.text }
        }
    }
}

private struct Report {
    let cells: [CellChange]
    let comparison: PolicyComparison
    let unread: Int
    let days: Int

    /// The changes that matter to most messages first.
    private var changes: [(change: PolicyComparison.Change, count: Int)] {
        comparison.changes.map { ($0.key, $0.value) }
            .sorted { one, other in
                if one.1 != other.1 { return one.1 > other.1 }
                return (one.0.sender, one.0.recipient, one.0.type.rawValue)
                    < (other.0.sender, other.0.recipient, other.0.type.rawValue)
            }
    }

    func json(_ language: Language) -> JSON {
        [
            "cells": .array(
                cells.map {
                    [
                        "type": .string($0.type.rawValue), "party": .string($0.party), "old": .string($0.old.text),
                        "new": .string($0.new.text),
                    ]
                }),
            "days": .integer(days), "messages": .integer(comparison.messages), "unread": .integer(unread),
            "strangers": .integer(comparison.strangers),
            "changes": .array(
                changes.map { change, count in
                    [
                        "type": .string(change.type.rawValue), "sender": .string(change.sender.description),
                        "recipient": .string(change.recipient.description), "count": .integer(count),
                        "old": .string(change.old.text[language]), "new": .string(change.new.text[language]),
                    ]
                }),
        ]
    }

    func text(_ language: Language) -> String {
        var lines = cells.map { "\($0.type.rawValue), \($0.party): \($0.old.text) → \($0.new.text)" }
        if cells.isEmpty {
            lines.append(
                LocalizedText("The tables are the same.", "Kedua tabel sama.")[language])
        }
        let judged = LocalizedText(
            "\(comparison.messages) messages of \(days) days judged by both.",
            "\(comparison.messages) pesan dari \(days) hari dinilai dengan keduanya.")
        lines.append(judged[language])
        for (change, count) in changes {
            lines.append("\(count) × \(change.type.rawValue), \(change.sender) → \(change.recipient):")
            lines.append("    \(change.old.text[language])")
            lines.append("    → \(change.new.text[language])")
        }
        if comparison.changes.isEmpty {
            lines.append(
                LocalizedText("No decision about them changes.", "Tidak ada keputusan yang berubah.")[language])
        }
        if comparison.strangers + unread > 0 {
            let rest = LocalizedText(
                "Not judged: \(comparison.strangers) parties that the roster no longer has, \(unread) messages that are no longer kept.",
                "Tidak dinilai: \(comparison.strangers) pihak yang tidak ada lagi dalam daftar, \(unread) pesan yang tidak disimpan lagi."
            )
            lines.append(rest[language])
        }
        return lines.joined(separator: "\n")
    }
}

extension PolicyDecision {
    fileprivate var text: LocalizedText {
        switch self {
        case .allowed(let rule): LocalizedText("passes by the rule \(rule)", "diizinkan oleh aturan \(rule)")
        case .denied(let denial):
            LocalizedText("refused: \(denial.text.english)", "ditolak: \(denial.text.indonesian)")
        }
    }
}
