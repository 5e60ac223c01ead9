import ArgumentParser
import SimpulClient
import SimpulCore
import StrictJSON

/// `simpul trace`: the whole ladder of one message, each rung verified.
struct Trace: SimpulCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show every step of one message, each proven by its receipt.",
        discussion: """
            For a message of this agency the id is enough; one that another agency sent us is named SENDER/ID, and \
            shows our own steps. A receipt that cannot be verified is marked, and the exit code is 1.

            Example:
              simpul trace 019cb7bb-7c10-7b5a-8a5e-f372fe94f82a
            """)

    @OptionGroup var profile: ProfileOption
    @OptionGroup var output: OutputOption

    @Argument(help: ArgumentHelp("The message's id, or SENDER/ID.", valueName: "message"))
    var reference: String

    func validate() throws {
        guard parsed != nil else { throw ValidationError("A message is named by its id, or as SENDER/ID.") }
    }

    private var parsed: (sender: AgencyID?, id: MessageID)? {
        let parts = reference.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard let id = parts.last.flatMap(MessageID.init), parts.count <= 2 else { return nil }
        if parts.count == 1 { return (nil, id) }
        return AgencyID(parts[0]).map { ($0, id) }
    }

    func perform(_ terminal: Terminal) async throws -> Int32 {
        guard let (sender, id) = parsed else { return 2 }
        let session = try Session(profile, terminal)
        let (message, known) = try await session.withHub { hub in
            (
                try await hub.message(id, from: sender),
                session.known.extended(by: try await hub.directory(), at: .now)
            )
        }
        let check = ReceiptCheck(hub: session.profile.hub, known: known, catalogue: session.catalogue)
        let own = sender == nil ? try? Spool(folder: session.profile.spool).digest(of: id) : nil
        let ladder = Ladder(message, of: id, from: sender ?? session.profile.agency, own: own, check)
        try terminal.answer(ladder.json, ladder.text(terminal.language))
        return ladder.isVerified ? 0 : 1
    }
}

/// A message's steps as the broker tells them, with what their receipts prove.
private struct Ladder {
    struct Step {
        var agency: String
        var rung: String
        var at: String
        var isVerified: Bool
        var by: String?
        var statement: ReceiptStatement?
    }

    let message: JSONValue
    let steps: [Step]

    var isVerified: Bool { steps.allSatisfy(\.isVerified) }

    /// - Parameter own: the digest of our own envelope, where we still have it; else the broker's word is taken for it.
    init(
        _ message: JSONValue, of id: MessageID, from sender: AgencyID, own: Digest?, _ check: ReceiptCheck
    ) {
        self.message = message
        let digest = own ?? message["digest"]?.string.flatMap { Digest($0) }
        var steps: [Step] = []
        var rows = (message["recipients"].map { Array($0.elements) } ?? []).map { ($0["agency"]?.string, $0["rungs"]) }
        rows.append((sender.description, message["senderRungs"]))
        for (agency, rungs) in rows {
            for rung in rungs.map({ Array($0.elements) }) ?? [] {
                let statement = rung["receipt"]?.utf8.flatMap { token in
                    try? check.rung(Receipt(token: token), of: id, from: sender, digest: digest)
                }
                // A receipt of one recipient proves nothing about another.
                let isOfRow = statement?.agency.map { $0.description == agency } ?? true
                let name = rung["rung"]?.string ?? "?"
                steps.append(
                    Step(
                        agency: agency ?? "?", rung: name,
                        at: statement?.at.description ?? rung["at"]?.string ?? "?",
                        isVerified: isOfRow && statement?.rung.rawValue == name, by: statement?.by,
                        statement: statement))
            }
        }
        self.steps = steps
    }

    var json: JSON {
        .object([
            "id": message["id"].map { JSON($0) } ?? .null, "state": message["state"].map { JSON($0) } ?? .null,
            "purged": message["purged"].map { JSON($0) }, "verified": .bool(isVerified),
            "steps": .array(steps.map(Self.json)),
        ])
    }

    private static func json(_ step: Step) -> JSON {
        var members = [
            JSON.Member("agency", .string(step.agency)), JSON.Member("rung", .string(step.rung)),
            JSON.Member("at", .string(step.at)),
        ]
        if let by = step.by { members.append(JSON.Member("by", .string(by))) }
        if let statement = step.statement, let notice = statement.notice {
            if let clock = notice.clock { members.append(JSON.Member("clock", .string(clock.rawValue))) }
            if let due = notice.due { members.append(JSON.Member("due", .string(due.description))) }
            members.append(JSON.Member("text", .string(RungText(statement).sentence.english)))
        }
        members.append(JSON.Member("verified", .bool(step.isVerified)))
        return .object(members)
    }

    func text(_ language: Language) -> String {
        let doubt = LocalizedText("NOT VERIFIED", "TIDAK TERBUKTI")[language]
        let lines = steps.map { step in
            let by = step.by.map { " (\($0))" } ?? ""
            let story = step.statement.flatMap { $0.notice == nil ? nil : RungText($0).sentence[language] }
            let line = "\(step.at) \(step.agency) \(step.rung)\(by)\(step.isVerified ? "" : " \(doubt)")"
            return story.map { "\(line)\n    \($0)" } ?? line
        }
        let head =
            "\(message["type"]?.string ?? "?") \(message["id"]?.string ?? "?"): \(message["state"]?.string ?? "?")"
        let end = message["purged"]?.string.map { moment in
            LocalizedText(
                "\(moment) the broker has purged the message; its receipts stay.",
                "\(moment) simpul telah menghapus isi pesan; tanda terimanya tetap ada.")[language]
        }
        return ([head] + lines + [end].compactMap { $0 }).joined(separator: "\n")
    }
}
