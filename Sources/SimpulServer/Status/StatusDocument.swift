internal import SimpulBroker
internal import SimpulCore
internal import StrictJSON

/// The JSON documents of the status socket, as docs/status.md lists them.
extension StatusSnapshot {
    /// `GET /status`.
    var document: JSON {
        .object([
            "hub": .string(hub.description), "version": .string(version), "started": .string(started.description),
            "time": .string(now.description), "uptime": .integer(uptimeSeconds), "ready": .bool(obstacles.isEmpty),
            "reasons": .array(obstacles.map { .string($0) }), "draining": .bool(isDraining),
            "roster": [
                "agencies": .integer(roster.agencies), "generation": .integer(Int(roster.generation)),
                "digest": .string(roster.digest.description),
            ],
            "policy": ["rules": .integer(policy.rules), "digest": .string(policy.digest.description)],
            "log": store.map { ["size": .integer(Int($0.logSize)), "root": .string($0.logRoot)] },
            "messages": store.map { .integer($0.messages) },
            "queues": store == nil ? nil : queueRows,
            "pushes": pushRows,
            "counters": counterRows, "handshakesRefused": Self.object(counters.handshakesRefused),
            "nextCertificateExpiry": nextExpiry.map {
                ["owner": .string($0.owner), "use": .string($0.use), "until": .string($0.until)]
            },
            "residentBytes": residentBytes.map { .integer($0) },
        ])
    }

    /// `GET /queues`.
    var queuesDocument: JSON { ["queues": queueRows, "pushes": pushRows] }

    /// `GET /readyz`.
    var readinessDocument: JSON {
        ["ready": .bool(obstacles.isEmpty), "reasons": .array(obstacles.map { .string($0) })]
    }

    var uptimeSeconds: Int { Int(max(0, now.milliseconds - started.milliseconds) / 1000) }

    private var queueRows: JSON { .array(queues.map { Self.row($0.agency, $0.queue, paused[$0.agency]) }) }

    /// `GET /queues/{agency}`, and one element of `GET /queues`.
    static func row(_ agency: AgencyID, _ queue: StoreStatistics.Queue, _ paused: PausedQueue?) -> JSON {
        .object([
            "agency": .string(agency.description), "waiting": .integer(queue.waiting),
            "leased": .integer(queue.leased), "settled": .integer(queue.settled),
            "rungs": .integer(queue.rungs),
            "oldest": queue.oldest.map { .string($0.description) },
            "paused": paused.map { paused in
                .object([
                    "since": .string(paused.since.description), "uid": .integer(Int(paused.by.uid)),
                    "user": paused.by.user.map { .string($0) },
                ])
            },
        ])
    }

    private var pushRows: JSON {
        .array(
            pushes.sorted { $0.key < $1.key }.map { agency, row in
                .object([
                    "agency": .string(agency.description), "window": .integer(row.window),
                    "inFlight": .integer(row.inFlight), "consecutiveFailures": .integer(row.consecutiveFailures),
                    "breakerOpenUntil": row.breakerOpenUntil.map { .string($0.description) },
                    "pausedUntil": row.pausedUntil.map { .string($0.description) },
                    "lastOutcome": row.lastOutcome.map { .string($0) },
                    "lastAt": row.lastAt.map { .string($0.description) },
                    "settled": .integer(row.settled), "failed": Self.object(row.failed),
                ])
            })
    }

    private var counterRows: JSON {
        let refused = counters.refused.map { ($0.key.rawValue, $0.value) }
        return [
            "accepted": .integer(counters.accepted), "repeated": .integer(counters.repeated),
            "consentOverridden": .integer(counters.consentOverridden),
            "refused": Self.object(Dictionary(uniqueKeysWithValues: refused)), "leased": .integer(counters.leased),
            "acknowledged": .integer(counters.acknowledged), "givenBack": .integer(counters.givenBack),
            "failures": .integer(counters.failures),
            "clocks": [
                "overdue": .integer(counters.clockRungs[.overdue] ?? 0),
                "escalated": .integer(counters.clockRungs[.escalated] ?? 0),
                "bounced": .integer(counters.clockRungs[.bounced] ?? 0),
                "expired": .integer(counters.clockRungs[.expired] ?? 0),
                "incidents": .integer(counters.clockIncidents),
            ],
            "waiting": .integer(counters.waiting), "streams": .integer(counters.streams),
            "connections": .integer(counters.connections),
        ]
    }

    private static func object(_ numbers: [String: Int]) -> JSON {
        .object(numbers.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .integer($0.value)) })
    }
}
