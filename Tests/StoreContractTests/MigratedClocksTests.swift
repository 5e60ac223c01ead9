import SimpulBroker
import SimpulCore
import SimpulStoreSQLite
import SimpulTesting
import StrictJSON
import Testing

/// A file from before clocks fired: nobody is called for what was settled then, and what waits runs on.
@Suite(.storesInTurn) struct MigratedClocksTests {
    private static let ofClocks: Set<Rung> = [.overdue, .escalated, .bounced, .expired]

    /// Undoes the newest three steps of the schema.
    private static let beforeClocks = """
        PRAGMA foreign_keys = OFF; DROP TABLE purges; PRAGMA writable_schema = ON;
        UPDATE sqlite_schema SET sql = replace(sql, ', kept BLOB, purge_leaf INTEGER REFERENCES log (seq)', '')
            WHERE name = 'messages';
        PRAGMA writable_schema = RESET;
        DROP TABLE paused;
        DROP INDEX deliveries_fired; DROP INDEX deliveries_due;
        ALTER TABLE deliveries DROP COLUMN next_due; ALTER TABLE deliveries DROP COLUMN clock_steps;
        DROP INDEX owed_due; DROP INDEX owed_open;
        ALTER TABLE owed DROP COLUMN agency; ALTER TABLE owed DROP COLUMN thread;
        ALTER TABLE owed DROP COLUMN status; ALTER TABLE owed DROP COLUMN next_due;
        ALTER TABLE owed DROP COLUMN clock_steps;
        PRAGMA user_version = 10
        """

    @Test func `an old file calls nobody for what was settled, and chases what was not`() async throws {
        let bench = try Bench(.sqlite)
        var alerts: [Rung: AuthorizedMessage] = [:]
        for rung in [Rung.acknowledged, .opened, .answered] {
            let alert = try await bench.alert(fallback: bench.network.shelter, override: true)
            let token = try #require(try await bench.claim(limit: 1).first).token
            _ = try await bench.settle(token, as: rung == .answered ? .opened : rung)
            if rung == .answered {
                _ = try await bench.accept(bench.answer(from: bench.network.police, to: alert, state: "accepted"))
            }
            alerts[rung] = alert
        }
        let waiting = try await bench.alert()
        await (bench.store as? SQLiteStore)?.close()
        try bench.tamper(Self.beforeClocks)

        let again = try bench.reopened()
        #expect(try await again.store.nextClock() == bench.after(900))
        for seconds: Int64 in [900, 1800, 3600, 7200, 40_000, 86_401, 86_400 * 8] {
            _ = try await again.fire(at: seconds)
        }
        for (rung, alert) in alerts {
            let state = try #require(try await again.store.state(of: alert.key))
            #expect(state.deliveries.map(\.agency) == [bench.network.police.id], "\(rung)")
            let clocks = state.deliveries[0].rungs.map(\.rung).filter(Self.ofClocks.contains)
            #expect(clocks == [], "\(rung)")
            #expect(state.senderRungs.isEmpty, "\(rung)")
        }
        let late = try #require(try await again.store.state(of: waiting.key)?.deliveries.first)
        #expect(late.state == .bounced && late.rungs.contains { $0.rung == .overdue })
        try bench.expectCleanAudit()
        await (again.store as? SQLiteStore)?.close()
    }

    @Test func `what a migrated file keeps still, answers move on as before`() async throws {
        let bench = try Bench(.sqlite)
        let alert = try await bench.alert(fallback: bench.network.shelter)
        _ = try await bench.settle(#require(try await bench.claim().first).token)
        await (bench.store as? SQLiteStore)?.close()
        try bench.tamper(Self.beforeClocks)
        let again = try bench.reopened()
        _ = try await again.accept(again.answer(from: bench.network.police, to: alert, state: "rejected"))
        #expect(try await again.fire(at: 1).rungs.isEmpty)
        let state = try #require(try await again.store.state(of: alert.key))
        #expect(state.deliveries.map(\.state) == [.answered])
        try bench.expectCleanAudit()
        await (again.store as? SQLiteStore)?.close()
    }
}
