import ArgumentParser
import SimpulClient
import StrictJSON

/// `simpul whoami`: who the broker takes this profile for.
struct Whoami: SimpulCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask the broker who it takes you for: agency, roles, end of the certificate, time.",
        discussion: """
            Example:
              simpul --profile agencies/id-1709.polres.ppa/simpul.yaml whoami
            """)

    @OptionGroup var profile: ProfileOption
    @OptionGroup var output: OutputOption

    func perform(_ terminal: Terminal) async throws -> Int32 {
        let answer = try await Session(profile, terminal).withHub { hub in JSON(try await hub.whoami()) }
        try terminal.answer(answer, Pretty.outline(answer))
        return 0
    }
}
