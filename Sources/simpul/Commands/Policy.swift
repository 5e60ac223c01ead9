import ArgumentParser
import JOSE
import SimpulBroker
import SimpulClient
import SimpulConfiguration
import SimpulCore
import SimpulEnvelope
import SimpulStoreSQLite
import StrictJSON

/// `simpul policy`: who may do what, and how that is changed.
struct PolicyCommands: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "policy",
        abstract: "Look at who may do what, and change it: propose, approve by two agencies, see where it stands.",
        discussion: """
            A change of the policy file, of an agency's roles, or of who is listed comes into force only with the \
            signatures of two approvers whom the rules in force name.

            Example:
              simpul policy matrix hub/policy.yaml
              simpul policy diff hub/policy.yaml draft.yaml --config hub/simpuld.yaml --days 30
              simpul policy propose --config hub/simpuld.yaml --policy draft.yaml --reason "LPSK receives referrals"
            """,
        subcommands: [PolicyMatrixCommand.self, PolicyDiffCommand.self, Status.self, Propose.self, Approve.self])
}

/// What `simpul policy` reads of a hub.
struct HubRules {
    let settings: HubConfiguration
    /// What the log recorded last; nil where there is no store yet, or nothing in it.
    let newest: LogRecord?

    init(config: String, drafts: HubConfiguration.Drafts = HubConfiguration.Drafts()) throws(ClientError) {
        do {
            settings = try HubConfiguration.load(config, drafts: drafts, now: .now)
        } catch {
            throw ClientError(.unable, "config", LocalizedText(error.description, error.description))
        }
        guard FileAccess.exists(settings.database) else {
            newest = nil
            return
        }
        do {
            newest = try StoredLog.newest(.authority, path: settings.database)
        } catch {
            throw ClientError(.unable, "store", LocalizedText(error.cause, error.cause))
        }
    }

    var digest: Digest { Authority(settings.rules).digest }

    /// What the log recorded last, read.
    func recorded() throws(ClientError) -> (log: LogRecord, record: AuthorityRecord)? {
        guard let newest else { return nil }
        guard let record = AuthorityRecord(newest) else {
            throw ClientError(
                .unable, "store",
                LocalizedText(
                    "The log's newest record of the rules is damaged: run simpul audit verify.",
                    "Catatan aturan terbaru di log rusak: jalankan simpul audit verify."))
        }
        return (newest, record)
    }
}

extension ClientError {
    /// A change that cannot be read, added to or believed.
    init(_ fault: ChangeFault, _ path: String, _ outcome: Outcome = .unable) {
        self.init(
            outcome, "change",
            LocalizedText(
                "\(path): \(fault.text.english).", "\(path): \(fault.text.indonesian)."))
    }
}
