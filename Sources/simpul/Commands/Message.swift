import ArgumentParser
import SimpulCore

/// `simpul message`: what an operator does to the deliveries of one message.
struct Message: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "message",
        abstract: "Try again, take back, set aside or send back deliveries of one message on this machine's broker.",
        subcommands: [RetryMessage.self, CancelMessage.self, ParkMessage.self, BounceMessage.self])
}

/// Which message, and which of its deliveries.
struct MessageArguments: ParsableArguments {
    @Argument(help: "The agency that sent the message.", transform: IDArgument.agency) var sender: AgencyID
    @Argument(help: "The message's id.", transform: IDArgument.message) var id: MessageID
    @Option(
        help: ArgumentHelp(
            "The recipient; without it every delivery of the message that it can be done to.", valueName: "agency"),
        transform: IDArgument.agency)
    var agency: AgencyID?

    func path(_ action: String) -> String { "/messages/\(sender)/\(id)/\(action)" }
}

struct RetryMessage: SimpulCommand {
    static let configuration = CommandConfiguration(
        commandName: "retry",
        abstract: "Have deliveries tried again now.",
        discussion: """
            What backs off or is parked waits for its agency again. Takes the role operator on the status socket.

            Example:
              simpul message retry id-1709.imigrasi 019c1d2e-7f30-7c11-8a52-6f0e5d4c3b21 \\
                --reason "endpoint is up again"
            """)

    @OptionGroup var output: OutputOption
    @OptionGroup var operation: OperationOption
    @OptionGroup var message: MessageArguments

    func perform(_ terminal: Terminal) async throws -> Int32 {
        try await operation.perform(message.path("retry"), of: message.agency, terminal)
        return 0
    }
}

struct CancelMessage: SimpulCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel",
        abstract: "Take deliveries back that nobody has settled.",
        discussion: """
            They end cancelled and are given out no more; sender, and who had it, are told by the rung recalled. Takes the role operator on the status socket.

            Example:
              simpul message cancel id-1709.imigrasi 019c1d2e-7f30-7c11-8a52-6f0e5d4c3b21 \\
                --reason "sent twice by mistake"
            """)

    @OptionGroup var output: OutputOption
    @OptionGroup var operation: OperationOption
    @OptionGroup var message: MessageArguments

    func perform(_ terminal: Terminal) async throws -> Int32 {
        try await operation.perform(message.path("cancel"), of: message.agency, terminal)
        return 0
    }
}

struct ParkMessage: SimpulCommand {
    static let configuration = CommandConfiguration(
        commandName: "park",
        abstract: "Set deliveries aside.",
        discussion: """
            They are given to nobody until simpul message retry; their clocks go on. Takes the role operator on the status socket.

            Example:
              simpul message park id-1709.imigrasi 019c1d2e-7f30-7c11-8a52-6f0e5d4c3b21 \\
                --agency id-1709.polres.ppa --reason "their system stops at this message"
            """)

    @OptionGroup var output: OutputOption
    @OptionGroup var operation: OperationOption
    @OptionGroup var message: MessageArguments

    func perform(_ terminal: Terminal) async throws -> Int32 {
        try await operation.perform(message.path("park"), of: message.agency, terminal)
        return 0
    }
}

struct BounceMessage: SimpulCommand {
    static let configuration = CommandConfiguration(
        commandName: "bounce",
        abstract: "Send deliveries back to their sender.",
        discussion: """
            Also what was acknowledged or opened, as long as nobody has answered it; the sender is told by the rung bounced. Takes the role operator on the status socket.

            Example:
              simpul message bounce id-1709.imigrasi 019c1d2e-7f30-7c11-8a52-6f0e5d4c3b21 \\
                --agency id-1709.polres.ppa --reason "the unit was dissolved"
            """)

    @OptionGroup var output: OutputOption
    @OptionGroup var operation: OperationOption
    @OptionGroup var message: MessageArguments

    func perform(_ terminal: Terminal) async throws -> Int32 {
        try await operation.perform(message.path("bounce"), of: message.agency, terminal)
        return 0
    }
}
