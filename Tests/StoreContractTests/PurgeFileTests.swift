import Foundation
import JOSE
import SimpulBroker
import SimpulCore
import SimpulStoreSQLite
import SimpulTesting
import Testing

/// What a purge leaves on the disk, and what an audit finds where somebody changes it.
@Suite(.storesInTurn) struct PurgeFileTests {
    private static let day: Int64 = 86400

    /// Octets that stand in no other message: parts of the payload and the signature, far enough apart that each lies on
    /// a page of a large envelope.
    private func marks(of message: AuthorizedMessage) -> [[UInt8]] {
        let envelope = message.envelope
        return stride(from: 400, to: envelope.count - 40, by: 700).map { Array(envelope[$0..<$0 + 40]) }
    }

    /// The files of a store in which one of a message's marks stands.
    private func traces(of message: AuthorizedMessage, _ bench: Bench) throws -> [String] {
        let marks = marks(of: message)
        #expect(!marks.isEmpty)
        return ["", "-wal"].filter { suffix in
            guard let data = FileManager.default.contents(atPath: bench.path + suffix) else { return false }
            return marks.contains { data.range(of: Data($0)) != nil }
        }
    }

    /// A message with a body of so many octets that do not compress.
    private func message(_ bench: Bench, _ size: Int) async throws -> AuthorizedMessage {
        try await bench.message {
            $0.becomeSealedAlert(for: [bench.network.police])
            $0.header["expires"] = .string(bench.after(7 * Self.day).description)
            $0.body["description"] = .string(
                String((0..<size).map { _ in "abcdefghijklmnopqrstuvwxyz0123456789".randomElement() ?? "a" }))
        }
    }

    @Test func `no octet of a purged envelope stays in the file or in its log, whatever lies beside it`() async throws {
        var limits = Limits()
        limits.purgedLogSeconds = 0
        let bench = try Bench(limits: limits)
        let sizes = [200, 3000, 200, 900, 4000, 1500, 3000, 200, 2500, 4000]
        var messages: [AuthorizedMessage] = []
        for size in sizes + sizes + sizes { messages.append(try await message(bench, size)) }
        for message in messages { _ = try await bench.accept(message) }
        for (index, message) in messages.enumerated() {
            #expect(try !traces(of: message, bench).isEmpty)
            // In no order, so that each has neighbours that stay a while.
            try await bench.open(message, by: bench.network.police, at: Int64((index * 7) % 30) * 100)
        }
        for round in 0..<3 {
            _ = try await bench.store.purge(at: bench.after(Self.day + Int64(round) * 1000 + 950), limit: 100)
            // The writer empties the log behind the transaction; the next one comes after that.
            try await bench.store.append(bench.anyRecord)
            for (index, message) in messages.enumerated() {
                let isPurged = ((index * 7) % 30) * 100 <= round * 1000 + 950
                #expect(try traces(of: message, bench).isEmpty == isPurged, "message \(index), round \(round)")
            }
        }
        try bench.expectCleanAudit()
        await (bench.store as? SQLiteStore)?.close()
    }

    @Test func `a reader of an older state holds the log up, and it is emptied when the reader has gone`() async throws
    {
        var limits = Limits()
        limits.purgedLogSeconds = 0
        let bench = try Bench(limits: limits)
        let message = try await message(bench, 3000)
        _ = try await bench.accept(message)
        try await bench.open(message, by: bench.network.police, at: 0)
        let reader = try RawDatabase(bench.path)
        try reader.execute("BEGIN")
        _ = try reader.rows("SELECT count(*) FROM messages")
        try await bench.purge(at: Self.day, expecting: 1)
        try await bench.store.append(bench.anyRecord)
        #expect(try traces(of: message, bench).contains("-wal"))
        // Nothing else is to be done, and yet there is: the log.
        #expect(try await bench.store.nextPurge() == .epoch)
        try reader.execute("COMMIT")
        try await bench.purge(at: Self.day, expecting: 0)
        try await bench.store.append(bench.anyRecord)
        #expect(try traces(of: message, bench).isEmpty)
        #expect(try await bench.store.nextPurge() == nil)
        await (bench.store as? SQLiteStore)?.close()
    }

    @Test func `what an earlier process left in the log is emptied after the start`() async throws {
        let bench = try Bench(.sqlite)
        let message = try await message(bench, 3000)
        _ = try await bench.accept(message)
        try await bench.open(message, by: bench.network.police, at: 0)
        let reader = try RawDatabase(bench.path)
        try reader.execute("BEGIN")
        _ = try reader.rows("SELECT count(*) FROM messages")
        try await bench.purge(at: Self.day, expecting: 1)
        // As after a power cut: the last one to close the file does not move the log, because somebody else has it open.
        await (bench.store as? SQLiteStore)?.close()
        try reader.execute("COMMIT")
        #expect(try traces(of: message, bench).contains("-wal"))
        let again = try bench.reopened()
        #expect(try await again.store.nextPurge() == .epoch)
        try await again.purge(at: Self.day, expecting: 0)
        try await again.store.append(bench.anyRecord)
        #expect(try traces(of: message, again).isEmpty)
        await (again.store as? SQLiteStore)?.close()
    }

    @Test func `what is kept of a header holds no place, no person and no attachment`() async throws {
        let bench = try Bench(.sqlite)
        let message = try await message(bench, 3000)
        _ = try await bench.accept(message)
        try await bench.open(message, by: bench.network.police, at: 0)
        try await bench.purge(at: Self.day, expecting: 1)
        let kept = try #require(try RawDatabase(bench.path).rows("SELECT kept FROM messages").first?.first)
        let text = String(decoding: kept, as: UTF8.self)
        #expect(text.contains("\"status\"") && text.contains("\"body\":{}"))
        for member in ["region", "bodyDigest", "attachments", "retainDays", "consentOverride", "crossBorder", "ackBy"] {
            #expect(!text.contains("\"\(member)\""), "\(text)")
        }
        await (bench.store as? SQLiteStore)?.close()
    }

    static let tamperings = [
        Tampering(
            "an envelope", "UPDATE messages SET envelope = zeroblob(0) WHERE seq = 1", finds: "messages", "", .edited),
        Tampering(
            "what is kept", "UPDATE messages SET kept = x'7b7d' WHERE seq = 0", finds: "messages", "", .edited),
        Tampering(
            "an envelope beside what is kept",
            "UPDATE messages SET envelope = (SELECT envelope FROM messages WHERE seq = 1) WHERE seq = 0",
            finds: "messages", "", .added),
        Tampering(
            "the leaf of a purge", "UPDATE messages SET purge_leaf = 1 WHERE seq = 0", finds: "messages", "", .edited),
        Tampering(
            "a purge that was not",
            "UPDATE messages SET purge_leaf = (SELECT purge_leaf FROM messages WHERE seq = 0), "
                + "envelope = zeroblob(0) WHERE seq = 1", finds: "messages", "", .edited),
        Tampering(
            "something kept of what is there", "UPDATE messages SET kept = x'7b7d' WHERE seq = 1", finds: "messages",
            "",
            .added),
        Tampering("that nobody looks", "DELETE FROM purges", finds: "purges", "", .dropped),
        Tampering("a look that never comes", "UPDATE purges SET due = 1 << 60", finds: "purges", "", .edited),
        Tampering("a look at nothing", "INSERT INTO purges VALUES (1, 0)", finds: "purges", "0", .added),
    ]

    @Test(arguments: tamperings)
    func `an audit finds every change of what was purged`(_ tampering: Tampering) async throws {
        let bench = try Bench(.sqlite)
        let messages = [try await message(bench, 300), try await message(bench, 300)]
        for message in messages { _ = try await bench.accept(message) }
        try await bench.open(messages[0], by: bench.network.police, at: 0)
        try await bench.purge(at: Self.day, expecting: 1)
        #expect(try bench.audit().findings == [])
        try bench.tamper(sql: tampering.sql)
        let findings = try bench.audit().findings
        #expect(
            findings.contains { $0.table == tampering.table && $0.kind == tampering.kind }, "\(findings)")
        await (bench.store as? SQLiteStore)?.close()
    }

    @Test func `a commit that fails purges nothing`() async throws {
        let bench = try Bench(.sqlite)
        let message = try await message(bench, 300)
        _ = try await bench.accept(message)
        try await bench.open(message, by: bench.network.police, at: 0)
        FaultyVFS.failSyncs(of: bench.path, true)
        await #expect(throws: StoreError.self) { try await bench.store.purge(at: bench.after(Self.day), limit: 10) }
        FaultyVFS.failSyncs(of: bench.path, false)
        #expect(bench.envelope(of: message) == message.envelope)
        try await bench.purge(at: Self.day, expecting: 1)
        try bench.expectCleanAudit()
        await (bench.store as? SQLiteStore)?.close()
    }
}

extension Bench {
    fileprivate var anyRecord: LogRecord { LogRecord(.policy, digest: Digest(SHA256.hash([1])), at: now) }
}
