import Glibc
import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulStoreSQLite
import SimpulTesting
import StrictJSON
import Testing

/// What a store lets go of, and what it keeps.
@Suite(.storesInTurn) struct PurgeContractTests {
    private static let day: Int64 = 86400

    @Test(arguments: Engine.allCases)
    func `a day after its last recipient has opened it an envelope is gone, and everything else is as it was`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let message = try await bench.week(to: [network.police, network.shelter])
        let first = try #require(try await bench.accept(message).receipt)
        try await bench.open(message, by: network.police, at: 10)
        try await bench.purge(at: Self.day + 10, expecting: 0)
        try await bench.open(message, by: network.shelter, at: Self.day + 20)
        try await bench.purge(at: 2 * Self.day + 19, expecting: 0)
        #expect(bench.envelope(of: message) == message.envelope)
        let before = try #require(try await bench.store.state(of: message.key))
        let size = try await bench.logSize()

        try await bench.purge(at: 2 * Self.day + 20, expecting: 1)
        #expect(bench.envelope(of: message).isEmpty)
        var after = try #require(try await bench.store.state(of: message.key))
        #expect(after.purged == bench.after(2 * Self.day + 20))
        after.purged = nil
        #expect(after == before)
        #expect(try await bench.logSize() == size + 1)
        #expect(try await bench.store.nextPurge() == nil)
        #expect(try await bench.accept(message).receipt == first)
        #expect(try await bench.store.acceptance(of: message.key)?.receipt == first)
        let page = try await bench.store.sent(
            by: network.immigration.id,
            OutboxQuery(state: nil, since: nil, after: nil, limit: 10, scan: 100, bytes: 1 << 20))
        #expect(page.messages.first?.purged == bench.after(2 * Self.day + 20))
        try bench.expectCleanAudit()
    }

    @Test(arguments: Engine.allCases)
    func `at its end an envelope goes, once what is open has expired`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let message = try await bench.message()
        _ = try await bench.accept(message)
        try await bench.claim(at: bench.after(Self.day - 30))
        let end = Self.day
        try await bench.purge(at: end - 1, expecting: 0)
        try await bench.purge(at: end, expecting: 0)
        #expect(bench.envelope(of: message) == message.envelope)
        #expect(try await bench.fire(at: end + 60).rungs == [.expired: 1])
        try await bench.purge(at: end + 60, expecting: 1)
        #expect(bench.envelope(of: message).isEmpty)
        #expect(try await bench.claim(at: bench.after(end + 61)).isEmpty)
        try bench.expectCleanAudit()
    }

    @Test(arguments: Engine.allCases)
    func `a paused, parked or backing-off delivery keeps it until its end`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let message = try await bench.week(to: [network.police, network.shelter])
        _ = try await bench.accept(message)
        try await bench.open(message, by: network.police, at: 10)
        let leased = try #require(try await bench.claim(network.shelter, at: bench.after(20)).first)
        _ = try await bench.store.giveBack(
            leased.token, of: network.shelter.id, at: bench.after(21), until: bench.after(3 * Self.day),
            isFailure: true)
        for day in 1...4 { try await bench.purge(at: Int64(day) * Self.day + 100, expecting: 0) }
        #expect(
            try await bench.claim(network.shelter, at: bench.after(5 * Self.day)).map(\.envelope)
                == [message.envelope])
    }

    @Test(arguments: Engine.allCases)
    func `a fallback that may still be called gets the whole message, also days after it was opened`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let referral = try await bench.message {
            $0.becomeReferral(for: [network.police, network.shelter])
            $0.header["status"] = "Actual"
            $0.header["fallback"] = [.string(network.shelter.id.description)]
            $0.header["expires"] = .string(bench.after(7 * Self.day).description)
        }
        _ = try await bench.accept(referral)
        try await bench.open(referral, by: network.police, at: 10)
        try await bench.purge(at: 2 * Self.day, expecting: 0)
        let refusal = try await bench.answer(from: network.police, to: referral, state: "rejected")
        _ = try await bench.accept(refusal, at: bench.after(2 * Self.day + 5))
        _ = try await bench.fire(at: 2 * Self.day + 6)
        let handed = try await bench.claim(network.shelter, at: bench.after(2 * Self.day + 7))
        #expect(handed.map(\.envelope) == [referral.envelope])
        try await bench.open(referral, by: network.shelter, at: 3 * Self.day)
        // The refusal, too, is at its end by then.
        try await bench.purge(at: 4 * Self.day, expecting: 2)
        #expect(bench.envelope(of: referral).isEmpty)
        try bench.expectCleanAudit()
    }

    @Test(arguments: Engine.allCases)
    func `clocks and answers go on after the purge, and the late agency is told as before`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let referral = try await bench.message {
            $0.becomeReferral(for: [network.police])
            for (name, value) in ["priority": "NORMAL_2W", "urgency": "Future", "severity": "Minor"] {
                $0.header[name] = .string(value)
            }
            $0.header["status"] = "Actual"
            $0.header["expires"] = .string(bench.after(7 * Self.day).description)
        }
        _ = try await bench.accept(referral)
        try await bench.open(referral, by: network.police, at: 10)
        try await bench.purge(at: Self.day + 10, expecting: 1)
        let due = try #require(try await bench.store.nextClock())
        #expect(due > bench.after(Self.day + 10))
        let round = try await bench.store.fireClocks(at: due, limit: 10, by: bench.rules(), sign: bench.sign)
        #expect(round.rungs[.overdue] == 1 && round.postponed == 0)
        let told = try await bench.notices(network.police, at: due.seconds(since: bench.now))
        #expect(told.first?.notice?.status == .actual && told.first?.notice?.type == .referral)
        // Its own state still says what it answers, and the answer counts.
        let answer = try await bench.answer(from: network.police, to: referral, state: "accepted")
        _ = try await bench.accept(answer, at: due)
        #expect(try await bench.store.state(of: referral.key)?.deliveries.first?.state == .answered)
        try bench.expectCleanAudit()
    }

    @Test(arguments: Engine.allCases)
    func `the end of a consent takes back what was purged, and the grant is still what its consents say`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        _ = try await bench.accept(bench.consent())
        let referral = try await bench.referral(on: "C-2026")
        _ = try await bench.accept(referral)
        try await bench.open(referral, by: bench.network.police, at: 10)
        _ = try await bench.fire(at: 30 * Self.day)
        try await bench.purge(at: 30 * Self.day, expecting: 2)
        try bench.expectCleanAudit()
        _ = try await bench.accept(bench.end())
        let rungs = try await bench.store.state(of: referral.key)?.deliveries.first?.rungs.map(\.rung)
        #expect(rungs?.last == .recalled)
        try bench.expectCleanAudit()
    }

    @Test(arguments: Engine.allCases)
    func `attachments that no other message lists go with it`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let digests = [Digest(SHA256.hash([1])), Digest(SHA256.hash([2]))]
        for digest in digests { try await bench.upload(digest) }
        let both = try await bench.week(to: [network.police], listing: digests)
        let second = try await bench.week(to: [network.police], listing: [digests[1]])
        for message in [both, second] { _ = try await bench.accept(message) }
        try await bench.open(both, by: network.police, at: 10)
        func isReadable(_ digest: Digest) async throws -> Bool {
            try await bench.store.attachment(digest, readableBy: network.police.id, at: bench.after(Self.day)) != nil
        }
        #expect(try await isReadable(digests[0]))
        try await bench.purge(at: Self.day + 10, expecting: 1)
        #expect(try await !isReadable(digests[0]))
        #expect(try await isReadable(digests[1]))
        let gone = try await bench.store.collect(
            at: bench.after(Self.day + 11), unlistedSince: .epoch, sparing: [], atMost: 10)
        #expect(gone.count == 1)
        #expect(try await bench.store.attachment(.init(agency: network.immigration.id, digest: digests[0])) == nil)
        #expect(try await bench.store.attachment(.init(agency: network.immigration.id, digest: digests[1])) != nil)
    }

    @Test(arguments: Engine.allCases)
    func `a purge takes bounded rounds, and what a clock that was ahead has planned is looked at again`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let messages = try await (0..<10).asyncMap { _ in try await bench.week(to: [bench.network.police]) }
        for message in messages { _ = try await bench.accept(message) }
        // A clock that is three days ahead looks, and puts it off.
        let round = try await bench.store.purge(at: bench.after(3 * Self.day), limit: 4)
        #expect(round.isFull && round.purged == 0)
        _ = try await bench.store.purge(at: bench.after(3 * Self.day), limit: 10)
        #expect(try await bench.store.nextPurge() == bench.after(4 * Self.day))
        try await bench.store.rearmClocks(at: bench.after(100))
        #expect(try await bench.store.nextPurge() == bench.after(100))
        for message in messages { try await bench.open(message, by: bench.network.police, at: 100) }
        _ = try await bench.store.purge(at: bench.after(100), limit: 100)
        #expect(try await bench.store.nextPurge() == bench.after(Self.day + 100))
        var sizes: [Int] = []
        repeat {
            sizes.append(try await bench.store.purge(at: bench.after(Self.day + 100), limit: 4).purged)
        } while sizes.last == 4
        #expect(sizes == [4, 4, 2])
        try bench.expectCleanAudit()
    }

    @Test(arguments: Engine.allCases)
    func `the record names the message by its leaf alone`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let message = try await bench.message()
        _ = try await bench.accept(message)
        _ = try await bench.fire(at: Self.day)
        try await bench.purge(at: Self.day, expecting: 1)
        let record = try #require(try await bench.store.newest(.purge))
        let purge = try #require(PurgeRecord(record))
        #expect(purge.message == 0 && purge.cause == .expired && purge.at == bench.after(Self.day))
        let text = String(decoding: record.octets, as: UTF8.self)
        for value in [message.key.id.description, message.key.sender.description, message.digest.description] {
            #expect(!text.contains(value))
        }
    }
}

extension Bench {
    /// A message that lives for a week.
    func week(to recipients: [TestAgency], listing digests: [Digest] = []) async throws -> AuthorizedMessage {
        try await message(to: recipients) {
            $0.header["expires"] = .string(after(7 * 86400).description)
            guard !digests.isEmpty else { return }
            $0.header["attachments"] = .array(
                digests.map { ["digest": .string($0.description), "bytes": 100] })
        }
    }

    func open(_ message: AuthorizedMessage, by agency: TestAgency, at seconds: Int64) async throws {
        let network = network
        let outcome = try await store.record(message.key, of: agency.id, at: after(seconds)) { event throws(Refusal) in
            do { return SignedRung(rung: .opened, receipt: try network.step(.opened, event)) } catch {
                throw Refusal(.internalError, at: .deliver, ErrorCode.internalError.title)
            }
        }
        #expect(outcome == .settled)
    }

    func purge(at seconds: Int64, expecting count: Int) async throws {
        let round = try await store.purge(at: after(seconds), limit: 100)
        #expect(round.purged == count)
    }

    /// The octets that are kept of a message.
    func envelope(of message: AuthorizedMessage) -> [UInt8] {
        if let memory = store as? MemoryStore { return memory.envelope(of: message.key) }
        let rows = try? RawDatabase(path).rows("SELECT envelope FROM messages WHERE id = '\(message.key.id)'")
        return rows?.first?.first ?? []
    }

    func upload(_ digest: Digest) async throws {
        let part = try #require(UploadPart(first: 0, count: 100, total: 100))
        let start = try await store.begin(
            AttachmentKey(agency: network.immigration.id, digest: digest), part, name: .random(), at: now,
            within: AttachmentBounds(bytes: 1000, unlisted: 3))
        guard case .open(let open, _) = start else { throw TestFault(what: "no upload began") }
        #expect(try await store.complete(open, at: now))
    }
}

extension Timestamp {
    fileprivate func seconds(since start: Timestamp) -> Int64 { (milliseconds - start.milliseconds) / 1000 }
}

extension Range<Int> {
    fileprivate func asyncMap<Value>(_ make: (Int) async throws -> Value) async throws -> [Value] {
        var values: [Value] = []
        for number in self { values.append(try await make(number)) }
        return values
    }
}
