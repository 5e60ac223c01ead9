import ArgumentParser
import SimpulCore

/// `simpul message`: what an operator does to the deliveries of one message.
struct Message: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "message",
        abstract: "Try again, take back, set aside, send back or redirect deliveries on this machine's broker.",
        subcommands: [
            Operate<RetryMessage>.self, Operate<CancelMessage>.self, Operate<ParkMessage>.self,
            Operate<BounceMessage>.self, Operate<RedirectMessage>.self,
        ])
}

/// Which message.
struct MessageArguments: ParsableArguments {
    @Argument(help: ArgumentHelp("The message: SENDER/ID, or SENDER ID.", valueName: "message"))
    var words: [String]

    func validate() throws {
        guard key != nil else {
            throw ValidationError("A message is named SENDER/ID: the agency that sent it, and its UUID of version 7.")
        }
    }

    private var key: (sender: AgencyID, id: MessageID)? {
        let parts = words.flatMap { $0.split(separator: "/", omittingEmptySubsequences: false) }.map(String.init)
        guard parts.count == 2, let sender = AgencyID(parts[0]), let id = MessageID(parts[1]) else { return nil }
        return (sender, id)
    }

    func path(_ action: String) -> String { key.map { "/messages/\($0.sender)/\($0.id)/\(action)" } ?? "/" }
}

/// Which message, and which of its deliveries.
struct DeliveryArguments: ParsableArguments {
    @OptionGroup var message: MessageArguments

    @Option(
        help: ArgumentHelp(
            "The recipient; without it every delivery of the message that it can be done to.", valueName: "agency"),
        transform: IDArgument.agency)
    var agency: AgencyID?

    func call(_ action: String) -> OperatorCall {
        OperatorCall(path: message.path(action), agencies: agency.map { ["agency": $0] } ?? [:])
    }

    static func example(_ action: String, _ reason: String) -> String {
        "message \(action) \\\n    id-1709.imigrasi/019c1d2e-7f30-7c11-8a52-6f0e5d4c3b21 \\\n    \(reason)"
    }
}

/// `simpul message retry`.
struct RetryMessage: OperatorAct {
    static let name = "retry"
    static let abstract = "Have deliveries tried again now."
    static let effect = "What backs off or is parked waits for its agency again."
    static let example = DeliveryArguments.example(name, #"--reason "endpoint is up again""#)

    @OptionGroup var delivery: DeliveryArguments
    var call: OperatorCall { delivery.call(Self.name) }
}

/// `simpul message cancel`.
struct CancelMessage: OperatorAct {
    static let name = "cancel"
    static let abstract = "Take deliveries back that nobody has settled."
    static let effect = """
        They end cancelled and are given out no more; sender, and who had it, are told by the rung recalled.
        """
    static let example = DeliveryArguments.example(name, #"--reason "sent twice by mistake""#)

    @OptionGroup var delivery: DeliveryArguments
    var call: OperatorCall { delivery.call(Self.name) }
}

/// `simpul message park`.
struct ParkMessage: OperatorAct {
    static let name = "park"
    static let abstract = "Set deliveries aside."
    static let effect = "They are given to nobody until simpul message retry; their clocks go on."
    static let example = DeliveryArguments.example(
        name, #"--agency id-1709.polres.ppa --reason "their system stops at this message""#)

    @OptionGroup var delivery: DeliveryArguments
    var call: OperatorCall { delivery.call(Self.name) }
}

/// `simpul message bounce`.
struct BounceMessage: OperatorAct {
    static let name = "bounce"
    static let abstract = "Send deliveries back to their sender."
    static let effect = """
        Also what was acknowledged or opened, as long as nobody has answered it; the sender is told by the rung bounced.
        """
    static let example = DeliveryArguments.example(
        name, #"--agency id-1709.polres.ppa --reason "the unit was dissolved""#)

    @OptionGroup var delivery: DeliveryArguments
    var call: OperatorCall { delivery.call(Self.name) }
}

/// `simpul message redirect`.
struct RedirectMessage: OperatorAct {
    static let name = "redirect"
    static let abstract = "Give a delivery to another agency that its sender has named as fallback."
    static let effect = """
        The fallback gets the message with times of its own. What nobody has settled is taken back from the first \
        agency; what it has opened stays there and owes nothing more. The sender is told by the rung escalated. To an \
        agency that the sender has not named nothing is given: the body is not sealed to it.
        """
    static let example = DeliveryArguments.example(
        name,
        """
        --from id-1709.polres.ppa --to id-1709.ngo.rumah-aman \\
            --reason "nobody is there tonight"
        """)

    @OptionGroup var message: MessageArguments

    @Option(help: ArgumentHelp("Whose delivery.", valueName: "agency"), transform: IDArgument.agency)
    var from: AgencyID

    @Option(help: ArgumentHelp("Who takes over.", valueName: "agency"), transform: IDArgument.agency)
    var to: AgencyID

    var call: OperatorCall {
        OperatorCall(path: message.path(Self.name), agencies: ["from": from, "to": to])
    }
}
