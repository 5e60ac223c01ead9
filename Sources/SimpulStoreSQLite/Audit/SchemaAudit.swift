internal import SimpulBroker

/// The file's part of an audit: that its tables, indexes and triggers are those that the migrations make, and that
/// SQLite finds its pages whole.
struct SchemaAudit {
    private let connection: Connection
    private let version: Int

    init(_ connection: Connection, version: Int) {
        self.connection = connection
        self.version = version
    }

    func run(into report: inout AuditReport) throws(StoreError) {
        let fresh = try Connection(path: ":memory:", mode: .write)
        for migration in Schema.migrations.prefix(version) { try fresh.execute(migration) }
        var expected: [String: Object] = [:]
        try Self.each(of: fresh) { expected[$0.name] = $0 }
        try Self.each(of: connection) { object in
            switch expected.removeValue(forKey: object.name) {
            case object: break
            case nil: report.add("sqlite_schema", object.name, .added, "no migration makes this \(object.kind)")
            case .some: report.add("sqlite_schema", object.name, .edited, "the migrations make it otherwise")
            }
        }
        for name in expected.keys.sorted() {
            report.add("sqlite_schema", name, .dropped, "the migrations make it")
        }
    }

    /// Every page, and every index against its table: rows that an index hides are read by nobody.
    func checkPages(into report: inout AuditReport) throws(StoreError) {
        try connection.prepare("PRAGMA integrity_check(\(AuditReport.findingsListed))").each { row throws(StoreError) in
            let text = try row.text(0)
            if text != "ok" { report.add("file", "pages", .edited, String(text.prefix(120))) }
            return true
        }
    }

    /// A table, index, view or trigger.
    private struct Object: Equatable {
        var kind: String
        var name: String
        var table: String
        var sql: String
    }

    private static func each(of connection: Connection, visit: (Object) -> Void) throws(StoreError) {
        try connection.prepare("SELECT type, name, tbl_name, sql FROM sqlite_schema").each { row throws(StoreError) in
            let sql = try row.optionalText(3) ?? ""
            visit(
                Object(
                    kind: try row.text(0), name: try row.text(1), table: try row.text(2),
                    sql: sql.split(whereSeparator: \.isWhitespace).joined(separator: " ")))
            return true
        }
    }
}
