/// What the command line sets for all scenarios.
struct Settings: Sendable {
    var seconds: Int
    var messages: Int
    var backlog: Int
    var acknowledgers: Int
    var rate: Int
    var polls: Int
    var streams: Int
    var loops: Int
    var recipients: Int

    /// The messages that a scenario needs; nil where it needs none.
    func need(of scenario: Scenario) -> (kind: LoadKind, count: Int)? {
        switch scenario {
        case .accept(_, _, let kind): (adjusted(kind), messages)
        case .drain: (adjusted(Scenario.sealed), backlog)
        case .wake, .flood: (adjusted(Scenario.sealed), rate * (seconds + WakeRun.warmUpSeconds))
        case .streams: (adjusted(Scenario.sealed), 2 * rate * (seconds + WakeRun.warmUpSeconds))
        case .backlog:
            (adjusted(Scenario.sealed), messages + BacklogRun.alertRuns * BacklogRun.alerts(self))
        case .memory: nil
        }
    }

    /// The messages of other agencies that a scenario needs besides.
    func further(of scenario: Scenario) -> [(kind: LoadKind, count: Int)] {
        let flood = BacklogRun.alerts(self) * BacklogRun.floodFactor
        return switch scenario {
        case .flood: [(BacklogRun.flood, flood)]
        case .backlog:
            [
                (BacklogRun.flood, flood * Scenario.Consumer.allCases.count),
                (BacklogRun.deferred, BacklogRun.templates),
            ]
        default: []
        }
    }

    private func adjusted(_ kind: LoadKind) -> LoadKind {
        var kind = kind
        kind.recipients = recipients
        return kind
    }
}
