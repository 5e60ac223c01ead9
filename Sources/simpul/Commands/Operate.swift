import ArgumentParser
import SimpulBroker
import SimpulClient
import SimpulCore
import StrictJSON

/// One act of an operator on this machine's broker: what it is called, what its help says, what it takes besides a
/// reason, and the call of the status socket that does it. A new one is such a value and a line in `subcommands`.
protocol OperatorAct: ParsableArguments {
    static var name: String { get }
    static var abstract: String { get }
    /// What it does and what undoes it, in sentences.
    static var effect: String { get }
    /// Its arguments in an example, the reason included.
    static var example: String { get }

    var call: OperatorCall { get }
    /// Whether it was done, by the broker's answer.
    func isDone(_ answer: JSONValue) -> Bool
}

/// A call of the status socket.
struct OperatorCall {
    var path: String
    /// The agencies that the body names, each under its member.
    var agencies: [String: AgencyID] = [:]
}

extension OperatorAct {
    func isDone(_ answer: JSONValue) -> Bool { true }
}

/// The command of an act: it makes the call and shows the answer.
struct Operate<Act: OperatorAct>: SimpulCommand {
    static var configuration: CommandConfiguration {
        CommandConfiguration(
            commandName: Act.name, abstract: Act.abstract,
            discussion: """
                \(Act.effect) Takes the role operator on the status socket.

                Example:
                  simpul \(Act.example)
                """)
    }

    @OptionGroup var output: OutputOption
    @OptionGroup var operation: OperationOption
    @OptionGroup var act: Act

    func perform(_ terminal: Terminal) async throws -> Int32 {
        let call = act.call
        let answer = try await StatusSocket.act(
            call.path, reason: operation.reason, agencies: call.agencies, at: try operation.socket.path)
        try terminal.answer(JSON(answer), Pretty.outline(JSON(answer)))
        return act.isDone(answer) ? 0 : 1
    }
}

/// What every act of an operator needs.
struct OperationOption: ParsableArguments {
    @OptionGroup var socket: SocketOption

    @Option(help: ArgumentHelp("Why, in at most 200 characters; the log keeps it.", valueName: "text"))
    var reason: String

    func validate() throws {
        guard OperationRecord.isReason(reason) else {
            throw ValidationError("--reason takes 1 to \(OperationRecord.longestReason) characters on one line.")
        }
    }
}

/// `simpul drain`.
struct Drain: OperatorAct {
    static let name = "drain"
    static let abstract = "Have a broker on this machine take nothing new."
    static let effect = """
        What is there is still given out and settled; new messages are answered 503 draining, so senders keep them. \
        simpul resume ends that, and so does a restart.
        """
    static let example = #"drain --reason "disk is replaced at 22:00""#

    var call: OperatorCall { OperatorCall(path: "/drain") }
}

/// `simpul resume`.
struct Resume: OperatorAct {
    static let name = "resume"
    static let abstract = "Have a broker on this machine take new messages again."
    static let effect = "Ends simpul drain."
    static let example = #"resume --reason "disk is replaced""#

    var call: OperatorCall { OperatorCall(path: "/resume") }
}

/// `simpul reload`.
struct Reload: OperatorAct {
    static let name = "reload"
    static let abstract = "Have a broker on this machine read roster and policy again."
    static let effect = """
        As SIGHUP does, but says what came of it: where one fault is in any file, all of them are listed, the rules in \
        force stay, and the exit code is 1.
        """
    static let example = #"reload --reason "certificate of id-1709.polres.ppa renewed""#

    var call: OperatorCall { OperatorCall(path: "/reload") }

    func isDone(_ answer: JSONValue) -> Bool { answer["accepted"]?.bool == true }
}
