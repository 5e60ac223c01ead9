import ArgumentParser
import Glibc
import SimpulCore

/// The command line of the network: for agencies to send and receive, for operators to look, for auditors to check.
struct Simpul: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "simpul",
        abstract: "Signed messages between agencies: send, receive, look, check.",
        discussion: """
            Exit codes: 0 done, 1 refused, 2 wrong usage or broker unreachable.

            Example:
              simpul --profile agencies/id-1709.imigrasi/simpul.yaml send alert.json
            """,
        subcommands: [
            New.self, Send.self, Receive.self, Acknowledge.self, Answer.self, Outbox.self, Trace.self, Open.self,
            AttachmentCommands.self, Status.self, Whoami.self, Validate.self, Explain.self, PolicyCommands.self,
            CourierCommands.self, Audit.self, Jose.self, Init.self, Operate<Drain>.self,
            Operate<Resume>.self, Operate<Reload>.self, Queue.self, Message.self,
        ])

    @OptionGroup var profile: ProfileOption
}

/// What every command that speaks with a broker needs.
struct ProfileOption: ParsableArguments {
    @Option(
        name: .customLong("profile"),
        help: ArgumentHelp("The client profile (default: $SIMPUL_PROFILE, else ./simpul.yaml).", valueName: "file"))
    var file: String?

    var path: String {
        if let file { return file }
        guard let variable = getenv("SIMPUL_PROFILE"), variable.pointee != 0 else { return "simpul.yaml" }
        return String(cString: variable)
    }
}

/// How a command answers.
struct OutputOption: ParsableArguments {
    @Flag(name: .customLong("json"), help: "Answer with JSON on the standard output, also where something fails.")
    var isJSON = false

    @Option(
        help: ArgumentHelp(
            "The language of texts, id or en (default: what LC_ALL, LC_MESSAGES or LANG says).", valueName: "id|en"),
        transform: { text in
            guard let language = Language(rawValue: text) else { throw ValidationError("--language takes id or en.") }
            return language
        })
    var language: Language?
}

@main
enum Entry {
    static func main() async {
        // A reader that has gone away is an error of the write, not the end of the process: what was not written is not
        // acknowledged.
        signal(SIGPIPE, SIG_IGN)
        exit(await run(Array(CommandLine.arguments.dropFirst())))
    }

    private static func run(_ arguments: [String]) async -> Int32 {
        do {
            var command = try Simpul.parseAsRoot(arguments)
            // A group of commands without one of them is wrong usage; its help says what there is.
            guard type(of: command).configuration.subcommands.isEmpty else {
                Terminal.write(Simpul.helpMessage(for: type(of: command)) + "\n", to: 2)
                return 2
            }
            if var command = command as? any AsyncParsableCommand {
                try await command.run()
            } else {
                try command.run()
            }
            return 0
        } catch let code as ExitCode {
            return code.rawValue
        } catch {
            let text = Simpul.fullMessage(for: error)
            guard Simpul.exitCode(for: error).isSuccess else {
                Terminal.write(text + "\n", to: 2)
                return 2
            }
            Terminal.write(text + "\n", to: 1)
            return 0
        }
    }
}
