import JOSE
import SimpulBroker
import SimpulCore
import SimpulStoreSQLite
import Testing

/// Somebody lets a message list what its sender did not sign.
@Suite(.storesInTurn) struct AttachmentAuditTests {
    private let bench: Bench
    private let digest = Digest(SHA256.hash(Array("CONTOH FIKTIF".utf8)))
    private let other = Digest(SHA256.hash(Array("CONTOH FIKTIF 2".utf8)))

    init() throws { bench = try Bench(limits: Limits()) }

    /// Leaves: 0 a message that lists nothing, 1 one that lists one attachment. Its sender has another one too.
    private func fill() async throws {
        let sender = bench.network.immigration
        for digest in [digest, other] {
            let start = try await bench.store.begin(
                AttachmentKey(agency: sender.id, digest: digest),
                try #require(UploadPart(first: 0, count: 100, total: 100)), name: .random(), at: bench.now,
                within: AttachmentBounds(bytes: 1000, unlisted: 3))
            guard case .open(let open, _) = start else { continue }
            #expect(try await bench.store.complete(open, at: bench.now))
        }
        _ = try await bench.accept(try await bench.message())
        _ = try await bench.accept(
            try await bench.message {
                $0.header["attachments"] = [["digest": .string(digest.description), "bytes": 100]]
            })
    }

    private static let another = "(SELECT digest FROM attachments WHERE listed = 0)"
    private static let count = "UPDATE attachments SET listed = 1 WHERE listed = 0"

    static let changes = [
        Tampering(
            "what the message does not list",
            "INSERT INTO attached SELECT \(another), agency, message, until FROM attached", count,
            finds: "attached", "1 other", .added),
        Tampering(
            "what a message without attachments does not list",
            "INSERT INTO attached SELECT digest, agency, 0, (SELECT expires FROM messages WHERE seq = 0) FROM attached",
            "UPDATE attachments SET listed = 2 WHERE listed = 1", finds: "attached", "0 digest", .added),
        Tampering(
            "one for the other", "UPDATE attached SET digest = \(another)",
            "UPDATE attachments SET listed = 1 - listed", finds: "attached", "1 other", .added),
        Tampering(
            "how long", "UPDATE attached SET until = until + 1", finds: "attached", "1 digest", .edited),
        Tampering(
            "whose it is", "UPDATE attachments SET agency = 'id-1709.lain' WHERE listed = 1",
            "UPDATE attached SET agency = 'id-1709.lain'", finds: "attached", "1 digest", .added),
        Tampering(
            "a message that is not there", "UPDATE attached SET message = 77", finds: "attached", "77 digest", .added),
        Tampering(
            "its length", "UPDATE attachments SET bytes = 99 WHERE listed = 1", finds: "attached", "1 digest", .edited),
        Tampering(
            "an attachment that is not there", "DELETE FROM attachments WHERE listed = 1",
            finds: "attached", "1 digest", .added),
        Tampering("how many list it", count, finds: "attachments", "id-1709.imigrasi other", .edited),
    ]

    @Test(arguments: changes) func `a row that no signed header accounts for is found`(_ change: Tampering) async throws
    {
        try await fill()
        #expect(try bench.audit().findings == [])
        try bench.tamper(sql: change.sql)
        let key = change.key.replacing("other", with: "\(other)").replacing("digest", with: "\(digest)")
        let report = try bench.audit()
        #expect(
            report.findings.contains { $0.table == change.table && $0.key == key && $0.kind == change.kind },
            "\(change.name): \(report.findings)")
    }

    @Test func `a message whose envelope is gone is compared by its own row`() async throws {
        try await fill()
        try bench.tamper("UPDATE messages SET envelope = x'' WHERE seq = 1")
        func findings() throws -> [AuditReport.Finding] {
            try bench.audit().findings.filter { $0.table == "attached" || $0.table == "attachments" }
        }
        #expect(try findings() == [])
        try bench.tamper("UPDATE attached SET until = until + 1")
        #expect(try findings().map(\.kind) == [.edited])
    }
}
