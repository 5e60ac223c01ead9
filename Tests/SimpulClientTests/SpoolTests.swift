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
        try spool.prune(at: written.advanced(bySeconds: 60 * 86_400))
        #expect(try spool.earlier(envelope.id, of: [1]) == envelope)
        try spool.prune(at: written.advanced(bySeconds: 60 * 86_400 + 1))
        #expect(try spool.earlier(envelope.id, of: [1]) == nil)
        #expect(FileAccess.exists("\(spool.folder)/\(envelope.id).receipt"))
    }

    @Test func `a discarded envelope leaves its id free`() throws {
        let envelope = try kept()
        try spool.discard(envelope.id)
        #expect(try spool.waiting().isEmpty)
        #expect(try spool.earlier(envelope.id, of: [2]) == nil)
    }
}
