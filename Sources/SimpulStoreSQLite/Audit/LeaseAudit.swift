internal import JOSE
internal import SimpulBroker
internal import SimpulCore
internal import StrictJSON

/// The leases' part of an audit: each lease against its delivery, and each delivery against its newest lease. Nobody
/// signs for a lease, so only what the signed receipts and the order of writing prove is held against it.
struct LeaseAudit {
    private let rows: Statement
    private let steps: Statement
    private let longest: Int64

    init(_ connection: Connection, limits: Limits) throws(StoreError) {
        rows = try connection.prepare(Self.rowsSQL)
        steps = try connection.prepare(
            "SELECT rung, at, record FROM log WHERE message = ?1 AND agency = ?2 ORDER BY seq")
        // A limit that was lowered since says nothing about an old lease.
        longest = Int64(max(limits.leaseTotalSeconds, Limits().leaseTotalSeconds)) * 1000
    }

    /// A delivery, and its leases as far as they were read; they come in the order of their attempts.
    fileprivate struct Subject {
        var message: UInt64
        var position: Int
        var attempt: Int64
        var agency: String
        var until: Int64
        var state: Int
        var key: String
        var leases: Int64 = 0
        var newest: (attempt: Int64, until: Int64) = (0, 0)
        var settled: [(attempt: Int64, until: Int64)] = []
    }

    func run(into report: inout AuditReport) throws(StoreError) {
        var subject: Subject?
        try rows.each { row throws(StoreError) in
            if row.int(2) == 0 {
                try finish(subject, &report)
                subject = try Subject(row)
            } else {
                try add(row, to: &subject, &report)
            }
            return true
        }
        try finish(subject, &report)
    }

    private func add(_ row: Row, to subject: inout Subject?, _ report: inout AuditReport) throws(StoreError) {
        guard var delivery = subject, delivery.message == row.sequence(0), delivery.position == row.int(1) else {
            return report.add("leases", "\(row.sequence(0))/\(row.int(1))", .added, "its delivery is missing")
        }
        let lease = (attempt: row.integer(3), until: row.integer(5))
        if try row.text(4) != delivery.agency {
            report.add("leases", delivery.key, .edited, "agency of lease \(lease.attempt) is not its delivery's")
        }
        if lease.attempt <= delivery.newest.attempt || lease.attempt > delivery.attempt {
            report.add("leases", delivery.key, .added, "attempt \(lease.attempt) is none that the delivery has left")
        }
        if row.integer(6) != 0 && delivery.settled.count < 2 { delivery.settled.append(lease) }
        delivery.leases += 1
        delivery.newest = lease
        subject = delivery
    }

    // MARK: One delivery with all its leases

    private func finish(_ subject: Subject?, _ report: inout AuditReport) throws(StoreError) {
        guard let subject else { return }
        guard subject.attempt > 0 else {
            if subject.until != 0 {
                report.add("deliveries", subject.key, .edited, "lease_until is set, it was never leased")
            }
            return
        }
        guard subject.newest.attempt == subject.attempt else {
            return report.add("leases", subject.key, .dropped, "the lease of attempt \(subject.attempt) is missing")
        }
        if subject.newest.until != subject.until {
            report.add("deliveries", subject.key, .edited, "lease_until is not the end of its newest lease")
        }
        checkSettled(subject, &report)
        try checkTimes(subject, &report)
    }

    private func checkSettled(_ subject: Subject, _ report: inout AuditReport) {
        let attempts = subject.settled.map(\.attempt)
        let isSettled = subject.state >= DeliveryState.acknowledged.stored
        guard attempts != (isSettled ? [subject.attempt] : []) else { return }
        report.add(
            "leases", subject.key, .edited,
            isSettled ? "not its newest lease alone is settled" : "a lease is settled, its delivery is not")
    }

    private func checkTimes(_ subject: Subject, _ report: inout AuditReport) throws(StoreError) {
        let steps = try steps.all(.sequence(subject.message), .text(subject.agency)) { row throws(StoreError) in
            (
                rung: try row.optionalText(0).flatMap(Rung.init(rawValue:)), at: row.integer(1), record: row.blob(2)
            )
        }
        // That there is one is the deliveries' part.
        guard let first = steps.first(where: { $0.rung == .delivered })?.at else { return }
        if subject.attempt == 1 && !((1...longest).contains(span(first, subject.newest.until))) {
            report.add("leases", subject.key, .edited, "until is not within a lease's length of the delivery")
        }
        if subject.leases < min(subject.attempt, Int64(LeaseRows.remembered))
            && span(first, subject.newest.until) <= LeaseAudit.remembered
        {
            report.add("leases", subject.key, .dropped, "a lease is missing that no day has passed since")
        }
        // Only the broker's own word for an acknowledgement needs a live lease; what a recipient signs or answers does not.
        // Nor does one of what was recalled.
        let settling = steps.prefix { $0.rung != .recalled }.first {
            ($0.rung?.height ?? 0) >= Rung.acknowledged.height
        }
        if let settling, Self.isOfSystem(settling.record), let lease = subject.settled.first,
            lease.until <= settling.at
        {
            report.add("leases", subject.key, .edited, "until is before its delivery was settled")
        }
    }

    private static func isOfSystem(_ record: [UInt8]) -> Bool {
        let token = try? CompactJWS(parsing: record, headerLimits: JSONLimits(depth: 4))
        return token.flatMap { try? JSONDocument($0.payload).root["by"]?.isString("system") } ?? false
    }

    /// Saturates: a row may hold any number.
    private func span(_ start: Int64, _ end: Int64) -> Int64 {
        let (span, overflow) = end.subtractingReportingOverflow(start)
        return overflow ? (end > start ? .max : .min) : span
    }

    /// Milliseconds that an unsettled lease is kept after its end.
    private static let remembered = LeaseRows.secondsRemembered * 1000

    /// Each delivery, and behind it its leases. The leases are sorted by SQLite, on disk where they are many.
    private static let rowsSQL = """
        SELECT d.message, d.position, 0, d.attempt, d.agency, d.lease_until, d.state, m.sender, m.id
        FROM deliveries d LEFT JOIN messages m ON m.seq = d.message
        UNION ALL
        SELECT message, position, 1, attempt, agency, until, settled, NULL, NULL FROM leases
        ORDER BY 1, 2, 3, 4
        """
}

extension LeaseAudit.Subject {
    init(_ row: Row) throws(StoreError) {
        let agency = try row.text(4)
        let isKnown = !row.isNull(7)
        let message = isKnown ? "\(try row.text(7))/\(try row.text(8))" : "\(row.sequence(0))"
        self.init(
            message: row.sequence(0), position: row.int(1), attempt: row.integer(3), agency: agency,
            until: row.integer(5), state: row.int(6), key: "\(message) \(agency)")
    }
}
