import ArgumentParser
import SimpulClient
import StrictJSON

/// `simpul ack`: settles a delivery that was received before.
struct Acknowledge: SimpulCommand {
    static let configuration = CommandConfiguration(
        commandName: "ack",
        abstract: "Acknowledge a delivery by its token.",
        discussion: """
            The token is the one that simpul receive has shown. It is good while its lease lasts; after that the \
            delivery comes again with another token.

            Example:
              simpul ack q0uB5kYtYdM3xJ8mO1vWqA
            """)

    @OptionGroup var profile: ProfileOption
    @OptionGroup var output: OutputOption

    @Argument(help: "The delivery's token.")
    var token: String

    func validate() throws {
        guard Delivery.isToken(token) else { throw ValidationError("A token has 22 letters of base64url.") }
    }

    func perform(_ terminal: Terminal) async throws -> Int32 {
        try await Session(profile, terminal).withHub { hub in
            try await hub.acknowledge(token, receipt: nil)
        }
        try terminal.answer(["delivery": .string(token), "state": "acknowledged"], "acknowledged")
        return 0
    }
}
