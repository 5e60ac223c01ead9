import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulStoreSQLite
import SimpulTesting
import Testing

/// Somebody with the file and with SQLite changes it; the audit says where.
@Suite(.storesInTurn) struct StoreAuditTests {
    private let bench: Bench

    init() throws { bench = try Bench(limits: Limits()) }

    @Test func `a store that nobody has touched is clean, while it is open`() async throws {
        try await bench.fill()
        let report = try bench.audit()
        #expect(report.findings == [])
        #expect(report.leaves == 9 && report.messages == 3 && report.deliveries == 3 && report.checkpointVerified)
        let numbers = try await bench.store.statistics(at: bench.now)
        #expect(report.root == numbers.logRoot)
    }

    static let ofTheLog = [
        Tampering(
            "a record", "UPDATE log SET record = x'00' WHERE seq = 4", finds: "log", "4", .forged),
        Tampering("a nonce", "UPDATE log SET nonce = zeroblob(32) WHERE seq = 4", finds: "log", "4", .edited),
        Tampering("a leaf", "UPDATE log SET leaf = zeroblob(32) WHERE seq = 4", finds: "log", "4", .edited),
        Tampering("a time", "UPDATE log SET at = at + 1 WHERE seq = 2", finds: "log", "2", .edited),
        Tampering("a rung", "UPDATE log SET rung = 'opened' WHERE seq = 7", finds: "log", "7", .edited),
        Tampering("an agency", "UPDATE log SET agency = 'id-1709.lain' WHERE seq = 7", finds: "log", "7", .edited),
        Tampering("what a rung is about", "UPDATE log SET message = 3 WHERE seq = 7", finds: "log", "7", .edited),
        Tampering("a subject", "UPDATE log SET subject = 'roster' WHERE seq = 5", finds: "log", "5", .edited),
        Tampering("a leaf out of the middle", "DELETE FROM log WHERE seq = 5", finds: "log", "5", .dropped),
        Tampering("a number", "UPDATE log SET seq = -1 WHERE seq = 5", finds: "log", "-1", .added),
        Tampering(
            "a number to the least", "UPDATE log SET seq = -9223372036854775808 WHERE seq = 5",
            finds: "log", "5", .dropped),
        Tampering(
            "a number to the greatest", "UPDATE log SET seq = 9223372036854775807 WHERE seq = 0",
            finds: "log", "9-9223372036854775806", .dropped),
        Tampering("the tail", "DELETE FROM log WHERE seq >= 7", finds: "log", "7-8", .truncated),
        Tampering(
            "a leaf at the end",
            "INSERT INTO log SELECT 9, subject, at, message, agency, rung, leaf, nonce, record "
                + "FROM log WHERE seq = 8", finds: "log", "9-9", .added),
        Tampering(
            "two records for each other",
            "CREATE TEMP TABLE other AS SELECT * FROM log WHERE seq IN (1, 2)",
            """
            UPDATE log SET (nonce, record) = (SELECT nonce, record FROM other WHERE other.seq = 3 - log.seq)
            WHERE seq IN (1, 2)
            """, finds: "log", "1", .swapped),
        Tampering(
            "two whole rows for each other", "UPDATE log SET seq = -1 WHERE seq = 4",
            "UPDATE log SET seq = 4 WHERE seq = 5",
            "UPDATE log SET seq = 5 WHERE seq = -1", finds: "log", "0-9", .edited),
        Tampering(
            "two whole rows of acceptances for each other", "UPDATE log SET seq = -1 WHERE seq = 1",
            "UPDATE log SET seq = 1 WHERE seq = 2", "UPDATE log SET seq = 2 WHERE seq = -1",
            finds: "log", "1", .swapped),
        Tampering(
            "a receipt by another valid one",
            "UPDATE log SET record = (SELECT record FROM log WHERE seq = 2) WHERE seq = 3",
            finds: "log", "3", .swapped),
        Tampering(
            "a message for an acceptance", "UPDATE log SET message = 1 WHERE seq = 2", finds: "log", "2", .edited),
        Tampering(
            "an agency for an acceptance", "UPDATE log SET agency = 'id-1709.lain' WHERE seq = 2",
            finds: "log", "2", .edited),
        Tampering("no rung for an acceptance", "UPDATE log SET rung = NULL WHERE seq = 2", finds: "log", "2", .edited),
        Tampering("a message for a policy", "UPDATE log SET message = 1 WHERE seq = 0", finds: "log", "0", .edited),
        Tampering("an agency for a policy", "UPDATE log SET agency = 'x' WHERE seq = 0", finds: "log", "0", .edited),
        Tampering("a rung for a policy", "UPDATE log SET rung = 'opened' WHERE seq = 0", finds: "log", "0", .edited),
        Tampering("the size", "UPDATE log_state SET size = 8", finds: "log_state", "1", .edited),
        Tampering("the state", "DELETE FROM log_state", finds: "log_state", "1", .dropped),
        Tampering(
            "the checkpoint", "UPDATE log_state SET checkpoint = replace(checkpoint, 'simpul', 'lain')",
            finds: "log_state", "1", .forged),
    ]

    @Test(arguments: ofTheLog) func `a change of the log is found`(_ tampering: Tampering) async throws {
        try await bench.fill()
        try bench.tamper(sql: tampering.sql)
        let report = try bench.audit()
        #expect(
            report.findings.contains {
                $0.table == tampering.table && $0.key == tampering.key && $0.kind == tampering.kind
            }, "\(tampering.name): \(report.findings)")
    }

    @Test(arguments: ["message = 1", "agency = 'id-1709.lain'", "rung = 'refused'"])
    func `a refusal with a column of a delivery is found`(_ change: String) async throws {
        try await bench.fill()
        let network = bench.network
        let refusal = try network.broker.receipt(
            ReceiptStatement(
                .refused, broker: network.broker.agency, sender: network.immigration.id, id: nil,
                digest: Digest(SHA256.hash([2])), at: bench.now,
                refusal: .init(code: .policyDenied, stage: .authorize)))
        try await bench.store.append(LogRecord(receipt: refusal, at: bench.now))
        #expect(try bench.audit().findings == [])
        try bench.tamper("UPDATE log SET \(change) WHERE seq = 9")
        #expect(try bench.audit().findings.contains { $0.table == "log" && $0.key == "9" && $0.kind == .edited })
    }

    static let ofMessages = [
        Tampering("a rung that waits", "DELETE FROM rungs WHERE leaf = 5", finds: "rungs", "5", .dropped),
        Tampering(
            "a rung of no leaf that is one", "INSERT INTO rungs VALUES (0, 'id-1709.imigrasi', 0, 0, 0, 0, NULL)",
            finds: "rungs", "0", .added),
        Tampering(
            "whom a rung is for", "UPDATE rungs SET agency = 'id-1709.lain' WHERE leaf = 5", finds: "rungs", "5",
            .edited),
        Tampering(
            "a rung that was settled without a lease", "UPDATE rungs SET state = 2 WHERE leaf = 5", finds: "rungs", "5",
            .edited),
        Tampering(
            "an envelope", "UPDATE messages SET envelope = CAST(replace(envelope, 'A', 'B') AS BLOB) WHERE seq = 2",
            finds: "messages", "2", .edited),
        Tampering(
            "a digest", "UPDATE messages SET digest = zeroblob(32) WHERE seq = 2", finds: "messages", "2", .edited),
        Tampering("a type", "UPDATE messages SET type = 'alert' WHERE seq = 2", finds: "messages", "2", .edited),
        Tampering("an expiry", "UPDATE messages SET expires = 0 WHERE seq = 2", finds: "messages", "2", .edited),
        Tampering(
            "two messages for each other", "UPDATE messages SET seq = -1 WHERE seq = 1",
            "UPDATE messages SET seq = 1 WHERE seq = 2", "UPDATE messages SET seq = 2 WHERE seq = -1",
            finds: "messages", "1", .swapped),
        Tampering("a message's leaf", "DELETE FROM log WHERE seq = 2", finds: "messages", "2", .added),
        Tampering("a state", "UPDATE deliveries SET state = 0 WHERE message = 1", finds: "deliveries", "1", .edited),
        Tampering(
            "a state and its rung", "UPDATE deliveries SET state = 0, rung = 'delivered' WHERE message = 1",
            finds: "deliveries", "1", .edited),
        Tampering(
            "a settlement that never was", "UPDATE deliveries SET state = 2, rung = 'acknowledged' WHERE message = 3",
            finds: "deliveries", "3", .edited),
        Tampering(
            "a recipient", "UPDATE deliveries SET agency = 'id-1709.lain' WHERE message = 3",
            finds: "deliveries", "3 id-1709.lain", .edited),
        Tampering("an urgency", "UPDATE deliveries SET rank = 4 WHERE message = 1", finds: "deliveries", "1", .edited),
        Tampering("a clock", "UPDATE deliveries SET ack_by = 1 WHERE message = 1", finds: "deliveries", "1", .edited),
        Tampering("a level", "UPDATE deliveries SET level = 2 WHERE message = 1", finds: "deliveries", "1", .edited),
        Tampering("what a sender owes", "INSERT INTO owed VALUES (2, 1, NULL)", finds: "owed", "2", .added),
        Tampering(
            "what nobody owes", "PRAGMA foreign_keys = OFF", "INSERT INTO owed VALUES (99, 1, NULL)",
            finds: "owed", "99", .added),
        Tampering("a delivery", "DELETE FROM deliveries WHERE message = 2", finds: "deliveries", "2", .dropped),
        Tampering(
            "one more delivery",
            "INSERT INTO deliveries VALUES (2, 1, 'id-1709.lain', 'alert', 0, 0, 'accepted', 0, 0, NULL, NULL, NULL, 0, NULL, 0, 0, NULL)",
            finds: "deliveries", "2 id-1709.lain", .added),
    ]

    @Test(arguments: ofMessages) func `a change of a message or delivery is found`(_ tampering: Tampering) async throws
    {
        try await bench.fill()
        let keys = try bench.keys()
        try bench.tamper(sql: tampering.sql)
        let report = try bench.audit()
        var key = tampering.key
        for (sequence, text) in keys where key.hasPrefix(sequence) { key = text + key.dropFirst(sequence.count) }
        if tampering.table == "deliveries" && !key.contains(" ") { key += " \(bench.network.police.id)" }
        let wanted = tampering.name == "two messages for each other" ? Set(keys.map(\.1)) : [key]
        #expect(
            report.findings.contains {
                $0.table == tampering.table && wanted.contains($0.key) && $0.kind == tampering.kind
            }, "\(tampering.name): \(report.findings)")
    }

    @Test func `a message that is gone is missed by its receipt`() async throws {
        try await bench.fill()
        try bench.tamper(
            "DELETE FROM deliveries WHERE message = 3", "DELETE FROM leases WHERE message = 3",
            "DELETE FROM messages WHERE seq = 3")
        #expect(
            try bench.audit().findings.contains {
                $0.table == "log" && $0.key == "3" && $0.detail == "the message that the receipt accepts is missing"
            })
    }

    @Test func `a frontier written anew without the key is found, and only with the key where all else fits`()
        async throws
    {
        try await bench.fill()
        // Who rewrites it cuts the tail and everything that tells of it, and signs with a key of their own.
        var frontier = MerkleFrontier()
        for row in try RawDatabase(bench.path).rows("SELECT leaf FROM log WHERE seq < 7 ORDER BY seq") {
            frontier.append(row[0])
        }
        let own = try Bench.signer(bench.network)
        try bench.tamper(
            "DELETE FROM log WHERE seq >= 7", "DELETE FROM rungs WHERE leaf >= 7",
            "UPDATE deliveries SET state = 1, rung = 'delivered' WHERE message IN (1, 2)",
            "UPDATE leases SET settled = 0",
            """
            UPDATE log_state SET size = 7, frontier = x'\(hex(frontier.octets))',
                checkpoint = '\(own.note(of: frontier))'
            """
        )
        #expect(try bench.audit(withKey: false).findings == [])
        #expect(
            try bench.audit().findings.map(\.description) == [
                "log_state 1: forged: checkpoint is not signed with the broker's key"
            ])
    }

    @Test func `findings are bounded`() async throws {
        let record = LogRecord(.policy, digest: Digest(SHA256.hash([1])), at: bench.now)
        let store = bench.store
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<AuditReport.findingsListed { group.addTask { try await store.append(record) } }
            try await group.waitForAll()
        }
        for _ in 0..<50 { try await store.append(record) }
        try bench.tamper("UPDATE log SET nonce = zeroblob(32)")
        let report = try bench.audit()
        #expect(report.findings.count == AuditReport.findingsListed && report.unlisted == 50)
    }

    @Test func `a file that is not there is an error, and is not made`() throws {
        let path = bench.path + "-none"
        #expect(throws: StoreError.self) {
            try StoreAudit.verify(path: path, checkpointKey: nil) { _ in nil }
        }
        #expect(throws: StoreError.self) {
            try StoreAudit.verify(path: path, checkpointKey: nil) { _ in nil }
        }
    }

    private func hex(_ octets: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return octets.reduce(into: "") { $0 += [digits[Int($1 >> 4)], digits[Int($1 & 15)]] }
    }
}
