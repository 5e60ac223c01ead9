import Glibc
import JOSE
import SimpulBroker
import SimpulCore
import SimpulStoreSQLite
import SimpulTesting
import Testing

/// Opening a file: whose it is, who else has it, and whether it is what was left behind.
@Suite(.storesInTurn) struct DatabaseFileTests {
    private let folder: Folder
    private let path: String
    private let checkpoints: CheckpointSigner

    init() throws {
        folder = try Folder()
        path = folder.path + "/simpul.db"
        checkpoints = try Bench.signer(TestNetwork.shared.get())
    }

    private func open() throws -> SQLiteStore { try SQLiteStore.open(path: path, checkpoints: checkpoints) }

    private func refusal(_ body: () throws -> SQLiteStore) -> StoreError? {
        do {
            _ = try body()
            return nil
        } catch { return error as? StoreError }
    }

    @Test func `a second open of the same file is refused`() async throws {
        let store = try open()
        let error = try #require(refusal(open))
        #expect(error.code == .unavailable && error.cause.contains("in use by another process"))
        await store.close()
        await (try open()).close()
    }

    @Test func `a lock file that a killed process left behind stops nobody`() async throws {
        let stale = Glibc.open(path + ".lock", O_WRONLY | O_CREAT, 0o600)
        #expect(stale >= 0)
        Glibc.close(stale)
        await (try open()).close()
    }

    @Test func `a file of the first version is migrated`() async throws {
        await (try open()).close()
        try RawDatabase(path).execute(RawDatabase.firstVersion)
        await (try open()).close()
        let index = "SELECT count(*) FROM sqlite_schema WHERE name = 'leases_unsettled'"
        #expect(try RawDatabase(path).rows(index) == [[Array("1".utf8)]])
        #expect(try RawDatabase(path).rows("PRAGMA user_version") == [[Array("13".utf8)]])
    }

    @Test func `rungs of a file of the first version wait for their senders, and the audit is clean`() async throws {
        let bench = try Bench(.sqlite)
        try await bench.fill()
        await (bench.store as? SQLiteStore)?.close()
        try bench.tamper(RawDatabase.firstVersion)
        let migrated = try SQLiteStore.open(path: bench.path, checkpoints: bench.checkpoints)
        let claim = Claim(
            agency: bench.network.immigration.id, limit: 10, bytes: 1 << 20,
            leaseUntil: bench.now.advanced(bySeconds: 1),
            content: .rungs)
        let outcome = try await migrated.claim(claim, at: bench.now) { _ in throw TestFault(what: "nothing to sign") }
        guard case .leased(_, let rungs) = outcome else { throw TestFault(what: "no rungs") }
        #expect(rungs.count == 5)
        await migrated.close()
        #expect(try bench.audit().findings == [])
    }

    @Test func `a file of a newer program is refused`() async throws {
        await (try open()).close()
        try RawDatabase(path).execute("PRAGMA user_version = 1000")
        let error = try #require(refusal(open))
        #expect(error.code == .unavailable && error.cause.contains("schema version 1000"))
    }

    @Test func `another program's database is refused and stays as it is`() throws {
        try RawDatabase(path).execute("CREATE TABLE theirs (a); INSERT INTO theirs VALUES (1)")
        #expect(refusal(open)?.cause.contains("another program's") == true)
        #expect(try RawDatabase(path).rows("SELECT count(*) FROM sqlite_schema") == [[Array("1".utf8)]])
    }

    @Test func `a file that is no database is corrupt`() throws {
        let file = Glibc.open(path, O_WRONLY | O_CREAT, 0o600)
        let text = [UInt8](repeating: 0x41, count: 8192)
        #expect(write(file, text, text.count) == text.count)
        Glibc.close(file)
        #expect(refusal(open)?.code == .corrupt)
    }

    @Test func `a folder that is not there is an error with its cause`() {
        let error = refusal { try SQLiteStore.open(path: folder.path + "/none/simpul.db", checkpoints: checkpoints) }
        #expect(error?.code == .unavailable && error?.cause.contains("No such file") == true)
    }

    @Test(arguments: [
        "UPDATE log_state SET size = 0, frontier = x''", "DELETE FROM log_state",
        "UPDATE log_state SET checkpoint = replace(checkpoint, 'simpul', 'lain')",
    ])
    func `a log whose state is not what this broker signed is corrupt`(_ tampering: String) async throws {
        let store = try open()
        let record = LogRecord(.policy, digest: Digest(SHA256.hash([1])), at: Timestamp(milliseconds: 0))
        try await store.append(record)
        await store.close()
        try RawDatabase(path).execute(tampering)
        #expect(refusal(open)?.code == .corrupt)
    }

    @Test func `another checkpoint key is refused`() async throws {
        await (try open()).close()
        let other = try Bench.signer(TestNetwork.shared.get())
        #expect(refusal { try SQLiteStore.open(path: path, checkpoints: other) }?.code == .corrupt)
    }

    @Test func `every file is for its owner alone`() async throws {
        let store = try open()
        try await store.append(
            LogRecord(.policy, digest: Digest(SHA256.hash([1])), at: Timestamp(milliseconds: 0)))
        for suffix in ["", "-wal", "-shm", ".lock"] {
            var status = stat()
            #expect(stat(path + suffix, &status) == 0)
            #expect(status.st_mode & 0o777 == 0o600, "\(suffix)")
        }
        await store.close()
    }

    @Test func `a new file has pages of 8 KiB and a write-ahead log`() async throws {
        let store = try open()
        let raw = try RawDatabase(path)
        #expect(try raw.rows("PRAGMA page_size") == [[Array("8192".utf8)]])
        #expect(try raw.rows("PRAGMA journal_mode") == [[Array("wal".utf8)]])
        await store.close()
    }

    @Test func `the log goes on where it ended`() async throws {
        let record = LogRecord(.policy, digest: Digest(SHA256.hash([1])), at: Timestamp(milliseconds: 0))
        for number in 0..<3 {
            let store = try open()
            #expect(try await store.append(record) == UInt64(number))
            await store.close()
        }
    }
}
