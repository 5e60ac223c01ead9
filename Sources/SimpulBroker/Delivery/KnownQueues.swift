internal import SimpulCore

/// What the broker knows of the queues: the roster says who takes part, the store which are paused, the board how pushing
/// goes.
struct KnownQueues: QueueFactsSource {
    let hub: AgencyID
    let rulebook: Rulebook
    let store: any MessageStore
    let pushBoard: PushBoard

    func facts(of agency: AgencyID) -> QueueFacts {
        QueueFacts(
            isActive: rulebook.rules.roster.party(agency, of: hub) != nil,
            isPaused: store.pausedQueues[agency] != nil, breakerOpenUntil: pushBoard[agency]?.breakerOpenUntil)
    }
}
