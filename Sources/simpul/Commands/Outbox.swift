import ArgumentParser
import SimpulClient
import SimpulCore
import StrictJSON

/// `simpul outbox`: what this agency has sent, and how far it is.
struct Outbox: SimpulCommand {
    static let configuration = CommandConfiguration(
        abstract: "List what this agency has sent and where each message stands.",
        discussion: """
            Messages in the order of acceptance, page after page. With --json one document a line for each message.

            Example:
              simpul outbox --state waiting
              simpul outbox --since 2026-03-04T00:00:00+07:00 --json
            """)

    @OptionGroup var profile: ProfileOption
    @OptionGroup var output: OutputOption

    @Option(help: ArgumentHelp("Only messages that stand there, such as waiting or opened.", valueName: "state"))
    var state: String?

    @Option(help: ArgumentHelp("Only messages accepted at that moment or later, in RFC 3339.", valueName: "time"))
    var since: String?

    @Option(help: ArgumentHelp("The most messages.", valueName: "number"))
    var limit = 1000

    private static let states = [
        "waiting", "backing-off", "parked", "leased", "pushing", "bounced", "expired", "acknowledged", "opened",
        "answered", "closed", "recalled", "cancelled",
    ]

    func validate() throws {
        guard state.map(Self.states.contains) ?? true else {
            throw ValidationError("--state takes one of \(Self.states.joined(separator: ", ")).")
        }
        guard since.map({ Timestamp($0) != nil }) ?? true else {
            throw ValidationError("--since takes a time such as 2026-03-04T00:00:00+07:00.")
        }
        guard (1...100_000).contains(limit) else { throw ValidationError("--limit takes 1 to 100000.") }
    }

    func perform(_ terminal: Terminal) async throws -> Int32 {
        let session = try Session(profile, terminal)
        return try await session.withHub { hub in
            var cursor: String?
            var left = limit
            repeat {
                let page = try await hub.outbox(
                    OutboxRequest(
                        state: state, since: since.flatMap(Timestamp.init), limit: min(left, 100), after: cursor))
                for message in page.messages { try terminal.answer(JSON(message), Self.text(message)) }
                left -= page.messages.count
                cursor = page.next
            } while cursor != nil && left > 0
            return 0
        }
    }

    private static func text(_ message: JSONValue) -> String {
        let recipients = message["recipients"].map { Array($0.elements) } ?? []
        let standing = recipients.map { row in
            "\(row["agency"]?.string ?? "?") \(row["state"]?.string ?? "?")"
        }
        let at = recipients.first?["rungs"]?.elements.first { _ in true }?["at"]?.string ?? "?"
        return "\(at) \(message["type"]?.string ?? "?") \(message["id"]?.string ?? "?"): "
            + standing.joined(separator: ", ")
    }
}
