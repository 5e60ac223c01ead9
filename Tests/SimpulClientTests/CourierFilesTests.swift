import JOSE
import SimpulCore
import SimpulTesting
import Testing

@testable import SimpulClient

/// Encrypted files: what comes in bundles, and what waits with its message.
@Suite struct CourierFilesTests {
    let fixture: ClientFixture
    private let octets = Array("CONTOH FIKTIF. Sandi fiktif.".utf8)

    init() throws { fixture = try ClientFixture() }

    private var listed: ListedAttachment {
        ListedAttachment(digest: Digest(SHA256.hash(octets)), bytes: octets.count)
    }

    private func take(
        _ offsets: Range<Int>..., by files: CourierFiles? = nil
    ) throws -> [CourierFiles.Outcome] {
        var files = try files ?? CourierFiles(spoolFolder: fixture.folder)
        return try offsets.map { try files.take(listed, offset: $0.lowerBound, octets: Array(octets[$0])) }
    }

    @Test func `parts become a file, and what is whole is passed over`() throws {
        #expect(try take(0..<10, 10..<20, 20..<28) == [.part, .part, .whole])
        let files = try CourierFiles(spoolFolder: fixture.folder)
        #expect(try FileAccess.read(#require(files.path(of: listed)), limit: 100) == octets)
        #expect(try take(0..<10, 10..<20, 20..<28) == [.known, .part, .part])
        files.forget(listed)
        #expect(files.path(of: listed) == nil)
    }

    @Test func `what was cut off goes on, also behind parts that are there`() throws {
        #expect(try take(0..<10) == [.part])
        #expect(try take(0..<5, 5..<15, 15..<28) == [.part, .part, .whole])
    }

    @Test func `a gap is not filled with anything`() throws {
        let files = try CourierFiles(spoolFolder: fixture.folder)
        #expect(try take(0..<10, 20..<28) == [.part, .part])
        #expect(files.path(of: listed) == nil)
        #expect(try take(0..<10, 10..<28) == [.part, .whole])
    }

    @Test func `what has another digest is not kept, and comes again`() throws {
        try FileAccess.makeDirectory(fixture.folder + "/courier")
        try FileAccess.makeDirectory(fixture.folder + "/courier/attachments")
        let name = listed.digest.description.dropFirst("sha-256:".count)
        try FileAccess.writeDurably([0, 0, 0], to: "\(fixture.folder)/courier/attachments/\(name).part")
        #expect(try take(0..<28) == [.damaged])
        #expect(try take(0..<28) == [.whole])
    }

    @Test func `what is longer than the whole begins anew`() throws {
        #expect(try take(0..<3) == [.part])
        let name = listed.digest.description.dropFirst("sha-256:".count)
        try FileAccess.writeDurably(
            Array(repeating: 0, count: 99), to: "\(fixture.folder)/courier/attachments/\(name).part")
        #expect(try take(0..<28) == [.whole])
    }

    @Test func `what is older than any message is removed`() throws {
        _ = try take(0..<28)
        let files = try CourierFiles(spoolFolder: fixture.folder)
        let written = try FileAccess.lastChange(of: #require(files.path(of: listed)))
        files.prune(at: written.advanced(bySeconds: 30 * 86_400))
        #expect(files.path(of: listed) != nil)
        files.prune(at: written.advanced(bySeconds: 30 * 86_400 + 1))
        #expect(files.path(of: listed) == nil)
    }

    // MARK: Files that wait with their message

    private func parcel() throws -> AttachmentParcel {
        let place = fixture.folder + "/parcel"
        try FileAccess.writeDurably(octets, to: place + ".cipher")
        return AttachmentParcel(
            secret: AttachmentSecret(listed: listed, key: [], iv: [], name: nil, mediaType: nil), place: place)
    }

    private func envelope() throws -> SpooledEnvelope {
        let document = fixture.report { header, _ in
            header["attachments"] = [
                ["digest": .string(listed.digest.description), "bytes": .integer(listed.bytes)]
            ]
        }
        return try fixture.composer.draft(document)
            .envelope(signedBy: fixture.network.immigration.signing, sealedTo: [])
    }

    @Test func `a file waits with its message and goes with it`() throws {
        let spool = try Spool(folder: fixture.folder + "/spool")
        for isAccepted in [true, false] {
            let envelope = try envelope()
            try spool.enclose([parcel()], with: envelope.id)
            #expect(try spool.keep(envelope, of: [1]) == envelope)
            let enclosed = spool.enclosed(with: envelope)
            #expect(enclosed.map(\.attachment) == [listed])
            #expect(try FileAccess.read(#require(enclosed.first).path, limit: 100) == octets)
            #expect(try spool.interrupted([1]) == envelope && spool.interrupted([2]) == nil)
            if isAccepted {
                try spool.settle(envelope.id, with: Receipt(token: [1]))
            } else {
                try spool.discard(envelope.id)
            }
            #expect(spool.enclosed(with: envelope).isEmpty)
            #expect(try spool.interrupted([1]) == nil)
        }
    }

    @Test func `a file whose message never came is removed after a week, and no other`() throws {
        let spool = try Spool(folder: fixture.folder + "/spool")
        let (kept, lost) = (try envelope(), try envelope())
        for envelope in [kept, lost] { try spool.enclose([parcel()], with: envelope.id) }
        _ = try spool.keep(kept, of: [1])
        let written = try FileAccess.lastChange(of: #require(spool.enclosed(with: lost).first).path)
        spool.prune(at: written.advanced(bySeconds: 7 * 86_400))
        #expect(spool.enclosed(with: lost).count == 1)
        spool.prune(at: written.advanced(bySeconds: 7 * 86_400 + 1))
        #expect(spool.enclosed(with: lost).isEmpty && spool.enclosed(with: kept).count == 1)
    }
}
