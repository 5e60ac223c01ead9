import ArgumentParser
import SimpulBroker
import SimpulClient
import SimpulConfiguration
import SimpulCore
import SimpulEnvelope
import StrictJSON

extension PolicyCommands {
    /// `simpul policy propose`: the step from the recorded rules to those of the files, for approvers to sign.
    struct Propose: SimpulCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the step from the rules that the log recorded last to these, for two approvers to sign.",
            discussion: """
                Give drafts by --policy and --roster, and put them in their place when they are approved: rules in \
                their place that nobody has approved keep the broker from reloading, and from starting.

                Example:
                  simpul policy propose --config hub/simpuld.yaml --policy draft.yaml --reason "LPSK receives referrals"
                """)

        @OptionGroup var output: OutputOption

        @Option(help: ArgumentHelp("The broker's simpuld.yaml.", valueName: "file"))
        var config: String

        @Option(help: ArgumentHelp("Why, for the approvers and for the log: one line, at most 500 characters."))
        var reason: String

        @Option(help: ArgumentHelp("A draft of the policy, instead of the file in its place.", valueName: "file"))
        var policy: String?

        @Option(help: ArgumentHelp("A draft of the roster, instead of the folder in its place.", valueName: "folder"))
        var roster: String?

        @Option(
            name: .customLong("output"),
            help: ArgumentHelp("Where to write it (default: beside the policy, policy.change).", valueName: "file"))
        var file: String?

        func validate() throws {
            guard RuleChange.isReason(reason) else {
                throw ValidationError("--reason takes one line of 1 to 500 characters.")
            }
        }

        func perform(_ terminal: Terminal) async throws -> Int32 {
            let rules = try HubRules(config: config, drafts: .init(policy: policy, roster: roster))
            guard let (log, record) = try rules.recorded() else {
                throw ClientError(
                    .refused, "change",
                    LocalizedText(
                        "The log has no rules yet: the first ones need no approval, start the broker with them.",
                        "Log belum memuat aturan: aturan pertama tidak perlu persetujuan, jalankan broker dengannya."))
            }
            let settings = rules.settings
            let change = RuleChange(
                hub: settings.hub, after: log.digest, from: record.authority.digest, to: rules.digest,
                approvers: settings.rules.roster.approverKeys(of: settings.rules.policy, at: .now), reason: reason,
                at: .now)
            let path = file ?? settings.change.path
            try refuseToLoseApprovals(path, after: log.digest)
            try FileAccess.writeDurably(ChangeFile(change).octets, to: path, isForAll: true)
            try terminal.answer(
                ["file": .string(path), "from": .string("\(change.from)"), "to": .string("\(change.to)")],
                "\(path)\n" + change.text)
            return 0
        }

        private func refuseToLoseApprovals(_ path: String, after newest: Digest) throws {
            guard FileAccess.exists(path) else { return }
            let octets = try FileAccess.read(path, limit: ChangeFile.mostOctets)
            guard let old = try? ChangeFile(parsing: octets), old.approvals.isEmpty || old.change.after != newest else {
                throw ClientError(
                    .refused, "change",
                    LocalizedText(
                        "\(path) has approvals that are not used yet, or is no change: remove it first.",
                        "\(path) memuat persetujuan yang belum dipakai, atau bukan usulan: hapus dahulu."))
            }
        }
    }
}

extension RuleChange {
    /// The step for people to read.
    var text: String {
        let keys = approvers.sorted { $0.key < $1.key }.map { agency, thumbprints in
            "\(agency) \(thumbprints.map(\.base64url).sorted().joined(separator: " "))"
        }
        return """
            hub: \(hub)
            from: \(from)
            to: \(to)
            after: \(after)
            approvers:
            \(keys.map { "  " + $0 }.joined(separator: "\n"))
            reason: \(reason)
            at: \(at)
            """
    }
}
