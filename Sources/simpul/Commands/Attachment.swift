import ArgumentParser
import SimpulClient
import SimpulCore
import StrictJSON

/// `simpul attachment`: files that go with messages.
struct AttachmentCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "attachment", abstract: "Fetch the files that a message takes along.",
        subcommands: [AttachmentGet.self])
}

/// `simpul attachment get`: downloads, verifies, decrypts.
struct AttachmentGet: SimpulCommand {
    static let configuration = CommandConfiguration(
        commandName: "get",
        abstract: "Fetch, verify and decrypt the attachments of an opened message.",
        discussion: """
            Takes the document that simpul open or simpul receive --out has written. Each file is called after its \
            digest; the name that the message gives is only shown. No file is written over. A download that was cut \
            off goes on with the same command.

            Example:
              simpul receive --ack --out inbox
              simpul attachment get --out files inbox/019cb7bb-7c10-7b5a-8a5e-f372fe94f82a.json
            """)

    @OptionGroup var profile: ProfileOption
    @OptionGroup var output: OutputOption

    @Argument(help: "The opened document; - is the standard input.")
    var file: String

    @Option(help: ArgumentHelp("The folder for the files.", valueName: "folder"))
    var out: String

    @Option(help: ArgumentHelp("How long to try without any progress, 1 to 86400.", valueName: "seconds"))
    var timeout = 60

    @Flag(name: .customLong("quiet"), help: "Show no progress.")
    var isQuiet = false

    func validate() throws {
        guard (1...86_400).contains(timeout) else { throw ValidationError("--timeout takes 1 to 86400 seconds.") }
    }

    func perform(_ terminal: Terminal) async throws -> Int32 {
        let secrets = try AttachmentSecret.all(in: try FileAccess.read(file, limit: 8 * Limits().documentBytes))
        let session = try Session(profile, terminal)
        return try await session.withHub { hub in
            let inbox = try AttachmentInbox(
                hub: hub, spool: session.profile.spool, folder: out, clock: session.clock, patience: Int64(timeout),
                progress: terminal.progress(isQuiet: isQuiet))
            var (results, lines): ([JSON], [String]) = ([], [])
            for secret in secrets {
                let fetched = try await inbox.fetch(secret)
                results.append(FetchedText.json(secret, fetched))
                lines.append(FetchedText.text(secret, fetched, terminal.language))
            }
            if lines.isEmpty {
                let none = LocalizedText("The message has no attachments.", "Pesan ini tidak memiliki lampiran.")
                lines = [none[terminal.language]]
            }
            try terminal.answer(["files": .array(results)], lines.joined(separator: "\n"))
            return 0
        }
    }

}

/// Attachments that were fetched, as they are told.
enum FetchedText {
    static func json(_ secret: AttachmentSecret, _ fetched: AttachmentInbox.Fetched) -> JSON {
        .object([
            "file": .string(fetched.path), "digest": .string(secret.listed.digest.description),
            "bytes": .integer(secret.listed.bytes), "name": secret.name.map { .string($0) },
            "mediaType": secret.mediaType.map { .string($0) }, "wasThere": .bool(fetched.wasThere),
        ])
    }

    static func text(
        _ secret: AttachmentSecret, _ fetched: AttachmentInbox.Fetched, _ language: Language
    ) -> String {
        let name = secret.name.map { " (\($0))" } ?? ""
        let there = LocalizedText(", there already, left as it was", ", sudah ada, tidak diubah")[language]
        return "\(fetched.path)\(name): \(secret.listed.bytes)\(fetched.wasThere ? there : "")"
    }
}
