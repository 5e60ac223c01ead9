import StrictJSON

extension Report {
    /// Every number of every run, the medians, and what they were measured with.
    var json: JSON {
        [
            "machine": machine.json, "settings": settings.json, "steadyWindow": .string(SteadyWindow.rule),
            "envelopes": .array(
                meanOctets.sorted { $0.key.description < $1.key.description }.map { kind, octets in
                    ["kind": .string(kind.description), "meanOctets": .number(octets)]
                }),
            "crypto": .array(
                crypto.map {
                    [
                        "signMicroseconds": .number($0.signMicroseconds),
                        "verifyMicroseconds": .number($0.verifyMicroseconds),
                    ]
                }),
            "runs": .array(outcomes.map(\.json)),
            "medians": .array(medians),
        ]
    }

    private var medians: [JSON] {
        var seen: Set<Scenario> = []
        return outcomes.map(\.scenario).filter { seen.insert($0).inserted }.map { scenario in
            let values = Metric.allCases.compactMap { metric in
                median(metric, of: scenario).map { JSON.Member(metric.rawValue, .number($0)) }
            }
            return ["scenario": .string(scenario.description), "values": .object(values)]
        }
    }
}

extension Outcome {
    fileprivate var json: JSON {
        let members = Metric.allCases.compactMap { metric in
            values[metric].map { JSON.Member(metric.rawValue, .number($0)) }
        }
        return .object([
            "scenario": .string(scenario.description), "round": .integer(round), "values": .object(members),
            "void": void.map { .string($0) },
        ])
    }
}

extension Settings {
    fileprivate var json: JSON {
        [
            "seconds": .integer(seconds), "messages": .integer(messages), "backlog": .integer(backlog),
            "acknowledgers": .integer(acknowledgers), "rate": .integer(rate), "polls": .integer(polls),
            "loops": .integer(loops), "recipients": .integer(recipients),
        ]
    }
}
