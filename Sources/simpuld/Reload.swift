import Logging
import ServiceLifecycle
import SimpulBroker
import SimpulConfiguration
import SimpulCore
import UnixSignals

/// Reads roster, policy and trust again at each SIGHUP: all of them, or none where one fault is in any of them. Other
/// settings are checked as well, but a change of them takes a restart.
struct Reload: Service {
    let file: String
    let broker: Broker
    let logger: Logger

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() { await reload() }
        ServiceManager.notify("STOPPING=1")
    }

    private func reload() async {
        let old = broker.rulebook.rules
        do throws(ConfigurationErrors) {
            let settings = try HubConfiguration.load(
                file, generation: old.roster.generation + 1, now: broker.now())
            broker.rulebook.replace(with: settings.rules)
        } catch {
            for text in error.texts { logger.error("Fault in the configuration", metadata: ["fault": "\(text)"]) }
            logger.error("Reload refused; the rules in force stay", metadata: ["faults": "\(error.texts.count)"])
            return
        }
        do {
            try await broker.recordRules()
        } catch {
            broker.rulebook.replace(with: old)
            logger.error("Reload not recorded; the rules in force stay", metadata: ["cause": "\(error.cause)"])
            return
        }
        let rules = broker.rulebook.rules
        logger.notice(
            "Roster and policy reloaded",
            metadata: [
                "roster": "\(rules.roster.digest)", "policy": "\(rules.policy.digest)",
                "agencies": "\(rules.roster.agencies.count)", "rules": "\(rules.policy.rules.count)",
            ])
    }
}
