import ArgumentParser
import Glibc
import SimpulClient
import SimpulCore
import SimpulEnvelope
import StrictJSON

/// `simpul new`: a message begins as a draft that says what belongs where.
struct New: SimpulCommand {
    static let configuration = CommandConfiguration(
        abstract: "Begin a message: a draft of any type, with comments, to be filled in.",
        discussion: """
            Writes every member that the type needs, each with what it is for, its codes and bounds, and its privacy \
            class. What is known is filled in: id, type, schema, times, and from the profile hub, sender and region. \
            Everything else is "" or null, which no schema takes, so that nothing unfinished is sent. --ask asks for \
            the members one after the other instead, and checks each answer at once.

            The draft has comments that start with //, unless its file ends in .json or --json is given; simpul \
            validate and simpul send take such comments in files that end in .jsonc. Works offline; of the profile \
            only agency and hub are read, and it may be absent.

            Example:
              simpul new tip --output tip.jsonc
              simpul new referral --all --language id
              simpul new alert --ask --output alert.jsonc
            """)

    @OptionGroup var profile: ProfileOption
    @OptionGroup var output: OutputOption

    @Argument(
        help: ArgumentHelp(
            "One of \(MessageType.allCases.map(\.rawValue).joined(separator: ", ")).", valueName: "type"),
        transform: { text in
            guard let type = MessageType(rawValue: text) else {
                throw ValidationError("No such type; --help lists them.")
            }
            return type
        })
    var type: MessageType

    @Option(
        name: .customLong("output"),
        help: ArgumentHelp(
            "Write to this file, which must not be there yet (default: the standard output).", valueName: "file"))
    var file: String?

    @Flag(help: "Offer every optional member too, behind //.")
    var all = false

    @Flag(help: "Ask for the members one after the other on the standard error, answers from the standard input.")
    var ask = false

    func validate() throws {
        guard !(ask && all) else { throw ValidationError("--all goes with a draft that is filled in by hand.") }
    }

    func perform(_ terminal: Terminal) async throws -> Int32 {
        if let file, FileAccess.exists(file) { throw ClientError.exists(file) }
        let writer = try self.writer()
        let isStrict = file.map { $0.hasSuffix(".json") } ?? output.isJSON
        let text =
            if ask {
                Pretty.json(try terminal.interview(writer, type)) + "\n"
            } else if isStrict {
                Pretty.json(writer.json(of: type)) + "\n"
            } else {
                writer.text(of: type, in: terminal.language, offersAll: all)
            }
        guard let file else {
            try FileAccess.write(Array(text.utf8), descriptor: 1, of: "stdout")
            return 0
        }
        try FileAccess.writeNew(Array(text.utf8), to: file)
        let done = LocalizedText("The draft is in \(file).", "Konsep tersimpan di \(file).")
        try terminal.answer(["file": .string(file)], done[terminal.language])
        return 0
    }

    /// A profile that was named must be readable; the usual place may be empty.
    private func writer() throws -> DraftWriter {
        let isNamed = profile.file != nil || getenv("SIMPUL_PROFILE").map { $0.pointee != 0 } ?? false
        let profile = isNamed || FileAccess.exists(profile.path) ? try ClientProfile(file: profile.path) : nil
        return DraftWriter(
            catalogue: try .embedded(), agency: profile?.agency, hub: profile?.hub, now: .now)
    }
}

extension ClientError {
    fileprivate static func exists(_ file: String) -> ClientError {
        ClientError(
            .unable, "file",
            LocalizedText(
                "\(file) is there already; it is not overwritten. Name another file.",
                "\(file) sudah ada dan tidak ditimpa. Sebutkan berkas lain."))
    }
}
