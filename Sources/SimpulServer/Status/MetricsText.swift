internal import SimpulBroker
internal import SimpulCore

/// `GET /metrics`: the Prometheus text exposition format, version 0.0.4.
struct MetricsText {
    static let mediaType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""

    init(_ snapshot: StatusSnapshot) {
        let counters = snapshot.counters
        counter("simpul_messages_accepted_total", "Messages accepted.", counters.accepted)
        counter("simpul_messages_repeated_total", "Submissions answered with an earlier receipt.", counters.repeated)
        counter(
            "simpul_messages_consent_overridden_total", "Messages accepted without the consent that they would need.",
            counters.consentOverridden)
        family("simpul_refusals_total", "counter", "Calls refused, by code.")
        for code in ErrorCode.allCases {
            sample("simpul_refusals_total", ("code", code.rawValue), counters.refused[code] ?? 0)
        }
        counter("simpul_deliveries_leased_total", "Deliveries leased.", counters.leased)
        counter("simpul_deliveries_acknowledged_total", "Deliveries settled.", counters.acknowledged)
        counter("simpul_deliveries_given_back_total", "Deliveries given back unsettled.", counters.givenBack)
        counter("simpul_overdue_total", "Clocks that ran out.", counters.clockRungs[.overdue] ?? 0)
        counter("simpul_escalated_total", "Steps of escalation taken.", counters.clockRungs[.escalated] ?? 0)
        counter("simpul_bounced_total", "Deliveries bounced by a clock.", counters.clockRungs[.bounced] ?? 0)
        counter("simpul_expired_total", "Deliveries expired unsettled.", counters.clockRungs[.expired] ?? 0)
        counter(
            "simpul_clock_incidents_total", "Messages of level L1 that came to their end unopened.",
            counters.clockIncidents)
        counter("simpul_purged_total", "Envelopes purged.", counters.purged)
        counter("simpul_failures_total", "Calls that failed for a reason of the broker's own.", counters.failures)
        family("simpul_handshakes_refused_total", "counter", "TLS handshakes refused, by reason.")
        for (reason, count) in counters.handshakesRefused.sorted(by: { $0.key < $1.key }) {
            sample("simpul_handshakes_refused_total", ("reason", reason), count)
        }
        gauge("simpul_connections", "Connections open.", counters.connections)
        gauge("simpul_inbox_waiting", "Inbox calls that wait.", counters.waiting)
        gauge("simpul_inbox_streams", "Streams of deliveries that are open.", counters.streams)
        gauge("simpul_ready", "Whether the broker serves.", snapshot.obstacles.isEmpty ? 1 : 0)
        addPushes(snapshot)
        addStore(snapshot)
        gauge("process_start_time_seconds", "Start, in seconds since 1970.", Int(snapshot.started.seconds))
        if let bytes = snapshot.residentBytes {
            gauge("process_resident_memory_bytes", "Resident memory in octets.", bytes)
        }
    }

    /// The store's numbers; left out where it did not answer, so that a gap looks like one.
    private mutating func addStore(_ snapshot: StatusSnapshot) {
        guard let store = snapshot.store else { return }
        counter("simpul_store_commits_total", "Transactions committed, each with one fsync.", snapshot.commits)
        gauge("simpul_messages_stored", "Messages in the store.", store.messages)
        gauge("simpul_log_size", "Leaves of the log.", Int(store.logSize))
        family("simpul_queue_waiting", "gauge", "Deliveries that wait to be fetched, by agency.")
        for row in snapshot.queues {
            sample("simpul_queue_waiting", ("agency", row.agency.description), row.queue.waiting)
        }
        family("simpul_queue_leased", "gauge", "Deliveries under a live lease, by agency.")
        for row in snapshot.queues {
            sample("simpul_queue_leased", ("agency", row.agency.description), row.queue.leased)
        }
        family("simpul_queue_rungs", "gauge", "Rungs that wait for who is told of them, by agency.")
        for row in snapshot.queues {
            sample("simpul_queue_rungs", ("agency", row.agency.description), row.queue.rungs)
        }
    }

    private mutating func addPushes(_ snapshot: StatusSnapshot) {
        let rows = snapshot.pushes.sorted { $0.key < $1.key }
        let families: [(name: String, type: String, help: String, value: (PushBoard.Row) -> Int)] = [
            ("simpul_push_settled_total", "counter", "Deliveries settled by pushing, by agency.", { $0.settled }),
            (
                "simpul_push_failed_total", "counter", "Attempts to push that failed, by agency.",
                { $0.failed.values.reduce(0, +) }
            ),
            ("simpul_push_window", "gauge", "Deliveries that may be on their way at one time.", { $0.window }),
            ("simpul_push_in_flight", "gauge", "Deliveries on their way.", { $0.inFlight }),
            (
                "simpul_push_consecutive_failures", "gauge", "Failures of the endpoint since its last success.",
                { $0.consecutiveFailures }
            ),
            (
                "simpul_push_breaker_open", "gauge", "Whether pushing rests because the endpoint fails.",
                { $0.isBreakerOpen(at: snapshot.now) ? 1 : 0 }
            ),
        ]
        for metric in families {
            family(metric.name, metric.type, metric.help)
            for (agency, row) in rows { sample(metric.name, ("agency", agency.description), metric.value(row)) }
        }
        family("simpul_push_failures_total", "counter", "Attempts to push that failed, by reason.")
        for failure in PushFailure.allCases {
            let count = rows.reduce(0) { $0 + ($1.value.failed[failure.rawValue] ?? 0) }
            sample("simpul_push_failures_total", ("reason", failure.rawValue), count)
        }
    }

    private mutating func counter(_ name: String, _ help: String, _ value: Int) {
        family(name, "counter", help)
        text += "\(name) \(value)\n"
    }

    private mutating func gauge(_ name: String, _ help: String, _ value: Int) {
        family(name, "gauge", help)
        text += "\(name) \(value)\n"
    }

    private mutating func family(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    /// Labels are codes, reasons and agency ids: no character of theirs needs an escape.
    private mutating func sample(_ name: String, _ label: (name: String, value: String), _ value: Int) {
        text += "\(name){\(label.name)=\"\(label.value)\"} \(value)\n"
    }
}
