internal import SimpulBroker
internal import SimpulCore

/// The paused queues' part of an audit: each row against the newest leaf that pauses or resumes that queue.
struct PausedAudit {
    private let rows: Statement
    private let operations: Statement

    init(_ connection: Connection) throws(StoreError) {
        rows = try connection.prepare("SELECT agency, leaf FROM paused ORDER BY agency")
        operations = try connection.prepare(
            "SELECT seq, at, record FROM log WHERE subject = 'operation' AND subject <> 'receipt' ORDER BY seq")
    }

    func run(into report: inout AuditReport) throws(StoreError) {
        var expected: [String: UInt64] = [:]
        try operations.each { row throws(StoreError) in
            let record = LogRecord(subject: .operation, at: row.time(1), octets: row.blob(2))
            guard let operation = OperationRecord(record), let agency = operation.agency?.description else {
                return true
            }
            switch operation.action {
            // A pause of what is paused changes nothing.
            case .pauseQueue: expected[agency] = expected[agency] ?? row.sequence(0)
            case .resumeQueue: expected[agency] = nil
            default: break
            }
            return true
        }
        try rows.each { row throws(StoreError) in
            let agency = try row.text(0)
            switch expected.removeValue(forKey: agency) {
            case row.sequence(1): break
            case nil: report.add("paused", agency, .added, "the log does not say that it is paused")
            case .some: report.add("paused", agency, .edited, "it is not the leaf that paused it")
            }
            return true
        }
        for agency in expected.keys.sorted() {
            report.add("paused", agency, .dropped, "the log says that it is paused")
        }
    }
}
