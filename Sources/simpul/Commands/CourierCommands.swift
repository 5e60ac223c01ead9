import ArgumentParser
import Glibc
import SimpulClient
import SimpulCore

/// `simpul courier`: a queue on a stick, where there is no line.
struct CourierCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "courier",
        abstract: "Carry messages and receipts on a stick where there is no line.",
        discussion: """
            A bundle is one file, signed, sealed to whom it is for, and compressed. Everything may be repeated: a message \
            that comes by wire and by bundle, or twice, is one delivery and one receipt.

            Where there is a profile (--profile, $SIMPUL_PROFILE, ./simpul.yaml), these commands speak as that agency; \
            with --socket or --config, and where there is no profile, as the broker on this machine.

            Example, at the broker, at the agency, and at the broker again:
              simpul courier export --for id-1709.polres.ppa /media/stick/to-police
              simpul courier import /media/stick/to-police
              simpul courier export --for id-1709.simpul /media/stick/from-police
              simpul courier import --answer /media/stick/to-police-2 /media/stick/from-police
            """,
        subcommands: [CourierExportCommand.self, CourierImportCommand.self, CourierKeyCommand.self])
}

/// Who speaks.
enum CourierSide {
    case hub(socket: String)
    case agency
}

struct CourierOption: ParsableArguments {
    @Option(help: ArgumentHelp("Speak as the broker behind this status socket.", valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("Speak as the broker of this simpuld.yaml, which names the socket.", valueName: "file"))
    var config: String?

    func validate() throws {
        guard socket == nil || config == nil else { throw ValidationError("Give --socket or --config, not both.") }
    }

    func side(_ profile: ProfileOption) throws -> CourierSide {
        if let config { return .hub(socket: try HubPaths(configuration: config).statusSocket) }
        if let socket { return .hub(socket: socket) }
        return profile.isThere ? .agency : .hub(socket: "/run/simpul/status.sock")
    }
}

extension ProfileOption {
    /// Whether a profile is named, or lies where it is looked for.
    var isThere: Bool {
        if file != nil { return true }
        if let variable = getenv("SIMPUL_PROFILE"), variable.pointee != 0 { return true }
        return FileAccess.exists(path)
    }
}
