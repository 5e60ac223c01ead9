import ArgumentParser
import SimpulBroker
import SimpulClient
import SimpulConfiguration
import SimpulCore
import SimpulEnvelope
import StrictJSON

extension PolicyCommands {
    /// `simpul policy approve`: an approver's signature below a proposal.
    struct Approve: SimpulCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a proposal, and sign it with this profile's key.",
            discussion: """
                Offline. Adds a line to the file, which then goes to the next approver or back to the operator. With \
                --policy and --roster it signs only where these are the rules that the proposal is for: read them, and \
                sign nothing else.

                Example:
                  simpul --profile agencies/id-1709.gugus-tugas/simpul.yaml policy approve policy.change --show
                  simpul --profile agencies/id-1709.gugus-tugas/simpul.yaml policy approve policy.change \
                --policy draft.yaml --roster roster
                """)

        @OptionGroup var profile: ProfileOption
        @OptionGroup var output: OutputOption

        @Argument(help: ArgumentHelp("The proposal, policy.change.", valueName: "file"))
        var file: String

        @Flag(help: "Show it, and sign nothing.")
        var show = false

        @Option(help: ArgumentHelp("The policy that the proposal is for; with --roster.", valueName: "file"))
        var policy: String?

        @Option(help: ArgumentHelp("The roster that the proposal is for; with --policy.", valueName: "folder"))
        var roster: String?

        func validate() throws {
            guard file != "-" else { throw ValidationError("The approval is added to a file; name it.") }
            guard (policy == nil) == (roster == nil) else {
                throw ValidationError("Give --policy and --roster, or neither.")
            }
        }

        func perform(_ terminal: Terminal) async throws -> Int32 {
            var proposal = try read()
            try compareRules(proposal.change)
            guard !show else {
                try answer(proposal, isSigned: false, terminal)
                return 0
            }
            let profile = try ClientProfile(file: profile.path)
            let signing = try AgencyKeys(profile).signing
            guard proposal.change.hub == profile.hub else { throw ClientError(.wrongHub, file, .refused) }
            for token in proposal.approvals where Self.isSigned(token, by: signing) {
                throw ClientError(.sameAgency, file, .refused)
            }
            do {
                try proposal.append(signing.approval(of: proposal.change))
            } catch let fault as ChangeFault {
                throw ClientError(fault, file, .refused)
            }
            try FileAccess.writeDurably(proposal.octets, to: file, isForAll: true)
            try answer(proposal, isSigned: true, terminal)
            if proposal.change.approvers[profile.agency] == nil { terminal.note(Self.stranger) }
            return 0
        }

        /// The rules in force, which say who may approve, are not here; who is leaving signs rightly.
        private static let stranger = LocalizedText(
            """
            The proposal does not name your agency as an approver of what comes after it. If the rules in force do not \
            either, your signature spoils the others: take its line, the last one, out again.
            """,
            """
            Usulan ini tidak menyebut instansi Anda sebagai penyetuju perubahan berikutnya. Jika aturan yang berlaku \
            juga tidak, tanda tangan Anda merusak yang lain: hapus lagi barisnya, yaitu baris terakhir.
            """)

        private func read() throws -> ChangeFile {
            let octets = try FileAccess.read(file, limit: ChangeFile.mostOctets)
            do {
                return try ChangeFile(parsing: octets)
            } catch {
                throw ClientError(error, file)
            }
        }

        /// Where the approver has the rules, the proposal must be for these.
        private func compareRules(_ change: RuleChange) throws {
            guard let policy, let roster else { return }
            let authority: Authority
            do {
                authority = try Authority(policy: policy, roster: roster)
            } catch {
                throw ClientError(.unable, "config", LocalizedText(error.description, error.description))
            }
            guard authority.digest == change.to else { throw ClientError(.wrongEnd, file, .refused) }
        }

        private static func isSigned(_ token: [UInt8], by signing: SigningIdentity) -> Bool {
            let own = signing.certificate
            let signed = try? SignedStatement<RuleChange>(approval: token) { $0 == own.thumbprint ? own : nil }
            return signed != nil
        }

        private func answer(_ proposal: ChangeFile, isSigned: Bool, _ terminal: Terminal) throws {
            let change = proposal.change
            let lines = LocalizedText(
                "approvals: \(proposal.approvals.count)", "persetujuan: \(proposal.approvals.count)")
            try terminal.answer(
                [
                    "file": .string(file), "from": .string("\(change.from)"), "to": .string("\(change.to)"),
                    "reason": .string(change.reason), "signed": .bool(isSigned),
                    "approvals": .integer(proposal.approvals.count),
                ],
                change.text + "\n" + lines[terminal.language])
        }
    }
}
