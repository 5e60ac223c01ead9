import SimpulCore
import SimpulTesting
import Testing

@testable import SimpulClient

@Suite struct SpoolTests {
    let fixture: ClientFixture
    let spool: Spool

    init() throws {
        fixture = try ClientFixture()
        spool = try Spool(folder: fixture.folder + "/spool")
    }

    private func kept(_ document: [UInt8] = [1]) throws -> SpooledEnvelope {
        let envelope = try fixture.composer.draft(fixture.report())
            .envelope(signedBy: fixture.network.immigration.signing, sealedTo: [])
        return try spool.keep(envelope, of: document)
    }

    @Test func `what is kept is there for another process`() throws {
        let envelope = try kept()
        let other = try Spool(folder: spool.folder)
        #expect(try other.waiting() == [envelope.id])
        #expect(try other.waiting(envelope.id) == envelope)
        #expect(try other.earlier(envelope.id, of: [1]) == envelope)
    }

    @Test func `the first envelope of a document counts`() throws {
        let first = try kept()
        var second = try fixture.composer.draft(fixture.report())
            .envelope(signedBy: fixture.network.immigration.signing, sealedTo: [])
        second.id = first.id
        #expect(try spool.keep(second, of: [1]) == first)
        #expect(throws: ClientError(.refused, "id-conflict", LocalizedText("", ""))) {
            try spool.keep(second, of: [2])
        }
    }

    @Test func `a file that is no envelope is not sent`() throws {
        let id = try kept().id
        try FileAccess.writeDurably([1, 2, 3], to: "\(spool.folder)/\(id).jose")
        #expect(throws: ClientError.self) { try spool.waiting(id) }
    }

    @Test func `a settled envelope stays until no message can live that long`() throws {
        let envelope = try kept()
        try spool.settle(envelope.id, with: Receipt(token: [1]))
        let written = try FileAccess.lastChange(of: "\(spool.folder)/sent/\(envelope.id).jose")
        spool.prune(at: written.advanced(bySeconds: 60 * 86_400))
        #expect(try spool.earlier(envelope.id, of: [1]) == envelope)
        spool.prune(at: written.advanced(bySeconds: 60 * 86_400 + 1))
        #expect(try spool.earlier(envelope.id, of: [1]) == nil)
        #expect(FileAccess.exists("\(spool.folder)/receipts/\(envelope.id).receipt"))
    }

    @Test func `a discarded envelope leaves its id free`() throws {
        let envelope = try kept()
        try spool.discard(envelope.id)
        #expect(try spool.waiting().isEmpty)
        #expect(try spool.earlier(envelope.id, of: [2]) == nil)
    }

    @Test func `a sent envelope that is discarded late is still known by its document`() throws {
        let envelope = try kept()
        try spool.settle(envelope.id, with: Receipt(token: [1]))
        try spool.discard(envelope.id)
        #expect(try spool.earlier(envelope.id, of: [1]) == envelope)
        #expect(throws: ClientError(.refused, "id-conflict", LocalizedText("", ""))) {
            try spool.earlier(envelope.id, of: [2])
        }
    }

    @Test func `an envelope may be settled by several at once`() async throws {
        let (spool, envelope) = (spool, try kept())
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { try spool.settle(envelope.id, with: Receipt(token: [1])) } }
            try await group.waitForAll()
        }
        #expect(try spool.waiting().isEmpty)
        #expect(try spool.digest(of: envelope.id) == envelope.digest)
    }

    @Test func `more names than asked for are no error, and other endings do not count`() throws {
        for number in 0..<5 { try FileAccess.writeDurably([], to: "\(fixture.folder)/\(number).receipt") }
        for name in ["a.jose", "b.jose", "c.jose"] { try FileAccess.writeDurably([], to: "\(fixture.folder)/\(name)") }
        #expect(
            try FileAccess.names(in: fixture.folder, suffix: ".jose", limit: 3) == ["a.jose", "b.jose", "c.jose"])
        #expect(try FileAccess.names(in: fixture.folder, limit: 2).count == 2)
    }
}
