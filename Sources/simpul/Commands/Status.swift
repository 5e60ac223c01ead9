import ArgumentParser
import SimpulClient
import StrictJSON

/// `simpul status`: the operator's picture, from the socket of a broker on this machine.
struct Status: SimpulCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show the operator's picture of a broker on this machine.",
        discussion: """
            Asks the status socket; no profile is needed, only the right to open the socket.

            Example:
              simpul status
              simpul status --config hub/simpuld.yaml
              simpul status --socket /run/simpul/status.sock --json
            """)

    @OptionGroup var output: OutputOption

    @OptionGroup var socket: SocketOption

    func perform(_ terminal: Terminal) async throws -> Int32 {
        let status = JSON(try await StatusSocket.status(at: try socket.path))
        try terminal.answer(status, Pretty.outline(status))
        return 0
    }
}

/// Where the status socket of the broker on this machine is.
struct SocketOption: ParsableArguments {
    @Option(help: ArgumentHelp("The status socket (default: /run/simpul/status.sock).", valueName: "path"))
    var socket: String?

    @Option(help: ArgumentHelp("The broker's simpuld.yaml, which names the socket.", valueName: "file"))
    var config: String?

    func validate() throws {
        guard socket == nil || config == nil else { throw ValidationError("Give --socket or --config, not both.") }
    }

    var path: String {
        get throws {
            try config.map { try HubPaths(configuration: $0).statusSocket } ?? socket ?? "/run/simpul/status.sock"
        }
    }
}
