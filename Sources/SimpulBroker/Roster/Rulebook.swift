internal import NIOConcurrencyHelpers

/// The roster and the policy in force. A reload replaces both at once; whoever reads sees one consistent pair.
public final class Rulebook: Sendable {
    private let current: NIOLockedValueBox<Rules>
    private let listeners = NIOLockedValueBox(Listeners())

    private struct Listeners {
        var streams: [UInt64: AsyncStream<Void>.Continuation] = [:]
        var next: UInt64 = 0
    }

    /// The roster and the policy of one moment.
    public struct Rules: Sendable {
        /// Who takes part.
        public var roster: Roster
        /// Who may send what to whom.
        public var policy: Policy

        /// Rules.
        public init(roster: Roster, policy: Policy) {
            self.roster = roster
            self.policy = policy
        }
    }

    /// A book that starts with those rules.
    public init(_ rules: Rules) { current = NIOLockedValueBox(rules) }

    /// The rules in force now.
    public var rules: Rules { current.withLockedValue { $0 } }

    /// Brings new rules into force.
    public func replace(with rules: Rules) {
        current.withLockedValue { $0 = rules }
        for listener in listeners.withLockedValue({ Array($0.streams.values) }) { listener.yield() }
    }

    /// Signals each replacement from now on; signals that nobody has taken yet are merged. One task may iterate it, once.
    public func changes() -> AsyncStream<Void> {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let number = listeners.withLockedValue { listeners in
            listeners.next += 1
            listeners.streams[listeners.next] = continuation
            return listeners.next
        }
        continuation.onTermination = { [weak self] _ in self?.listeners.withLockedValue { $0.streams[number] = nil } }
        return stream
    }
}
