import Foundation
import SimpulBroker
import SimpulCore
import SimpulStoreSQLite
import SimpulTesting
import Testing

/// One round of firing clocks: what has its share of it, and what never holds it up.
@Suite(.storesInTurn) struct ClockRoundContractTests {
    @Test(arguments: Engine.allCases)
    func `a crowd of late deliveries leaves senders' duties a quarter of each round`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let alert = try await bench.alert(override: true)
        let due = try #require(alert.senderDue.review)
        for _ in 0..<20 { _ = try await bench.accept(try await bench.message()) }
        // A report expires a day after it was sent, when the alert's review is due, too.
        #expect(due == bench.after(86_400))
        let round = try await bench.store.fireClocks(at: due, limit: 8, by: bench.rules(), sign: bench.sign)
        #expect(round.isFull)
        #expect(try await bench.store.state(of: alert.key)?.senderRungs.map(\.rung) == [.overdue])
    }

    @Test(arguments: Engine.allCases)
    func `a round of the smallest size goes on until nothing is due`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let alert = try await bench.alert(override: true)
        let due = try #require(alert.senderDue.review)
        var rounds = 0
        while try await bench.store.fireClocks(at: due, limit: 1, by: bench.rules(), sign: bench.sign).isFull {
            rounds += 1
            try #require(rounds < 100)
        }
        let isNothingDue = try await bench.store.nextClock().map { $0 > due } ?? true
        #expect(isNothingDue)
        #expect(try await bench.store.state(of: alert.key)?.senderRungs.map(\.rung) == [.overdue])
    }

    @Test func `a duty that cannot be read is looked at again later, and stops no clock`() async throws {
        let bench = try Bench(.sqlite)
        let (broken, whole) = (try await bench.alert(override: true), try await bench.alert(override: true))
        let due = try #require(whole.senderDue.review)
        try bench.tamper("UPDATE owed SET clock_steps = 'nonsense' WHERE message = 0")
        let round = try await bench.store.fireClocks(at: due, limit: 100, by: bench.rules(), sign: bench.sign)
        #expect(round.postponed == 1)
        #expect(try await bench.store.state(of: whole.key)?.senderRungs.map(\.rung) == [.overdue])
        #expect(try await bench.store.state(of: whole.key)?.deliveries.first?.rungs.isEmpty == false)
        #expect(try await bench.store.state(of: broken.key)?.senderRungs.isEmpty == true)
        let soon = try await bench.store.fireClocks(
            at: due.advanced(bySeconds: 3599), limit: 100, by: bench.rules(), sign: bench.sign)
        #expect(soon.postponed == 0)
        let later = try await bench.store.fireClocks(
            at: due.advanced(bySeconds: 3600), limit: 100, by: bench.rules(), sign: bench.sign)
        #expect(later.postponed == 1)
    }

    @Test func `a delivery that cannot be read is looked at again later, and stops no clock`() async throws {
        let bench = try Bench(.sqlite)
        let (broken, whole) = (try await bench.alert(), try await bench.alert())
        try bench.tamper("UPDATE deliveries SET clock_steps = 'nonsense' WHERE message = 0")
        let round = try await bench.fire(at: 900)
        #expect(round.postponed == 1 && round.rungs[.overdue] == 1)
        #expect(
            try await bench.store.state(of: whole.key)?.deliveries.first?.rungs.map(\.rung) == [.overdue, .escalated])
        #expect(broken.key != whole.key)
        #expect(try await bench.fire(at: 4499).postponed == 0)
    }

    /// Alerts whose clocks have fired, and wait for their next step.
    private func fired(_ bench: Bench, _ count: Int) async throws -> [AuthorizedMessage] {
        var alerts: [AuthorizedMessage] = []
        for _ in 0..<count { alerts.append(try await bench.alert()) }
        _ = try await bench.store.fireClocks(
            at: bench.after(900), limit: 4 * count, by: bench.rules(), sign: bench.sign)
        return alerts
    }

    @Test(arguments: Engine.allCases)
    func `what is due goes before all that is looked at again, and that goes on beside it`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let old = try await fired(bench, 30)
        let fresh = try await bench.message {
            $0.becomeSealedAlert(for: [bench.network.police])
            $0.header["status"] = "Actual"
        }
        _ = try await bench.accept(fresh, at: bench.after(101))
        let due = try #require(fresh.due.first?.acknowledge)
        try await bench.store.rearmClocks(at: bench.after(899))
        try await bench.store.rearmClocks(at: bench.after(1000))
        #expect(try await bench.store.nextClock() == min(due, bench.after(1000)))
        // The chain is without its later steps by now.
        let rules = try bench.rules(shortened: true)
        var rounds: [ClockRound] = []
        repeat {
            try #require(rounds.count < 40)
            rounds.append(
                try await bench.store.fireClocks(at: bench.after(1001), limit: 8, by: rules, sign: bench.sign))
            // It is told in the first round, however many are looked at again.
            let rungs = try #require(try await bench.store.state(of: fresh.key)?.deliveries.first).rungs
            #expect(rungs.first?.rung == .overdue)
        } while rounds.last?.isFull == true
        #expect(rounds.count >= 4 && rounds.dropFirst().allSatisfy { $0.rungs.isEmpty })
        // By the shorter chain no step follows at 1800: the time to decide is next, for every one of them.
        #expect(try await bench.store.nextClock() == bench.after(3600))
        let end = try await bench.store.fireClocks(at: bench.after(900 + 7200), limit: 400, by: rules, sign: bench.sign)
        #expect(end.rungs[.bounced] == old.count)
        try bench.expectCleanAudit()
    }

    @Test(arguments: Engine.allCases)
    func `a crowd that is looked at again takes bounded rounds, and always some`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        _ = try await fired(bench, 30)
        for _ in 0..<30 { _ = try await bench.accept(try await bench.message()) }
        try await bench.store.rearmClocks(at: bench.after(1000))
        // Many are late at the same time; each round takes one of those at least that are looked at again.
        var (rounds, expired) = (0, 0)
        repeat {
            let round = try await bench.store.fireClocks(
                at: bench.after(86_400), limit: 8, by: bench.rules(), sign: bench.sign)
            expired += round.rungs[.expired] ?? 0
            rounds += 1
            try #require(rounds < 400)
            if !round.isFull { break }
        } while true
        #expect(expired == 60)
        let isLater = try await bench.store.nextClock().map { $0 > bench.after(86_400) } ?? true
        #expect(isLater)
    }

    @Test func `a round whose commit fails has looked at nothing again`() async throws {
        let bench = try Bench(limits: Limits())
        _ = try await fired(bench, 3)
        try await bench.store.rearmClocks(at: bench.after(1000))
        let rules = try bench.rules(shortened: true)
        FaultyVFS.failSyncs(of: bench.path, true)
        await #expect(throws: StoreError.self) {
            try await bench.store.fireClocks(at: bench.after(1000), limit: 100, by: rules, sign: bench.sign)
        }
        FaultyVFS.failSyncs(of: bench.path, false)
        #expect(try await bench.store.nextClock() == bench.after(1000))
        _ = try await bench.store.fireClocks(at: bench.after(1000), limit: 100, by: rules, sign: bench.sign)
        #expect(try await bench.store.nextClock() == bench.after(3600))
    }

    @Test func `two late recipients never call the same fallback, though one is due and one is looked at again`()
        async throws
    {
        let bench = try Bench(limits: Limits())
        let (network, shelter) = (bench.network, bench.network.shelter)
        let alert = try await bench.message(to: [network.police, network.protection]) {
            $0.becomeSealedAlert(for: [network.police, network.protection, shelter])
            $0.header["status"] = "Actual"
            $0.header["fallback"] = [.string(shelter.id.description)]
        }
        _ = try await bench.accept(alert)
        for seconds: Int64 in [900, 1800] { _ = try await bench.fire(at: seconds) }
        // One of both has its third step, the fallback's, put off, and is looked at again together with the other.
        try bench.tamper("UPDATE deliveries SET next_due = next_due + 9999999 WHERE position = 1")
        try await bench.store.rearmClocks(at: bench.after(3600))
        _ = try await bench.fire(at: 3600)
        let agencies = try #require(try await bench.store.state(of: alert.key)).deliveries.map(\.agency)
        #expect(agencies == [network.police.id, network.protection.id, shelter.id])
    }

    /// How many are looked at again in the test below; `SIMPUL_CLOCK_ROWS` sets it, and has each round's time told.
    private static let crowd = ProcessInfo.processInfo.environment["SIMPUL_CLOCK_ROWS"].flatMap { Int($0) }

    @Test func `a fresh deadline is met in the first round, whatever a file holds that is looked at again`()
        async throws
    {
        let bench = try Bench(limits: Limits())
        _ = try await fired(bench, 1)
        let count = Self.crowd ?? 300
        try bench.tamper(
            """
            CREATE TABLE scratch AS WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < \(count))
                SELECT m.* FROM messages m, n WHERE m.seq = 0;
            UPDATE scratch SET seq = 1000000 + rowid, digest = randomblob(32), envelope = x'',
                id = substr(id, 1, length(id) - 8) || printf('%08x', rowid);
            INSERT INTO messages SELECT * FROM scratch; DROP TABLE scratch;
            CREATE TABLE scratch AS SELECT d.* FROM deliveries d, messages m WHERE d.message = 0 AND m.seq > 1000000;
            UPDATE scratch SET message = 1000000 + rowid;
            INSERT INTO deliveries SELECT * FROM scratch; DROP TABLE scratch
            """)
        let fresh = try await bench.message {
            $0.becomeSealedAlert(for: [bench.network.police])
            $0.header["status"] = "Actual"
        }
        _ = try await bench.accept(fresh, at: bench.after(101))
        try await bench.store.rearmClocks(at: bench.after(1000))
        let rules = try bench.rules(shortened: true)
        var (rounds, isFull, times) = (0, true, [Duration]())
        while isFull {
            let began = ContinuousClock.now
            let round = try await bench.store.fireClocks(at: bench.after(1001), limit: 64, by: rules, sign: bench.sign)
            times.append(ContinuousClock.now - began)
            (rounds, isFull) = (rounds + 1, round.isFull)
            if rounds == 1 {
                let rungs = try #require(try await bench.store.state(of: fresh.key)?.deliveries.first).rungs
                #expect(rungs.first?.rung == .overdue)
            }
        }
        // Each has its next step later than before, so the walk meets it a second time, and then there is nothing to write.
        #expect(rounds >= count / 64 && rounds <= count / 32 + 3, "\(rounds) rounds")
        let planned = try RawDatabase(bench.path).rows(
            "SELECT DISTINCT next_due FROM deliveries WHERE message > 1000000")
        #expect(planned == [[Array("\(bench.after(3600).milliseconds)".utf8)]])
        if Self.crowd != nil {
            times.sort()
            print(
                "\(rounds) rounds, \(times.reduce(.zero, +)) in all, median \(times[rounds / 2]), most \(times[rounds - 1])"
            )
        }
    }
}

extension Bench {
    /// The rules of tests, where escalation ends after its first step.
    func rules(shortened: Bool) throws -> ClockRules {
        let open = try network.openPolicy()
        var clocks = open.clocks
        if shortened { clocks.escalation.levels[.first]?.steps.removeLast(2) }
        let policy = Policy(
            rules: open.rules, impactAssessment: "DPIA-2026-02", clocks: clocks, digest: open.digest)
        return ClockRules(
            hub: network.broker.agency, rules: Rulebook.Rules(roster: try network.roster(), policy: policy))
    }
}
