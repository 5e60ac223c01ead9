import ArgumentParser
import SimpulCore

/// `simpul queue`: what waits for an agency is held back, or given out again.
struct Queue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "Hold back what waits for an agency on this machine's broker, or let it go on.",
        subcommands: [PauseQueue.self, ResumeQueue.self])
}

struct PauseQueue: SimpulCommand {
    static let configuration = CommandConfiguration(
        commandName: "pause",
        abstract: "Give out no message of an agency's queue until it is resumed.",
        discussion: """
            Messages for it are accepted, wait, and say why (paused); their clocks go on, so nobody waits in silence. \
            Rungs and notices of clocks are still given. Takes the role operator on the status socket.

            Example:
              simpul queue pause id-1709.polres.ppa --reason "their case system loses what it gets"
            """)

    @OptionGroup var output: OutputOption
    @OptionGroup var operation: OperationOption
    @Argument(help: "The agency.", transform: IDArgument.agency) var agency: AgencyID

    func perform(_ terminal: Terminal) async throws -> Int32 {
        try await operation.perform("/queues/\(agency)/pause", terminal)
        return 0
    }
}

struct ResumeQueue: SimpulCommand {
    static let configuration = CommandConfiguration(
        commandName: "resume",
        abstract: "Give out an agency's queue again.",
        discussion: """
            Ends simpul queue pause. Takes the role operator on the status socket.

            Example:
              simpul queue resume id-1709.polres.ppa --reason "their system is mended"
            """)

    @OptionGroup var output: OutputOption
    @OptionGroup var operation: OperationOption
    @Argument(help: "The agency.", transform: IDArgument.agency) var agency: AgencyID

    func perform(_ terminal: Terminal) async throws -> Int32 {
        try await operation.perform("/queues/\(agency)/resume", terminal)
        return 0
    }
}
