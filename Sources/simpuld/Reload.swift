import Logging
import ServiceLifecycle
import SimpulBroker
import SimpulConfiguration
import SimpulCore
import UnixSignals

/// Reads roster, policy and trust again at each SIGHUP: all of them, or none where one fault is in any of them. Other
/// settings are checked as well, but a change of them takes a restart. What changes policy or roles takes two approvers.
struct Reload: Service {
    let file: String
    let broker: Broker
    let logger: Logger

    /// Pauses between attempts to record rules: five minutes in all.
    private static let pauses: [Duration] = [1, 2, 4, 8, 16, 32, 60, 60, 60, 60].map { .seconds($0) }

    func run() async throws {
        var recording: Task<Void, Never>?
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() {
            await replaceRules()
            // Besides the signals: a revocation does not wait until the one before is recorded.
            recording?.cancel()
            await recording?.value
            recording = Task { await record() }
        }
        recording?.cancel()
        await recording?.value
        ServiceManager.notify("STOPPING=1")
    }

    private func replaceRules() async {
        let settings: HubConfiguration
        do throws(ConfigurationErrors) {
            settings = try HubConfiguration.load(
                file, generation: broker.rulebook.rules.roster.generation + 1, now: broker.now())
        } catch {
            for text in error.texts { logger.error("Fault in the configuration", metadata: ["fault": "\(text)"]) }
            logger.error("Reload refused; the rules in force stay", metadata: ["faults": "\(error.texts.count)"])
            return
        }
        let old = broker.rulebook.rules.roster.generation
        do throws(Broker.RulesError) {
            Self.tell(try await broker.replaceRules(with: settings.rules, change: settings.change), logger)
        } catch {
            tell(error)
        }
        guard broker.rulebook.rules.roster.generation != old else { return }
        let rules = broker.rulebook.rules
        logger.notice(
            "Roster and policy reloaded",
            metadata: [
                "roster": "\(rules.roster.digest)", "policy": "\(rules.policy.digest)",
                "agencies": "\(rules.roster.agencies.count)", "rules": "\(rules.policy.rules.count)",
            ])
    }

    private func tell(_ error: Broker.RulesError) {
        switch error {
        case .unapproved(let rules):
            logger.error(
                "Reload refused; the rules in force stay: two approvers have to sign a change of them",
                metadata: [
                    "recorded": "\(rules.recorded.map(\.description) ?? "none")", "found": "\(rules.found)",
                    "change": "\(rules.change)", "fault": "\(rules.fault.rawValue)",
                ])
        case .store(let error):
            logger.error(
                "An approved change of the rules is not in the log, so it is not in force; reload again",
                metadata: ["cause": "\(error.cause)"])
        }
    }

    /// Says what became of the change beside the policy.
    static func tell(_ outcome: Broker.ChangeOutcome, _ logger: Logger) {
        switch outcome {
        case .none: return
        case .recorded(let leaf):
            logger.notice("Policy, roles and approvers are recorded in the log", metadata: ["leaf": "\(leaf)"])
        case .pending(let fault):
            logger.warning("The change beside the policy is not in force", metadata: ["fault": "\(fault.rawValue)"])
        }
    }

    /// A store that cannot be written must not undo a revocation: the rules stay, and their record follows.
    private func record() async {
        let isRecorded = await broker.recordRules(retryingAfter: Self.pauses) { [logger] error, isLast in
            logger.error(
                "The rules in force are not recorded in the log",
                metadata: ["cause": "\(error.cause)", "next": isLast ? "at the next reload" : "in a moment"])
        }
        if isRecorded { logger.info("The rules in force are recorded in the log") }
    }
}
