import Logging
import ServiceLifecycle
import SimpulBroker
import SimpulConfiguration
import SimpulCore
import SimpulServer
import UnixSignals

/// Has roster, policy and trust read again at each SIGHUP.
struct Reload: Service {
    let reloader: Reloader

    func run() async throws {
        let signals = await UnixSignalsSequence(trapping: .sighup)
        for await _ in signals.cancelOnGracefulShutdown() { _ = await reloader.reload() }
        await reloader.stop()
        ServiceManager.notify("STOPPING=1")
    }
}

/// Reads roster, policy and trust again, one time after the other: all of them, or none where one fault is in any of
/// them. Other settings are checked as well, but a change of them takes a restart. What changes policy or roles takes two
/// approvers.
actor Reloader {
    private let file: String
    private let broker: Broker
    private let logger: Logger
    private var newest: Task<ReloadOutcome, Never>?
    private var recording: Task<Void, Never>?

    /// Pauses between attempts to record rules: five minutes in all.
    private static let pauses: [Duration] = [1, 2, 4, 8, 16, 32, 60, 60, 60, 60].map { .seconds($0) }

    init(file: String, broker: Broker, logger: Logger) {
        self.file = file
        self.broker = broker
        self.logger = logger
    }

    /// Reads them, once whoever asked before has been answered.
    func reload() async -> ReloadOutcome {
        let task = Task { [newest] in
            _ = await newest?.value
            return await replaceRulesAndRecord()
        }
        newest = task
        return await task.value
    }

    /// Ends what is still being recorded.
    func stop() async {
        recording?.cancel()
        await recording?.value
    }

    private func replaceRulesAndRecord() async -> ReloadOutcome {
        let outcome = await replaceRules()
        // Besides the signals: a revocation does not wait until the one before is recorded.
        recording?.cancel()
        await recording?.value
        recording = Task { await record() }
        return outcome
    }

    private func replaceRules() async -> ReloadOutcome {
        let settings: HubConfiguration
        do throws(ConfigurationErrors) {
            settings = try HubConfiguration.load(
                file, generation: broker.rulebook.rules.roster.generation + 1, now: broker.now())
        } catch {
            for text in error.texts { logger.error("Fault in the configuration", metadata: ["fault": "\(text)"]) }
            logger.error("Reload refused; the rules in force stay", metadata: ["faults": "\(error.texts.count)"])
            return .refused(error.texts)
        }
        let old = broker.rulebook.rules.roster.generation
        do throws(Broker.RulesError) {
            Self.tell(try await broker.replaceRules(with: settings.rules, change: settings.change), logger)
        } catch {
            let text = tell(error)
            // The rules may be in force all the same, and only a change beside the policy not be recorded.
            guard broker.rulebook.rules.roster.generation != old else { return .refused([text]) }
        }
        let rules = broker.rulebook.rules
        logger.notice(
            "Roster and policy reloaded",
            metadata: [
                "roster": "\(rules.roster.digest)", "policy": "\(rules.policy.digest)",
                "agencies": "\(rules.roster.agencies.count)", "rules": "\(rules.policy.rules.count)",
            ])
        return .accepted(generation: rules.roster.generation)
    }

    /// - Returns: the same, for who asked.
    private func tell(_ error: Broker.RulesError) -> String {
        switch error {
        case .unapproved(let rules):
            logger.error(
                "Reload refused; the rules in force stay: two approvers have to sign a change of them",
                metadata: [
                    "recorded": "\(rules.recorded.map(\.description) ?? "none")", "found": "\(rules.found)",
                    "change": "\(rules.change)", "fault": "\(rules.fault.rawValue)",
                ])
            return rules.description
        case .store(let error):
            logger.error(
                "An approved change of the rules is not in the log, so it is not in force; reload again",
                metadata: ["cause": "\(error.cause)"])
            return "an approved change of the rules could not be recorded: \(error.cause)"
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
