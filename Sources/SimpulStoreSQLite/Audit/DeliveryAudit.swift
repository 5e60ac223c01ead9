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
        rungs = try connection.prepare("SELECT rung FROM log WHERE message = ?1 AND agency = ?2")
    }

    func run(into report: inout AuditReport) throws(StoreError) {
        try rows.each { row throws(StoreError) in
            report.deliveries += 1
            let agency = try row.text(1)
            guard let sender = try row.optionalText(5) else {
                report.add("deliveries", "\(row.sequence(0)) \(agency)", .added, "its message is missing")
                return true
            }
            let highest = try highestRung(message: row.sequence(0), agency: agency)
            let key = "\(sender)/\(try row.text(6)) \(agency)"
            if try row.text(3) != highest.rawValue {
                report.add("deliveries", key, .edited, "rung is not \(highest.rawValue), the highest in the log")
            }
            if !fits(state: row.int(2), attempt: row.int(4), highest) {
                report.add("deliveries", key, .edited, "state does not follow from \(highest.rawValue)")
            }
            return true
        }
    }

    private func highestRung(message: UInt64, agency: String) throws(StoreError) -> Rung {
        let recorded = try rungs.all(.sequence(message), .text(agency)) { row throws(StoreError) in
            try row.optionalText(0).flatMap(Rung.init(rawValue:)) ?? .accepted
        }
        return recorded.max { $0.height < $1.height } ?? .accepted
    }

    private func fits(state: Int, attempt: Int, _ highest: Rung) -> Bool {
        switch highest {
        case .accepted, .refused, .overdue, .escalated, .expired, .bounced, .recalled:
            state == DeliveryState.waiting.stored && attempt == 0
        case .delivered:
            state < DeliveryState.acknowledged.stored && state >= DeliveryState.backingOff.stored && attempt > 0
        case .acknowledged, .opened, .answered, .closed:
            state == DeliveryState(settledWith: highest).stored
        }
    }
}
