import ArgumentParser
import SimpulBroker
import SimpulClient
import SimpulCore
import StrictJSON

/// `simpul drain`: the broker on this machine takes nothing new.
struct Drain: SimpulCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have a broker on this machine take nothing new.",
        discussion: """
            What is there is still given out and settled; new messages are answered 503 draining, so senders keep them. \
            simpul resume ends that, and so does a restart. Takes the role operator on the status socket.

            Example:
              simpul drain --reason "disk is replaced at 22:00"
            """)

    @OptionGroup var output: OutputOption
    @OptionGroup var operation: OperationOption

    func perform(_ terminal: Terminal) async throws -> Int32 {
        try await operation.perform("/drain", terminal)
        return 0
    }
}

/// `simpul resume`: the broker on this machine takes new messages again.
struct Resume: SimpulCommand {
    static let configuration = CommandConfiguration(
        abstract: "Have a broker on this machine take new messages again.",
        discussion: """
            Ends simpul drain. Takes the role operator on the status socket.

            Example:
              simpul resume --reason "disk is replaced"
            """)

    @OptionGroup var output: OutputOption
    @OptionGroup var operation: OperationOption

    func perform(_ terminal: Terminal) async throws -> Int32 {
        try await operation.perform("/resume", terminal)
        return 0
    }
}

/// `simpul reload`: the broker on this machine reads roster and policy again, and says what came of it.
struct ReloadRules: SimpulCommand {
    static let configuration = CommandConfiguration(
        commandName: "reload",
        abstract: "Have a broker on this machine read roster and policy again.",
        discussion: """
            As SIGHUP does, but says what came of it: where one fault is in any file, all of them are listed, the rules \
            in force stay, and the exit code is 1. Takes the role operator on the status socket.

            Example:
              simpul reload --reason "certificate of id-1709.polres.ppa renewed"
            """)

    @OptionGroup var output: OutputOption
    @OptionGroup var operation: OperationOption

    func perform(_ terminal: Terminal) async throws -> Int32 {
        let answer = try await operation.perform("/reload", terminal)
        return answer["accepted"]?.bool == true ? 0 : 1
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

    @discardableResult
    func perform(_ call: String, of agency: AgencyID? = nil, _ terminal: Terminal) async throws -> JSONValue {
        let answer = try await StatusSocket.act(call, reason: reason, agency: agency, at: try socket.path)
        try terminal.answer(JSON(answer), Pretty.outline(JSON(answer)))
        return answer
    }
}
