import SimpulBroker
import SimpulCore
import SimpulStoreSQLite
import Testing

/// Somebody changes a lease, which no receipt tells of.
@Suite(.storesInTurn) struct LeaseAuditTests {
    private let bench: Bench

    init() throws { bench = try Bench(limits: Limits()) }

    /// Deliveries 1 and 2 have settled, 3 is leased.
    static let ofLeases = [
        Tampering(
            "the end of a lease in its delivery", "UPDATE deliveries SET lease_until = 4102444800000 WHERE message = 3",
            finds: "deliveries", "3", .edited),
        Tampering(
            "the end of a settled delivery's lease", "UPDATE deliveries SET lease_until = 0 WHERE message = 1",
            finds: "deliveries", "1", .edited),
        Tampering(
            "attempts that left no lease", "UPDATE deliveries SET attempt = 7 WHERE message = 3",
            finds: "leases", "3", .dropped),
        Tampering(
            "an attempt with its lease", "UPDATE deliveries SET attempt = 7 WHERE message = 3",
            "UPDATE leases SET attempt = 7 WHERE message = 3", finds: "leases", "3", .dropped),
        Tampering(
            "a lease's agency", "UPDATE leases SET agency = 'id-1709.lain' WHERE message = 3",
            finds: "leases", "3", .edited),
        Tampering(
            "a settled lease to a live one", "UPDATE leases SET settled = 0 WHERE message = 1",
            finds: "leases", "1", .edited),
        Tampering(
            "a live lease to a settled one", "UPDATE leases SET settled = 1 WHERE message = 3",
            finds: "leases", "3", .edited),
        Tampering(
            "a lease's end", "UPDATE leases SET until = until + 1 WHERE message = 3",
            finds: "deliveries", "3", .edited),
        Tampering(
            "a lease's end, in both places", "UPDATE leases SET until = 9223372036854775807 WHERE message = 3",
            "UPDATE deliveries SET lease_until = 9223372036854775807 WHERE message = 3",
            finds: "leases", "3", .edited),
        Tampering(
            "a settled lease's end, in both places", "UPDATE leases SET until = -9223372036854775808 WHERE message = 1",
            "UPDATE deliveries SET lease_until = -9223372036854775808 WHERE message = 1",
            finds: "leases", "1", .edited),
        Tampering("a live lease", "DELETE FROM leases WHERE message = 3", finds: "leases", "3", .dropped),
        Tampering("a settled lease", "DELETE FROM leases WHERE message = 1", finds: "leases", "1", .dropped),
        Tampering("every lease", "DELETE FROM leases", finds: "leases", "2", .dropped),
        Tampering(
            "one more lease",
            "INSERT INTO leases SELECT zeroblob(32), message, position, 1, agency, until, 0, 0 FROM leases WHERE message = 3",
            finds: "leases", "3", .added),
        Tampering(
            "a lease of a later attempt",
            "INSERT INTO leases SELECT zeroblob(32), message, position, 2, agency, until, 0, 0 FROM leases WHERE message = 3",
            finds: "leases", "3", .added),
        Tampering(
            "a lease of no delivery", "INSERT INTO leases VALUES (zeroblob(32), 77, 0, 1, 'id-1709.lain', 5, 0, 0)",
            finds: "leases", "77/0", .added),
    ]

    @Test(arguments: ofLeases) func `a change of a lease is found`(_ tampering: Tampering) async throws {
        try await bench.fill()
        let keys = Dictionary(uniqueKeysWithValues: try bench.keys())
        try bench.tamper(sql: tampering.sql)
        let report = try bench.audit()
        let key = keys[tampering.key].map { "\($0) \(bench.network.police.id)" } ?? tampering.key
        #expect(
            report.findings.contains {
                $0.table == tampering.table && $0.key == key && $0.kind == tampering.kind
            }, "\(tampering.name): \(report.findings)")
    }

    @Test func `leases that ended, were given back or forgotten are as they should be`() async throws {
        let message = try await bench.message()
        _ = try await bench.accept(message)
        let given = try await bench.claim()
        try await bench.store.release(given.map(\.token), of: bench.network.police.id)
        for days in [0, 1, 2, 3] as [Int64] {
            try await bench.claim(at: bench.now.advanced(bySeconds: 86400 * days + 120))
        }
        let last = try await bench.claim(at: bench.now.advanced(bySeconds: 86400 * 5))
        #expect(last.map(\.attempt) == [6])
        #expect(try RawDatabase(bench.path).rows("SELECT * FROM leases").count < 6)
        #expect(try bench.audit().findings == [])
        _ = try await bench.settle(last[0].token, at: bench.now.advanced(bySeconds: 86400 * 5 + 1))
        _ = try await bench.settle(last[0].token, at: bench.now.advanced(bySeconds: 86400 * 9), as: .opened)
        #expect(try bench.audit().findings == [])
    }
}
