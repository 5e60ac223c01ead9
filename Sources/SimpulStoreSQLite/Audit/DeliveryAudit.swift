internal import SimpulBroker
internal import SimpulCore

/// The deliveries' part of an audit: where each one stands, against the highest rung that the log has for it. The log's
/// own part has compared the columns used here with the signed receipts.
struct DeliveryAudit {
    private let rows: Statement
    private let rungs: Statement

    init(_ connection: Connection) throws(StoreError) {
        rows = try connection.prepare(
            """
            SELECT d.message, d.agency, d.state, d.rung, d.attempt, m.sender, m.id
            FROM deliveries d LEFT JOIN messages m ON m.seq = d.message ORDER BY d.message, d.position
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
            return true
        }
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
            return state < DeliveryState.acknowledged.stored && state >= DeliveryState.parked.stored && attempt > 0
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
