import Glibc
import SimpulBroker
import SimpulCore
import SimpulStoreSQLite
import SimpulTesting
import Testing

/// What only an engine with a disk can get wrong: when the fsync happens, and what is left when it does not.
@Suite(.storesInTurn) struct GroupCommitTests {
    @Test func `a failing fsync answers the whole batch unavailable, stores nothing, and the next batch works`()
        async throws
    {
        let bench = try Bench(limits: Limits())
        let first = try await bench.message()
        _ = try await bench.accept(first)
        let before = try await bench.store.statistics(at: bench.now)
        let messages = try await bench.messages(20)
        FaultyVFS.failSyncs(of: bench.path, true)
        let codes = await bench.codes(ofAccepting: messages)
        #expect(codes == Array(repeating: .unavailable, count: 20))
        #expect(FaultyVFS.events(of: bench.path).contains(.failedToSync))
        #expect(try await bench.store.statistics(at: bench.now) == before)
        for message in messages { #expect(try await bench.store.state(of: message.key) == nil) }
        // What was stored before can still be read and recalled.
        #expect(try await bench.store.acceptance(of: first.key) != nil)
        FaultyVFS.failSyncs(of: bench.path, false)
        #expect(await bench.codes(ofAccepting: messages) == Array(repeating: nil, count: 20))
        #expect(try await bench.logSize() == 21)
        #expect(try await bench.claim(limit: 100).count == 21)
    }

    @Test func `a claim and a settlement whose commit fails have not happened`() async throws {
        let bench = try Bench(limits: Limits())
        _ = try await bench.accept(bench.message())
        FaultyVFS.failSyncs(of: bench.path, true)
        await #expect(throws: StoreError.self) { try await bench.claim() }
        FaultyVFS.failSyncs(of: bench.path, false)
        let delivery = try #require(try await bench.claim().first)
        #expect(delivery.attempt == 1)
        FaultyVFS.failSyncs(of: bench.path, true)
        await #expect(throws: StoreError.self) { try await bench.settle(delivery.token) }
        FaultyVFS.failSyncs(of: bench.path, false)
        #expect(try await bench.logSize() == 2)
        #expect(try await bench.settle(delivery.token) == .settled)
        #expect(try await bench.logSize() == 3)
    }

    @Test func `a withdrawal whose commit fails takes nothing back, and the next attempt takes all`() async throws {
        let bench = try Bench(limits: Limits())
        _ = try await bench.accept(bench.consent(with: [bench.network.police]))
        let referral = try await bench.referral(on: "C-2026")
        _ = try await bench.accept(referral)
        let end = try await bench.end()
        let before = try await bench.store.statistics(at: bench.now)
        FaultyVFS.failSyncs(of: bench.path, true)
        #expect(await bench.codes(ofAccepting: [end]) == [.unavailable])
        FaultyVFS.failSyncs(of: bench.path, false)
        #expect(try await bench.store.statistics(at: bench.now) == before)
        #expect(try await bench.store.state(of: referral.key)?.state == .waiting)
        #expect(try bench.audit().findings == [])
        #expect(await bench.codes(ofAccepting: [end]) == [nil])
        #expect(try await bench.store.state(of: referral.key)?.state == .recalled)
        try bench.expectErased([referral])
        #expect(try bench.audit().findings == [])
    }

    @Test func `64 acceptances at once need fewer fsyncs than there are acceptances`() async throws {
        let bench = try Bench(limits: Limits())
        let messages = try await bench.messages(64)
        let before = bench.syncs
        #expect(await bench.codes(ofAccepting: messages) == Array(repeating: nil, count: 64))
        let syncs = bench.syncs - before
        #expect(syncs >= 1 && syncs < 64)
    }

    @Test func `an fsync stands between the last write and each return`() async throws {
        let bench = try Bench(limits: Limits())
        for _ in 0..<5 {
            let before = FaultyVFS.events(of: bench.path).count
            _ = try await bench.accept(bench.message())
            let events = FaultyVFS.events(of: bench.path).dropFirst(before)
            #expect(events.contains(.wrote))
            #expect(events.last == .synced)
        }
    }

    @Test func `an empty inbox, a repeated submission and a repeated settlement cost no fsync`() async throws {
        let bench = try Bench(limits: Limits())
        let message = try await bench.message()
        _ = try await bench.accept(message)
        let token = try #require(try await bench.claim().first).token
        _ = try await bench.settle(token)
        let before = bench.syncs
        for _ in 0..<10 {
            #expect(try await bench.claim().isEmpty)
            _ = try await bench.accept(message)
            _ = try await bench.settle(token)
        }
        #expect(bench.syncs == before)
    }

    @Test func `what a call returned is in a copy of the files that were on disk at that moment`() async throws {
        let bench = try Bench(limits: Limits())
        let message = try await bench.message()
        let receipt = try #require(try await bench.accept(message).receipt)
        let token = try #require(try await bench.claim().first).token
        let copy = try Folder()
        for suffix in ["", "-wal"] {
            try copyFile(bench.path + suffix, to: "\(copy.path)/simpul.db\(suffix)")
        }
        // The first process is as good as killed: nothing of it was closed.
        let reopened = try SQLiteStore.open(path: copy.path + "/simpul.db", checkpoints: bench.checkpoints)
        let stored = try await reopened.acceptance(of: message.key)
        #expect(stored == StoredAcceptance(digest: message.digest, receipt: receipt))
        let outcome = try await reopened.settle(token, of: bench.network.police.id, at: bench.now, isBare: false) {
            event throws(Refusal) in SignedRung(rung: .acknowledged, receipt: receipt)
        }
        #expect(outcome == .settled)
        await reopened.close()
    }

    @Test func `a full queue answers busy, and what it took is done`() async throws {
        var limits = Limits()
        limits.commitQueue = 4
        let bench = try Bench(limits: limits)
        let messages = try await bench.messages(11)
        let gate = Gate()
        let blocking = Task {
            try await bench.store.accept(messages[0], at: bench.now) { sequence in
                gate.block()
                return try bench.network.accepted(messages[0], sequence: sequence, at: bench.now)
            }
        }
        await gate.blocked()
        let codes = await withTaskGroup(of: StoreError.Code?.self) { group in
            for message in messages.dropFirst() {
                group.addTask { await bench.codes(ofAccepting: [message])[0] }
            }
            var codes: [StoreError.Code?] = []
            for await code in group {
                codes.append(code)
                // The writer stands still, so only those that found no room have been answered so far.
                if codes.count == 8 { gate.open() }
            }
            return codes
        }
        #expect(codes == Array(repeating: .busy, count: 8) + Array(repeating: nil, count: 2))
        _ = try await blocking.value
        #expect(try await bench.logSize() == 3)
    }

    @Test func `a row that cannot be read fails its own claim, and nobody else's write of that batch`() async throws {
        var limits = Limits()
        (limits.commitQueue, limits.commitBatch) = (20, 64)
        let bench = try Bench(limits: limits)
        _ = try await bench.accept(bench.message())
        try RawDatabase(bench.path).execute("UPDATE deliveries SET rung = 'none'")
        let gated = try await bench.message()
        let gate = Gate()
        let blocking = Task {
            try await bench.store.accept(gated, at: bench.now) { sequence in
                gate.block()
                return try bench.network.accepted(gated, sequence: sequence, at: bench.now)
            }
        }
        await gate.blocked()
        let messages = try await bench.messages(4)
        // More claims than the queue takes of one agency: once one is refused, others stand in one batch behind the gate.
        let (accepts, claims) = await withTaskGroup(of: (Bool, StoreError.Code?).self) { group in
            for message in messages { group.addTask { (true, await bench.codes(ofAccepting: [message])[0]) } }
            for _ in 0..<11 { group.addTask { (false, await bench.codeOfClaiming()) } }
            var codes: [Bool: [StoreError.Code?]] = [:]
            for await (isAccept, code) in group {
                codes[isAccept, default: []].append(code)
                if code == .busy { gate.open() }
            }
            return (codes[true] ?? [], codes[false] ?? [])
        }
        _ = try await blocking.value
        #expect(claims.contains(.busy) && claims.contains(.corrupt))
        #expect(accepts.allSatisfy { $0 == nil })
        #expect(claims.allSatisfy { $0 == .corrupt || $0 == .busy })
        #expect(try await bench.logSize() == UInt64(2 + accepts.count { $0 == nil }))
        try await bench.reopen()
    }

    @Test func `a write-ahead log that cannot be moved is said, until it can`() async throws {
        let bench = try Bench(limits: Limits())
        let store = try #require(bench.store as? SQLiteStore)
        let record = LogRecord(
            subject: .policy, at: bench.now, octets: [UInt8](repeating: 0x20, count: 256 * 1024))
        #expect(store.lastCheckpointTrouble == nil)
        FaultyVFS.failCheckpoints(of: bench.path, true)
        for _ in 0..<400 where store.lastCheckpointTrouble == nil { try await store.append(record) }
        #expect(store.lastCheckpointTrouble?.code == .unavailable)
        FaultyVFS.failCheckpoints(of: bench.path, false)
        for _ in 0..<400 where store.lastCheckpointTrouble != nil { try await store.append(record) }
        #expect(store.lastCheckpointTrouble == nil)
    }

    @Test func `the write-ahead log does not grow without end`() async throws {
        let bench = try Bench(limits: Limits())
        let record = LogRecord(
            subject: .policy, at: bench.now, octets: [UInt8](repeating: 0x20, count: 256 * 1024))
        for _ in 0..<12 {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<32 { group.addTask { try await bench.store.append(record) } }
                try await group.waitForAll()
            }
        }
        // 96 MiB went through it; it starts over once 64 MiB are in the file.
        var status = stat()
        #expect(stat(bench.path + "-wal", &status) == 0)
        #expect(status.st_size < 84 << 20)
        #expect(stat(bench.path, &status) == 0)
        #expect(status.st_size > 8 << 20)
    }

    @Test func `a closed store takes nothing, and has done what it had taken`() async throws {
        let bench = try Bench(limits: Limits())
        let store = try #require(bench.store as? SQLiteStore)
        let message = try await bench.message()
        _ = try await bench.accept(message)
        await store.close()
        let other = try await bench.message()
        #expect(await bench.codes(ofAccepting: [other]) == [.unavailable])
        await #expect(throws: StoreError.self) { try await store.state(of: message.key) }
        let reopened = try SQLiteStore.open(path: bench.path, checkpoints: bench.checkpoints)
        #expect(try await reopened.state(of: message.key) != nil)
        await reopened.close()
    }

    private func copyFile(_ source: String, to target: String) throws {
        let (input, output) = (open(source, O_RDONLY), open(target, O_WRONLY | O_CREAT, 0o600))
        defer {
            close(input)
            close(output)
        }
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let count = read(input, &buffer, buffer.count)
            guard count >= 0 else { throw TestFault(what: "reading \(source)") }
            guard count > 0 else { return }
            guard write(output, buffer, count) == count else { throw TestFault(what: "writing \(target)") }
        }
    }
}

extension Bench {
    /// Successful fsyncs of the write-ahead log so far.
    var syncs: Int { FaultyVFS.events(of: path).count { $0 == .synced } }

    /// Nil where a claim was answered.
    func codeOfClaiming() async -> StoreError.Code? {
        do {
            _ = try await claim()
            return nil
        } catch {
            return (error as? StoreError)?.code
        }
    }

    /// Closes the file and opens it again, which compares the log's edge with its signed checkpoint.
    func reopen() async throws {
        await (store as? SQLiteStore)?.close()
        await (try SQLiteStore.open(path: path, checkpoints: checkpoints)).close()
    }

    /// Submits all at once; nil for each that was accepted.
    func codes(ofAccepting messages: [AuthorizedMessage]) async -> [StoreError.Code?] {
        await withTaskGroup(of: (Int, StoreError.Code?).self) { group in
            for (index, message) in messages.enumerated() {
                group.addTask {
                    do {
                        _ = try await accept(message)
                        return (index, nil)
                    } catch {
                        return (index, (error as? StoreError)?.code)
                    }
                }
            }
            return await group.reduce(into: Array(repeating: nil, count: messages.count)) { $0[$1.0] = $1.1 }
        }
    }
}
