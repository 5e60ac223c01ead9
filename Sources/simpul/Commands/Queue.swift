import ArgumentParser
import SimpulCore

/// `simpul queue`: what waits for an agency is held back, or given out again.
struct Queue: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "queue",
        abstract: "Hold back what waits for an agency on this machine's broker, or let it go on.",
        subcommands: [Operate<PauseQueue>.self, Operate<ResumeQueue>.self])
}

/// Whose queue.
struct QueueArguments: ParsableArguments {
    @Argument(help: "The agency.", transform: IDArgument.agency) var agency: AgencyID

    func call(_ action: String) -> OperatorCall { OperatorCall(path: "/queues/\(agency)/\(action)") }
}

/// `simpul queue pause`.
struct PauseQueue: OperatorAct {
    static let name = "pause"
    static let abstract = "Give out no message of an agency's queue until it is resumed."
    static let effect = """
        Messages for it are accepted, wait, and say why (paused); their clocks go on, so nobody waits in silence. Rungs \
        and notices of clocks are still given.
        """
    static let example = #"queue pause id-1709.polres.ppa --reason "their case system loses what it gets""#

    @OptionGroup var queue: QueueArguments
    var call: OperatorCall { queue.call("pause") }
}

/// `simpul queue resume`.
struct ResumeQueue: OperatorAct {
    static let name = "resume"
    static let abstract = "Give out an agency's queue again."
    static let effect = "Ends simpul queue pause."
    static let example = #"queue resume id-1709.polres.ppa --reason "their system is mended""#

    @OptionGroup var queue: QueueArguments
    var call: OperatorCall { queue.call("resume") }
}
