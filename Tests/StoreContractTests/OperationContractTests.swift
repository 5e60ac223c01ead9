import SimpulBroker
import SimpulCore
import SimpulStoreSQLite
import SimpulTesting
import Testing

/// What operators did, in the log.
@Suite(.storesInTurn) struct OperationContractTests {
    private func record(_ bench: Bench, _ action: OperationAction = .drain) -> OperationRecord {
        OperationRecord(
            action, by: OperationBy(uid: 1000, user: "petugas", role: .operator), reason: "CONTOH FIKTIF",
            at: bench.now)
    }

    @Test(arguments: Engine.allCases)
    func `an operation is a leaf, and the newest is found`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        #expect(try await bench.store.newest(.operation) == nil)
        #expect(try await bench.store.append(record(bench).logged) == 0)
        #expect(try await bench.store.append(record(bench, .resume).logged) == 1)
        let newest = try #require(try await bench.store.newest(.operation))
        #expect(OperationRecord(newest) == record(bench, .resume))
    }

    @Test func `an audit takes operations among all else`() async throws {
        let bench = try Bench(limits: Limits())
        try await bench.fill()
        try await bench.store.append(record(bench).logged)
        #expect(try bench.audit().findings == [])
    }

    @Test(arguments: [
        (
            "UPDATE log SET record = CAST(replace(CAST(record AS TEXT), 'drain', 'resume') AS BLOB) WHERE seq = 9",
            "edited"
        ),
        ("UPDATE log SET record = CAST(replace(CAST(record AS TEXT), '1000', '1001') AS BLOB) WHERE seq = 9", "edited"),
        ("UPDATE log SET subject = 'policy' WHERE seq = 9", "edited"),
        ("DELETE FROM log WHERE seq = 9", "truncated"),
    ])
    func `an operation that was changed or taken out is found`(_ sql: String, _ kind: String) async throws {
        let bench = try Bench(limits: Limits())
        try await bench.fill()
        try await bench.store.append(record(bench).logged)
        try bench.tamper(sql)
        #expect(try bench.audit().findings.contains { $0.table == "log" && $0.kind.rawValue == kind })
    }
}
