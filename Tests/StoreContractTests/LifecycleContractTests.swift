import JOSE
import SimpulBroker
import SimpulCore
import SimpulStoreSQLite
import SimpulTesting
import Testing

/// What a store keeps of states and relations, and that it judges again when it writes.
@Suite(.storesInTurn) struct LifecycleContractTests {
    static let types = MessageType.allCases.filter { $0.lifecycle != nil }

    /// The types whose header may say where it comes from.
    static let saying: [MessageType] = [.referralStatus, .outcome, .screening, .evidenceNotice, .return, .bulletin]

    /// The shortest way to each state of a type; from the first message, so none for what needs no message.
    static func ways(_ lifecycle: Lifecycle) -> [LifecycleState: [LifecycleState]] {
        var ways: [LifecycleState: [LifecycleState]] = [:]
        var next = lifecycle.initial.map { [$0] }
        while !next.isEmpty {
            let way = next.removeFirst()
            guard ways[way[way.count - 1]] == nil else { continue }
            ways[way[way.count - 1]] = way
            next += lifecycle.steps(after: way.last).map { way + [$0] }
        }
        return ways
    }

    @Test(arguments: Engine.allCases, types)
    func `every step of every type is taken or refused as its table says`(
        _ engine: Engine, _ type: MessageType
    ) async throws {
        let bench = try Bench(engine)
        let lifecycle = try #require(type.lifecycle)
        let ways = Self.ways(lifecycle)
        #expect(Set(ways.keys).union(lifecycle.silent) == lifecycle.states)
        for way in [[]] + ways.values {
            let thread = try TestThread(type, bench.network)
            try await bench.walk(way, thread)
            for state in lifecycle.states where !lifecycle.steps(after: way.last).contains(state) {
                let code = await bench.refusal(of: try thread.step(state.rawValue, number: way.count))?.code
                #expect(code == .lifecycle, "\(way.map(\.rawValue)) → \(state.rawValue)")
            }
            for state in lifecycle.steps(after: way.last) {
                let previous = Self.saying.contains(type) ? way.last?.rawValue : nil
                let draft = try thread.step(state.rawValue, number: way.count, previous: previous)
                #expect(await bench.refusal(of: draft) == nil, "\(way.map(\.rawValue)) → \(state.rawValue)")
            }
        }
        if engine == .sqlite { #expect(try bench.audit().findings == []) }
    }

    @Test(arguments: Engine.allCases)
    func `of two steps that were approved side by side one is stored`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let thread = try TestThread(.referralStatus, bench.network)
        try await bench.walk([], thread)
        let both = [
            try await bench.network.approved(thread.step("accepted"), on: bench.store),
            try await bench.network.approved(thread.step("rejected"), on: bench.store),
        ]
        #expect(try await bench.accept(both[0]).receipt != nil)
        let size = try await bench.logSize()
        guard case .refused(let refusal) = try await bench.accept(both[1]) else {
            throw TestFault(what: "it was stored")
        }
        #expect(refusal.code == .lifecycle && refusal.message == both[1].key.id)
        #expect(refusal.faults.map(\.pointer) == ["/header/state"])
        #expect(try await bench.logSize() == size)
        #expect(try await bench.store.state(of: both[1].key) == nil)
        // The same octets again are a repetition, however far the thread has come.
        #expect(try await bench.accept(both[0]).receipt != nil)
    }

    @Test(arguments: Engine.allCases)
    func `of many that race one is stored`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let thread = try TestThread(.referralStatus, bench.network)
        try await bench.walk([], thread)
        var approved: [AuthorizedMessage] = []
        for number in 0..<16 {
            let draft = try thread.step(number % 2 == 0 ? "rejected" : "redirected")
            approved.append(try await bench.network.approved(draft, on: bench.store))
        }
        let stored = try await withThrowingTaskGroup(of: Bool.self) { group in
            for message in approved { group.addTask { try await bench.accept(message).receipt != nil } }
            return try await group.reduce(0) { $0 + ($1 ? 1 : 0) }
        }
        #expect(stored == 1)
    }

    @Test(arguments: Engine.allCases)
    func `steps of one batch are judged one after the other`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let thread = try TestThread(.referralStatus, bench.network)
        try await bench.walk([], thread)
        var approved: [AuthorizedMessage] = []
        for state in ["received", "accepted", "received"] {
            approved.append(try await bench.network.approved(thread.step(state), on: bench.store))
        }
        let network = bench.network
        let outcomes = try await bench.store.accept(approved, at: bench.now, queued: 1000) { message in
            network.signer(message, at: network.now)
        }
        #expect(try outcomes.map { try $0.get().receipt != nil } == [true, true, false])
    }

    @Test(arguments: Engine.allCases)
    func `each recipient has states of its own`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let both = [network.police, network.shelter]
        let question = try await bench.message(to: both) { $0.becomeReferral(for: both) }
        _ = try await bench.accept(question)
        _ = try await bench.accept(bench.answer(to: question, state: "rejected"))
        #expect(
            try await bench.accept(bench.answer(to: question, state: "accepted", from: network.shelter)).receipt != nil)
    }

    @Test(arguments: Engine.allCases)
    func `an exercise moves nothing that is actual`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let thread = try TestThread(.screening, bench.network)
        try await bench.walk(["presumed", "under-assessment", "possible"], thread)
        var actual = try thread.step("presumed")
        actual.header["status"] = "Actual"
        #expect(await bench.refusal(of: actual) == nil)
    }

    @Test(arguments: Engine.allCases)
    func `a thread of others is a new one`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let thread = try TestThread(.return, network)
        try await bench.walk(["proposed", "risk-assessed"], thread)
        // Who is no party neither learns of the thread nor moves it.
        var foreign = try thread.step("proposed")
        foreign.sender = network.shelter
        foreign.header["sender"] = .string(network.shelter.id.description)
        foreign.header["recipients"] = [.string(network.protection.id.description)]
        foreign.sealedTo = [network.protection]
        let stranger = try await network.approved(foreign, on: bench.store)
        #expect(try await bench.accept(stranger).receipt != nil)
        #expect(await bench.refusal(of: try thread.step("accepted-by-receiving")) == nil)
    }
}

/// What a header may refer to.
@Suite(.storesInTurn) struct RelationContractTests {
    private func relations(_ bench: Bench, from agency: TestAgency, inReplyTo id: MessageID) async throws -> Relations {
        let draft = TestMessage(from: agency, to: [bench.network.protection], at: bench.now)
        var header = try await bench.network.approved(draft).header
        header.inReplyTo = id
        return try await bench.store.relations(of: header)
    }

    @Test(arguments: Engine.allCases)
    func `only parties of a message are told of it`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let question = try await bench.referral()
        _ = try await bench.accept(question)
        for (agency, isReceived) in [(network.immigration, false), (network.police, true)] {
            let known = try await relations(bench, from: agency, inReplyTo: question.key.id)
            let related = Relations.Related(
                key: question.key, type: .referral, hasState: false, isReceived: isReceived, position: nil,
                level: .first)
            #expect(known == Relations(answered: [related], replaced: [], position: nil))
        }
        #expect(try await relations(bench, from: network.shelter, inReplyTo: question.key.id) == .none)
        let unknown = MessageID(version7At: bench.now, random: SecureRandom.bytes(10))
        #expect(try await relations(bench, from: network.police, inReplyTo: unknown) == .none)
    }

    @Test(arguments: Engine.allCases, ["RED", "AMBER+STRICT"])
    func `a message that redirects is told whether what it answers is red, and no other is`(
        _ engine: Engine, _ label: String
    ) async throws {
        let bench = try Bench(engine)
        let question = try await bench.message {
            $0.becomeReferral(for: [bench.network.police])
            $0.header["tlp"] = .string(label)
        }
        _ = try await bench.accept(question)
        var header = try await bench.answer(to: question, state: "rejected").header
        #expect(try await !bench.store.relations(of: header).answersRed)
        header.state = .redirected
        #expect(try await bench.store.relations(of: header).answersRed == (label == "RED"))
    }

    @Test(arguments: Engine.allCases)
    func `what is red is not redirected under another label`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let question = try await bench.referral()
        _ = try await bench.accept(question)
        var draft = TestMessage(from: network.police, to: [network.immigration], at: bench.now)
        draft.becomeAnswer(to: question.key.id, state: "redirected", for: [network.immigration])
        for label in ["RED", "AMBER+STRICT"] {
            draft.header["tlp"] = .string(label)
            let refusal = await bench.refusal(of: draft)
            #expect(refusal?.code == .policyDenied)
            #expect(refusal?.faults.map(\.keyword) == ["never-redirect-of-red"])
        }
        _ = try await bench.accept(bench.answer(to: question, state: "rejected"))
        #expect(try await bench.store.state(of: question.key)?.state == .answered)
    }

    @Test(arguments: Engine.allCases)
    func `what was recalled before its recipient had it is unknown to that one alone`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let both = [network.police, network.shelter]
        _ = try await bench.accept(bench.consent(with: both))
        let question = try await network.approved(
            TestMessage.referral(from: network.immigration, to: both, at: bench.now), on: bench.store)
        _ = try await bench.accept(question)
        _ = try await bench.claim(network.shelter)
        let early = try await bench.answer(to: question, state: "accepted")
        _ = try await bench.accept(bench.end())
        #expect(try await relations(bench, from: network.police, inReplyTo: question.key.id) == .none)
        let others = try await relations(bench, from: network.shelter, inReplyTo: question.key.id)
        #expect(others.answered.map(\.isReceived) == [true])
        let own = try await relations(bench, from: network.immigration, inReplyTo: question.key.id)
        #expect(own.answered.map(\.isReceived) == [false])
        // Also an answer that was approved before.
        guard case .refused(let refusal) = try await bench.accept(early) else { throw TestFault(what: "it was stored") }
        #expect(refusal.code == .lifecycle && refusal.faults.map(\.pointer) == ["/header/inReplyTo"])
    }

    @Test(arguments: Engine.allCases)
    func `two senders may have used the id, and the answer goes to the one that asked`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        // Another agency has taken the id first, for a message of the same kind to the same recipient.
        let question = try await bench.referral()
        let other = try await bench.message(from: network.shelter) {
            $0.header["id"] = .string(question.key.id.description)
            $0.becomeReferral(for: [network.police])
        }
        for message in [other, question] { _ = try await bench.accept(message) }
        let known = try await relations(bench, from: network.police, inReplyTo: question.key.id)
        #expect(known.answered.map(\.key) == [other.key, question.key])
        _ = try await bench.accept(bench.answer(to: question, state: "accepted"))
        #expect(try await bench.store.state(of: question.key)?.state == .answered)
        #expect(try await bench.store.state(of: other.key)?.state == .waiting)
        let positions = try await relations(bench, of: bench.answer(to: question, state: "in-progress"))
        #expect(positions.answered.map(\.position) == [nil, "accepted"])
    }

    private func relations(_ bench: Bench, of message: AuthorizedMessage) async throws -> Relations {
        try await bench.store.relations(of: message.header)
    }

    @Test(arguments: Engine.allCases)
    func `own messages are known from those of others, under the same ids`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let own = try await bench.message()
        let foreign = try await bench.message(from: bench.network.police, to: [bench.network.immigration])
        for message in [own, foreign] { _ = try await bench.accept(message) }
        var header = own.header
        header.supersedes = [own.key.id, foreign.key.id]
        #expect(
            try await bench.store.relations(of: header)
                == Relations(answered: [], replaced: [own.key.id], position: nil))
    }
}

/// Files that were changed, or that are older.
@Suite(.storesInTurn) struct StepAuditTests {
    private let bench: Bench

    init() throws { bench = try Bench(.sqlite) }

    private func fill() async throws -> String {
        try await bench.fill()
        let thread = try TestThread(.return, bench.network)
        try await bench.walk(["proposed", "risk-assessed"], thread)
        #expect(try bench.audit().findings == [])
        return try #require(try bench.keys().first { $0.0 == "9" }).1
    }

    @Test(arguments: [
        ("UPDATE steps SET state = 'arrived' WHERE message = 9", AuditReport.Finding.Kind.edited),
        ("UPDATE steps SET status = 'Actual' WHERE message = 9", .edited),
        ("UPDATE steps SET type = 'screening' WHERE message = 9", .edited),
        ("UPDATE steps SET subject = 'x' WHERE message = 9", .edited),
        ("UPDATE steps SET agency = 'id-1709.lain' WHERE message = 9 AND agency <> 'id-1709.imigrasi'", .added),
        ("DELETE FROM steps WHERE message = 9", .dropped),
        ("INSERT INTO steps VALUES (1, 'id-1709.lain', 'x', 'return', 'Test', 'arrived')", .added),
        ("INSERT INTO steps VALUES (99, 'id-1709.lain', 'x', 'return', 'Test', 'arrived')", .added),
    ])
    func `a change of a step is found`(_ sql: String, _ kind: AuditReport.Finding.Kind) async throws {
        _ = try await fill()
        try bench.tamper(sql)
        #expect(try bench.audit().findings.contains { $0.table == "steps" && $0.kind == kind })
    }

    @Test func `a file of the first version gets its steps, as they were`() async throws {
        _ = try await fill()
        for type in [MessageType.referralStatus, .recall, .bulletin] {
            try await bench.walk([try #require(type.lifecycle?.initial[0])], try TestThread(type, bench.network))
        }
        let all = "SELECT * FROM steps ORDER BY message, agency"
        let before = try RawDatabase(bench.path).rows(all)
        await (bench.store as? SQLiteStore)?.close()
        try bench.tamper(RawDatabase.firstVersion)
        let migrated = try SQLiteStore.open(path: bench.path, checkpoints: bench.checkpoints)
        await migrated.close()
        #expect(try RawDatabase(bench.path).rows(all) == before && before.count == 7)
        // Receipts of that time named no level and nothing that a sender owes; these do, and the rows are gone.
        #expect(try bench.audit().findings.filter { !["deliveries", "owed"].contains($0.table) } == [])
    }

    @Test func `an answer in an older file to what is not there gets a step, and the audit is clean`() async throws {
        let thread = try TestThread(.referralStatus, bench.network)
        try await bench.walk(["accepted"], thread)
        await (bench.store as? SQLiteStore)?.close()
        // As if an older program had taken it without asking.
        let other = MessageID(version7At: bench.now, random: SecureRandom.bytes(10))
        try bench.tamper(RawDatabase.firstVersion, "UPDATE messages SET id = '\(other)' WHERE type = 'referral'")
        let migrated = try SQLiteStore.open(path: bench.path, checkpoints: bench.checkpoints)
        await migrated.close()
        #expect(!(try bench.audit().findings.contains { $0.table == "steps" }))
    }
}

extension Bench {
    /// Accepts what a thing begins with, and the steps to a state.
    func walk(_ way: [LifecycleState], _ thread: TestThread) async throws {
        for draft in [thread.before, thread.question].compactMap({ $0 }) {
            _ = try await accept(network.approved(draft, on: store))
        }
        for (number, state) in way.enumerated() {
            let draft = try thread.step(state.rawValue, number: number)
            #expect(try await accept(network.approved(draft, on: store)).receipt != nil)
        }
    }

    /// What the path says to a message.
    func refusal(of draft: @autoclosure () throws -> TestMessage) async -> Refusal? {
        do {
            _ = try await network.approved(try draft(), on: store)
            return nil
        } catch {
            return error as? Refusal ?? Refusal(.internalError, at: .store, ErrorCode.internalError.title)
        }
    }
}
