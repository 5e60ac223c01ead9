import SimpulBroker
import SimpulCore
import SimpulStoreSQLite
import SimpulTesting
import Testing

/// Somebody changes what the file says of consents, or the file is older than they are.
@Suite(.storesInTurn) struct ConsentAuditTests {
    private let bench: Bench

    init() throws { bench = try Bench(.sqlite) }

    /// Leaves: 0 a consent and 1 its acknowledgement, 2-3 referrals on it, 4 the first one delivered; 5 another consent
    /// and 6 its acknowledgement, 7 a referral on that one; 8 the first one's end, 9 its acknowledgement, 10-11 what it
    /// recalls.
    private func fill() async throws {
        let network = bench.network
        _ = try await bench.accept(bench.consent())
        for _ in 0..<2 { _ = try await bench.accept(bench.referral(on: "C-2026")) }
        _ = try await bench.claim(limit: 1)
        _ = try await bench.accept(bench.consent(reference: "C-2027", with: [network.police, network.shelter]))
        _ = try await bench.accept(bench.referral(on: "C-2027"))
        _ = try await bench.accept(bench.end())
        #expect(try bench.audit().findings == [])
    }

    static let tamperings = [
        Tampering(
            "a consent that lives again", "UPDATE grants SET ended = NULL WHERE reference = 'C-2026'",
            finds: "grants", .edited),
        Tampering("an end", "UPDATE grants SET ended = 1, cause = 'consent-expired'", finds: "grants", .edited),
        Tampering(
            "whom it is shared with", "UPDATE grants SET share_with = ever_shared || ' id-1709.lain'",
            finds: "grants", .edited),
        Tampering("when it ends", "UPDATE grants SET until = until + 1", finds: "grants", .edited),
        Tampering("what it is for", "UPDATE grants SET purposes = 'RESTITUTION'", finds: "grants", .edited),
        Tampering("what it is for, in no code", "UPDATE grants SET purposes = 'x'", finds: "grants", .edited),
        Tampering("a holder", "UPDATE grants SET holder = 'id-1709.lain'", finds: "grants", .added),
        Tampering("a status", "UPDATE grants SET status = 'Actual'", finds: "grants", .dropped),
        Tampering("a grant", "DELETE FROM grants WHERE reference = 'C-2027'", finds: "grants", .dropped),
        Tampering(
            "a grant that nobody gave",
            """
            INSERT INTO grants SELECT status, 'C-2028', holder, share_with, purposes, types, since, until, ever_shared,
            NULL, NULL FROM grants WHERE reference = 'C-2027'
            """, finds: "grants", .added),
        Tampering("what stands on a consent", "DELETE FROM consented WHERE message = 7", finds: "consented", .dropped),
        Tampering("what changes one", "DELETE FROM consented WHERE message = 5", finds: "consented", .dropped),
        Tampering("what changes one, twice over", "DELETE FROM consented WHERE message = 8", finds: "grants", .edited),
        Tampering(
            "another reference", "UPDATE consented SET reference = 'C-2029' WHERE message = 7",
            finds: "consented", .added),
        Tampering("another part", "UPDATE consented SET changes = 1 WHERE message = 7", finds: "consented", .added),
        Tampering(
            "an erased one's part", "UPDATE consented SET changes = 1 WHERE message = 3", finds: "consented", .added),
        Tampering("no message", "INSERT INTO consented VALUES ('Test', 'C-2027', 0, 99)", finds: "consented", .added),
        Tampering("a delivery", "UPDATE deliveries SET state = 5 WHERE message = 7", finds: "deliveries", .edited),
        Tampering("a recall", "UPDATE deliveries SET state = 0 WHERE message = 3", finds: "deliveries", .edited),
        Tampering(
            "a recall of what is leased", "UPDATE deliveries SET state = 1 WHERE message = 2",
            finds: "deliveries", .edited),
        Tampering("an envelope", "UPDATE messages SET envelope = x'' WHERE seq = 7", finds: "messages", .edited),
        Tampering(
            "an envelope that somebody has got", "UPDATE messages SET envelope = x'' WHERE seq = 2",
            "UPDATE deliveries SET rung = 'accepted' WHERE message = 2", finds: "messages", .edited),
        Tampering(
            "an envelope and its delivery", "UPDATE messages SET envelope = x'' WHERE seq = 7",
            "UPDATE deliveries SET state = 5 WHERE message = 7", finds: "messages", .edited),
        Tampering(
            "whom a recall is told to", "DELETE FROM rungs WHERE leaf = 10 AND agency = 'id-1709.polres.ppa'",
            finds: "rungs", .dropped),
        Tampering(
            "a recall told to one who had nothing",
            "INSERT INTO rungs VALUES (11, 'id-1709.polres.ppa', 0, 0, 0, 0, NULL)", finds: "rungs", .added),
    ]

    @Test(arguments: tamperings) func `a change of what was consented to is found`(_ tampering: Tampering) async throws
    {
        try await fill()
        try bench.tamper(sql: ["PRAGMA foreign_keys = OFF"] + tampering.sql)
        let findings = try bench.audit().findings
        #expect(
            findings.contains { $0.table == tampering.table && $0.kind == tampering.kind },
            "\(tampering.name): \(findings)")
    }

    @Test func `a file of the first version gets its grants, as they were`() async throws {
        try await fill()
        let all = ["SELECT * FROM grants ORDER BY reference", "SELECT * FROM consented ORDER BY message"]
        let before = try all.map { try RawDatabase(bench.path).rows($0) }
        await (bench.store as? SQLiteStore)?.close()
        try bench.tamper("UPDATE consented SET changes = changes", RawDatabase.firstVersion)
        let migrated = try SQLiteStore.open(path: bench.path, checkpoints: bench.checkpoints)
        await migrated.close()
        // The one that was erased is found no more; nothing else is lost.
        let after = try all.map { try RawDatabase(bench.path).rows($0) }
        #expect(after[0] == before[0] && before[0].count == 2)
        #expect(after[1].count == before[1].count - 1 && before[1].count == 6)
    }
}

extension Tampering {
    init(_ name: String, _ sql: String..., finds table: String, _ kind: AuditReport.Finding.Kind) {
        self.init(name, finds: table, "", kind)
        self.sql = sql
    }
}
