internal import SimpulBroker
internal import SimpulCore

/// The deliveries' part of an audit: where each one stands, against the highest rung that the log has for it. The log's
/// own part has compared the columns used here with the signed receipts.
struct DeliveryAudit {
    private let rows: Statement
    private let rungs: Statement
    private let notices: Statement

    init(_ connection: Connection) throws(StoreError) {
        rows = try connection.prepare(
            """
            SELECT d.message, d.agency, d.state, d.rung, d.attempt, m.sender, m.id, m.expires, d.next_due, d.clock_steps
            FROM deliveries d LEFT JOIN messages m ON m.seq = d.message ORDER BY d.message, d.position
            """)
        notices = try connection.prepare(
            """
            SELECT count(*) FROM log
            WHERE message = ?1 AND agency = ?2 AND rung IN ('overdue', 'escalated', 'bounced')
            """)
        rungs = try connection.prepare("SELECT rung FROM log WHERE message = ?1 AND agency = ?2 ORDER BY seq")
    }

    func run(into report: inout AuditReport) throws(StoreError) {
        try rows.each { row throws(StoreError) in
            report.deliveries += 1
            let agency = try row.text(1)
            guard let sender = try row.optionalText(5) else {
                report.add("deliveries", "\(row.sequence(0)) \(agency)", .added, "its message is missing")
                return true
            }
            let ladder = try ladder(message: row.sequence(0), agency: agency)
            let highest = ladder.highest
            let key = "\(sender)/\(try row.text(6)) \(agency)"
            if try row.text(3) != highest.rawValue {
                report.add("deliveries", key, .edited, "rung is not \(highest.rawValue), the highest in the log")
            }
            if !fits(state: row.int(2), attempt: row.int(4), ladder) {
                report.add("deliveries", key, .edited, "state does not follow from \(ladder.description)")
            }
            try checkClocks(row, key, agency, &report)
            return true
        }
    }

    /// What nobody has settled expires, and what has ended has no clock; a clock has not taken more steps than the log
    /// has of it.
    private func checkClocks(
        _ row: Row, _ key: String, _ agency: String, _ report: inout AuditReport
    ) throws(StoreError) {
        let (state, next) = (row.int(2), row.optionalTime(8))
        let isOpen = state < DeliveryState.acknowledged.stored
        if isOpen, next.map({ $0 > row.time(7) }) ?? true {
            report.add("deliveries", key, .edited, "its clocks do nothing at the end of its message")
        }
        if state > DeliveryState.answered.stored, next != nil {
            report.add("deliveries", key, .edited, "it has ended, and a clock of it runs")
        }
        guard !row.isNull(9) else { return }
        guard let progress = ClockProgress(try row.text(9)) else {
            return report.add("deliveries", key, .edited, "clock_steps is none")
        }
        let taken = Clock.allCases.reduce(0) { $0 + progress.steps(of: $1) }
        let told = try notices.first(.sequence(row.sequence(0)), .text(agency)) { $0.int(0) } ?? 0
        if taken > told { report.add("deliveries", key, .edited, "clock_steps are more than the log has") }
    }

    /// What the log has for one delivery.
    private struct Ladder {
        var highest = Rung.accepted
        /// What has ended it, and the highest rung at that time; nil where its recipient alone has moved it.
        var end: (rung: Rung, height: Rung)?

        var description: String { end.map { "\(highest.rawValue) and \($0.rung.rawValue)" } ?? highest.rawValue }
    }

    private func ladder(message: UInt64, agency: String) throws(StoreError) -> Ladder {
        var ladder = Ladder()
        try rungs.each([.sequence(message), .text(agency)]) { row throws(StoreError) in
            let rung = try row.optionalText(0).flatMap(Rung.init(rawValue:)) ?? .accepted
            if rung.endsDelivery(at: ladder.highest), ladder.end == nil { ladder.end = (rung, ladder.highest) }
            if rung.height > ladder.highest.height { ladder.highest = rung }
            return true
        }
        return ladder
    }

    private func fits(state: Int, attempt: Int, _ ladder: Ladder) -> Bool {
        if let end = ladder.end {
            let states = end.rung.ends.map(\.stored)
            return states.contains(state) && (end.height.height >= Rung.delivered.height || attempt == 0)
        }
        switch ladder.highest {
        case .accepted, .refused, .overdue, .escalated, .expired, .bounced, .recalled:
            return [DeliveryState.waiting, .parked].map(\.stored).contains(state) && attempt == 0
        case .delivered:
            // What left in a bundle was given out without a lease.
            let states = [DeliveryState.waiting, .parked].map(\.stored)
            return state < DeliveryState.acknowledged.stored && state >= DeliveryState.parked.stored
                && (attempt > 0 || states.contains(state))
        case .acknowledged, .opened, .answered, .closed:
            return state == DeliveryState(settledWith: ladder.highest).stored
        }
    }
}

extension Rung {
    /// Where a delivery stands that this rung has ended.
    fileprivate var ends: [DeliveryState] {
        switch self {
        case .recalled: [.recalled, .cancelled]
        case .expired: [.expired]
        case .bounced: [.bounced]
        default: []
        }
    }

    /// Whether this rung has ended a delivery that had that rung before. What is settled is recalled without an end.
    fileprivate func endsDelivery(at height: Rung) -> Bool {
        switch self {
        case .recalled, .expired: height.height < Rung.acknowledged.height
        case .bounced: height.height < Rung.answered.height
        default: false
        }
    }
}
