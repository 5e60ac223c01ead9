public import SimpulCore
public import SimpulEnvelope

extension Broker {
    /// Why rules do not come into force.
    public enum RulesError: Error, Sendable {
        /// They are not those that the log recorded last, and the change beside them is not approved.
        case unapproved(UnapprovedRules)
        /// The log could not be read or written.
        case store(StoreError)
    }

    /// What became of the change beside the policy.
    public enum ChangeOutcome: Hashable, Sendable {
        /// There was nothing to approve.
        case none
        /// It is recorded, as that leaf of the log.
        case recorded(UInt64)
        /// The rules in force stay the same, and the change beside them is not approved yet.
        case pending(ChangeFault)
    }

    /// At start: whether the rulebook's rules may be in force. What is new is recorded before this returns.
    public func confirmRules(change: ChangeDocument) async throws(RulesError) -> ChangeOutcome {
        try await record(rulebook.rules, change)
    }

    /// Replaces the rules in force. Where nobody's rights differ, that is done at once, whatever the store does: a
    /// revocation waits for nothing. Else only once the approved change is in the log; until then the old ones stay.
    /// - Throws: ``RulesError``. A store that fails is told only where the old rules stay.
    public func replaceRules(
        with rules: Rulebook.Rules, change: ChangeDocument
    ) async throws(RulesError) -> ChangeOutcome {
        guard Authority(rules) == Authority(rulebook.rules) else {
            let outcome = try await record(rules, change)
            rulebook.replace(with: rules)
            return outcome
        }
        rulebook.replace(with: rules)
        guard change.isThere else { return .none }
        return try await record(rules, change)
    }

    private func record(_ rules: Rulebook.Rules, _ change: ChangeDocument) async throws(RulesError) -> ChangeOutcome {
        let newest: LogRecord?
        do { newest = try await store.newest(.authority) } catch { throw .store(error) }
        switch RuleCheck(hub: id, rules: rules, change: change, now: now()).outcome(after: newest) {
        case .recorded: return .none
        case .pending(let fault): return .pending(fault)
        case .record(let record):
            do { return .recorded(try await store.append(record)) } catch { throw .store(error) }
        case .refused(let fault):
            throw .unapproved(
                UnapprovedRules(
                    recorded: newest?.configurationDigest, found: Authority(rules).digest, change: change.path,
                    fault: fault))
        }
    }
}

/// Rules that nobody has approved, in words for the operator.
public struct UnapprovedRules: Hashable, Sendable, CustomStringConvertible {
    /// What the log recorded last.
    public var recorded: Digest?
    /// What the files say.
    public var found: Digest
    /// Where the approved change would have to be.
    public var change: String
    /// What is wrong with it.
    public var fault: ChangeFault

    /// Rules that were refused.
    public init(recorded: Digest?, found: Digest, change: String, fault: ChangeFault) {
        self.recorded = recorded
        self.found = found
        self.change = change
        self.fault = fault
    }

    /// What is wrong, and what to do.
    public var description: String {
        """
        policy and roles are not those that the log recorded last (\(recorded.map(\.description) ?? "unreadable")), but \
        \(found); a change of them needs the signatures of two approvers in \(change): \(fault.rawValue). \
        Take the change back, or have it approved: simpul policy propose, simpul policy approve
        """
    }
}
