import ArgumentParser

/// `simpul policy`: what the policy says, and what a change of it would do.
struct PolicyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Look at a policy, and at what a change of it would do.",
        discussion: """
            Example:
              simpul policy matrix hub/policy.yaml
              simpul policy diff hub/policy.yaml new.yaml --config hub/simpuld.yaml --days 30
            """,
        subcommands: [PolicyMatrixCommand.self, PolicyDiffCommand.self])
}
