public import SimpulCore

/// Whether the envelope of a message is still needed, and when to look again: 24 hours after its last recipient has
/// opened it, or at its `expires`, it is purged (protocol §4). Pure: no clock, no store.
///
/// What always holds: before `expires` nothing is purged that somebody may still get, from a queue or as a fallback that
/// a clock calls; and nothing is purged, before or after, while a delivery of it is open.
///
/// Nobody tells it what happens. A look that comes too early names the next moment at which there can be something to
/// do: what nobody has opened by now is not purged before ``keptSeconds`` from now.
public struct BodyRetention: Hashable, Sendable {
    /// One delivery of the message.
    public struct Delivery: Hashable, Sendable {
        /// Where it stands, and what its clocks may still do.
        public var clocks: DeliveryClocks
        /// Since when its recipient needs the envelope no more; nil where it may.
        public var doneAt: Timestamp?

        /// A delivery.
        /// - Parameter rungs: its rungs, and when each of them was recorded, in that order.
        public init(clocks: DeliveryClocks, rungs: some Sequence<(rung: Rung, at: Timestamp)>) {
            self.clocks = clocks
            let isOfBroker = clocks.isOfBroker
            doneAt = rungs.first { Self.isDone(with: $0.rung, isOfBroker: isOfBroker) }?.at
        }

        /// Who has opened a message has it; who has answered without that has, too. To whom it is given out no more it is
        /// of no use. The broker reads what it accepts as it accepts it.
        private static func isDone(with rung: Rung, isOfBroker: Bool) -> Bool {
            switch rung {
            case .bounced, .expired, .recalled: true
            default: rung.height >= (isOfBroker ? Rung.acknowledged : .opened).height
            }
        }

        /// Whether it may still have the envelope given to a fallback: its recipient may refuse, or a clock of it runs.
        var mayCallFallback: Bool {
            guard !clocks.isOfBroker, !clocks.machine.state.isEnd, !clocks.progress.isStopped,
                !clocks.progress.isHandedOver
            else { return false }
            return clocks.progress.isRefused || !clocks.running.isEmpty
                || clocks.machine.rung.height < Rung.answered.height
        }
    }

    /// What to do.
    public enum Verdict: Hashable, Sendable {
        /// The envelope goes now.
        case purge(PurgeCause)
        /// Nothing now; there may be something then.
        case look(at: Timestamp)
    }

    /// When the message loses its meaning.
    public var expires: Timestamp
    /// Its deliveries, those to fallbacks that have taken over included.
    public var deliveries: [Delivery]
    /// Whether its header names a fallback that has no delivery yet, or cannot be read.
    public var hasFallbackLeft: Bool

    /// How long after its last recipient has opened it a message is kept.
    public var keptSeconds: Int64

    /// The longest pause between two looks at a message that a fallback may still get, and at one whose time is over
    /// while a delivery of it stays open, because its row cannot be read.
    static let mostPauseSeconds: (fallback: Int64, open: Int64) = (3600, 60)

    /// A message.
    public init(expires: Timestamp, deliveries: [Delivery], hasFallbackLeft: Bool, keptSeconds: Int64) {
        self.expires = expires
        self.deliveries = deliveries
        self.hasFallbackLeft = hasFallbackLeft
        self.keptSeconds = keptSeconds
    }

    /// When a message that was accepted then is looked at first.
    public static func firstLook(acceptedAt now: Timestamp, expires: Timestamp, keptSeconds: Int64) -> Timestamp {
        min(expires, now.advanced(bySeconds: keptSeconds))
    }

    /// What to do at that moment.
    public func verdict(at now: Timestamp) -> Verdict {
        if expires <= now {
            let isOpen = deliveries.contains { !$0.clocks.machine.state.isSettled }
            return isOpen ? .look(at: now.advanced(bySeconds: Self.mostPauseSeconds.open)) : .purge(.expired)
        }
        var last = Timestamp.epoch
        for delivery in deliveries {
            guard let done = delivery.doneAt, delivery.clocks.machine.state.isSettled else {
                return look(keptSeconds, now)
            }
            // What was recorded while the machine's clock was ahead counts as recorded now.
            last = max(last, min(done, now))
        }
        if hasFallbackLeft, deliveries.contains(where: \.mayCallFallback) {
            return look(min(keptSeconds, Self.mostPauseSeconds.fallback), now)
        }
        let end = last.advanced(bySeconds: keptSeconds)
        return end <= now ? .purge(.opened) : .look(at: min(end, expires))
    }

    private func look(_ seconds: Int64, _ now: Timestamp) -> Verdict {
        .look(at: min(expires, now.advanced(bySeconds: seconds)))
    }
}
