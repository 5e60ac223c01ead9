import ArgumentParser
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import StrictJSON

extension PolicyCommands {
    /// `simpul policy status`: what is recorded, what the files say, and who has signed.
    struct Status: SimpulCommand {
        static let configuration = CommandConfiguration(
            abstract:
                "Show what the log recorded last, what the files say, and who has approved what lies beside them.",
            discussion: """
                Reads files and the store on the broker's machine; the broker need not run. Exit code 1 where the \
                broker would refuse these files.

                Example:
                  simpul policy status --config hub/simpuld.yaml
                """)

        @OptionGroup var output: OutputOption

        @Option(help: ArgumentHelp("The broker's simpuld.yaml.", valueName: "file"))
        var config: String

        func perform(_ terminal: Terminal) async throws -> Int32 {
            let rules = try HubRules(config: config)
            let recorded = try rules.recorded()
            let approvers = recorded?.record.approvers.keys.sorted() ?? rules.settings.rules.policy.approvers
            let check = RuleCheck(
                hub: rules.settings.hub, rules: rules.settings.rules, change: rules.settings.change, now: .now)
            let (state, fault) = Self.words(check.outcome(after: rules.newest), isNew: recorded == nil)
            let signed = signers(rules)
            let json = JSON.object([
                "recorded": recorded.map { .string($0.record.authority.digest.description) },
                "found": .string(rules.digest.description), "state": .string(state),
                "approvers": .array(approvers.map { .string($0.description) }),
                "able": .array(check.able(after: rules.newest).map { .string($0.description) }),
                "change": rules.settings.change.isThere ? .string(rules.settings.change.path) : nil,
                "signed": .array(signed.map { .string($0.description) }),
                "fault": fault.map { .string($0.text[terminal.language]) },
            ])
            try terminal.answer(json, Pretty.outline(json))
            return state == "unapproved" ? 1 : 0
        }

        /// Who has signed the change beside the policy with a certificate that the roster lists; whether that counts is
        /// the check's to say.
        private func signers(_ rules: HubRules) -> [AgencyID] {
            let roster = rules.settings.rules.roster
            guard let file = try? rules.settings.change.file() else { return [] }
            return file.approvals.compactMap { token in
                let signed = try? SignedStatement<RuleChange>(approval: token) { roster.signer($0)?.certificate }
                return signed.flatMap { roster.signer($0.signer.thumbprint)?.agency }
            }
        }

        private static func words(_ outcome: RuleCheck.Outcome, isNew: Bool) -> (String, ChangeFault?) {
            switch outcome {
            case .recorded: ("recorded", nil)
            case .record: (isNew ? "first" : "approved", nil)
            case .pending(let fault): ("recorded", fault)
            case .refused(let fault): ("unapproved", fault)
            }
        }
    }
}
