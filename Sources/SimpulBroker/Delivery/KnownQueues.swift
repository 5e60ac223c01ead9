internal import SimpulCore

/// What the broker knows of the queues: the roster says who takes part.
struct KnownQueues: QueueFactsSource {
    let hub: AgencyID
    let rulebook: Rulebook

    func facts(of agency: AgencyID) -> QueueFacts {
        QueueFacts(isActive: rulebook.rules.roster.party(agency, of: hub) != nil)
    }
}
