import Glibc
import SimpulBroker
import SimpulConfiguration
import SimpulCore
import SimpulStoreSQLite

extension HubConfiguration {
    /// Whether these rules would come into force with the store that there is, as far as it can be read. Writes nothing.
    /// - Throws: where they would be refused.
    func checkRules() throws(StartFailure) {
        let newest: LogRecord?
        do {
            newest = access(database, F_OK) == 0 ? try StoredLog.newest(.authority, path: database) : nil
        } catch {
            return StandardError.write("warning: whether the rules are approved cannot be told: \(error.cause)")
        }
        let check = RuleCheck(hub: hub, rules: rules, change: change, now: .current)
        let able = check.able(after: newest).count
        if able < ApprovalCheck.needed {
            StandardError.write("warning: \(able) of the approvers can sign now; a change of the rules needs two")
        }
        switch check.outcome(after: newest) {
        case .recorded, .record: return
        case .pending(let fault): StandardError.write("warning: \(change.path) is not approved: \(fault.rawValue)")
        case .refused(let fault):
            throw .unapproved(
                UnapprovedRules(
                    recorded: newest?.configurationDigest, found: Authority(rules).digest, change: change.path,
                    fault: fault))
        }
    }
}
