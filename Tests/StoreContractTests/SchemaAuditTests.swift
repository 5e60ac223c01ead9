import Glibc
import SimpulBroker
import SimpulCore
import SimpulStoreSQLite
import Testing

/// Somebody changes the tables themselves, or the file that they are in.
@Suite(.storesInTurn) struct SchemaAuditTests {
    private let bench: Bench

    init() throws { bench = try Bench(limits: Limits()) }

    static let ofTheSchema = [
        Tampering(
            "a trigger", "CREATE TRIGGER spy AFTER INSERT ON messages BEGIN DELETE FROM leases; END",
            finds: "sqlite_schema", "spy", .added),
        Tampering("a table", "CREATE TABLE mine (a)", finds: "sqlite_schema", "mine", .added),
        Tampering("a view", "CREATE VIEW mine AS SELECT 1", finds: "sqlite_schema", "mine", .added),
        Tampering("an index", "DROP INDEX log_rungs", finds: "sqlite_schema", "log_rungs", .dropped),
        Tampering(
            "another index in its place", "DROP INDEX log_rungs", "CREATE INDEX log_rungs ON log (agency)",
            finds: "sqlite_schema", "log_rungs", .edited),
        Tampering("a column", "ALTER TABLE leases ADD COLUMN x TEXT", finds: "sqlite_schema", "leases", .edited),
        Tampering("the leases", "DROP TABLE leases", finds: "sqlite_schema", "leases", .dropped),
        Tampering("the deliveries", "DROP TABLE deliveries", finds: "sqlite_schema", "deliveries", .dropped),
        Tampering("the messages", "DROP TABLE messages", finds: "sqlite_schema", "messages", .dropped),
        Tampering("the log", "DROP TABLE log", finds: "log", "-", .truncated),
        Tampering("the log's state", "DROP TABLE log_state", finds: "sqlite_schema", "log_state", .dropped),
        Tampering("the version", "PRAGMA user_version = 0", finds: "file", "user_version", .edited),
        Tampering("an older version", "PRAGMA user_version = 1", finds: "sqlite_schema", "leases_unsettled", .added),
        Tampering("the mark", "PRAGMA application_id = 1", finds: "file", "application_id", .edited),
    ]

    @Test(arguments: ofTheSchema) func `a change of the schema is found`(_ tampering: Tampering) async throws {
        try await bench.fill()
        try bench.tamper(sql: tampering.sql)
        let report = try bench.audit()
        #expect(
            report.findings.contains {
                $0.table == tampering.table && $0.key == tampering.key && $0.kind == tampering.kind
            }, "\(tampering.name): \(report.findings)")
        #expect(!report.findings.contains { $0.detail.contains("SELECT") || $0.detail.contains("migrate it") })
    }

    /// How a copy of the file is damaged: what is left of its octets.
    @Test(arguments: ["half", "a page", "fifty octets", "nothing", "text", "zeros in the middle"])
    func `a damaged file is a finding`(_ what: String) async throws {
        try await bench.fill()
        let copy = bench.path + "-copy"
        try RawDatabase(bench.path).execute("VACUUM INTO '\(copy)'; PRAGMA wal_checkpoint")
        var octets = try readFile(copy)
        switch what {
        case "half": octets.removeLast(octets.count / 2)
        case "a page": octets.removeLast(octets.count - 8192)
        case "fifty octets": octets.removeLast(octets.count - 50)
        case "nothing": octets = []
        case "text": octets = [UInt8](repeating: 0x41, count: octets.count)
        default: octets.replaceSubrange(8192..<24576, with: [UInt8](repeating: 0, count: 16384))
        }
        try writeFile(copy, octets)
        let report = try StoreAudit.verify(path: copy, checkpointKey: nil) { _ in nil }
        #expect(report.findings.contains { $0.table == "file" && (what != "nothing" || $0.kind == .truncated) })
        #expect(!report.findings.contains { $0.detail.contains("SELECT") || $0.detail.contains("migrate it") })
    }

    @Test func `a store of a newer program, and an honest older one, are errors`() async throws {
        try await bench.fill()
        try bench.tamper("PRAGMA user_version = 1000")
        #expect(throws: StoreError.self) { try bench.audit() }
        try bench.tamper(RawDatabase.firstVersion)
        #expect(throws: StoreError.self) { try bench.audit() }
    }

    private func readFile(_ path: String) throws -> [UInt8] {
        let file = try #require(fopen(path, "rb"))
        defer { fclose(file) }
        var octets = [UInt8](repeating: 0, count: 1 << 20)
        octets.removeLast(octets.count - fread(&octets, 1, octets.count, file))
        return octets
    }

    private func writeFile(_ path: String, _ octets: [UInt8]) throws {
        let file = try #require(fopen(path, "wb"))
        defer { fclose(file) }
        #expect(fwrite(octets, 1, octets.count, file) == octets.count)
    }
}
