import JOSE
import SimpulBroker
import SimpulCore
import SimpulTesting
import Testing

/// Uploads of one digest that meet: none destroys what another one has made whole.
@Suite struct AttachmentsTests {
    let network: TestNetwork
    let store = MemoryStore()
    let files = MemoryAttachments()
    let broker: Broker
    let octets = Array("CONTOH FIKTIF".utf8)
    var digest: Digest { Digest(SHA256.hash(octets)) }

    init() throws {
        network = try TestNetwork.shared.get()
        broker = try network.makeBroker(on: store, files: files)
    }

    private func begin(at first: Int = 0) async throws -> AttachmentUpload {
        let part = try #require(UploadPart(first: first, count: octets.count - first, total: octets.count))
        let caller = try network.caller(network.immigration, of: broker)
        return try #require(try await broker.attachments.upload(digest, part, for: caller))
    }

    private func read() async throws -> [UInt8] {
        let caller = try network.caller(network.immigration, of: broker)
        let reading = try await broker.attachments.open(digest, for: caller)
        return try await reading.read(from: 0, to: octets.count)
    }

    @Test func `an upload that begins anew ends the one before, and leaves nothing of it`() async throws {
        let first = try await begin()
        try await first.append(Array(octets.prefix(5)))
        let second = try await begin()
        await #expect(throws: OffsetMismatch.self) { try await first.append(Array(octets.dropFirst(5))) }
        await #expect(throws: OffsetMismatch.self) { _ = try await first.finish() }
        try await second.append(octets)
        #expect(try await second.finish() == .whole)
        #expect(files.names.count == 1)
        #expect(try await read() == octets)
    }

    @Test func `a file whose row is whole stays, whatever an upload to it comes to`() async throws {
        let wrong = try await begin()
        try await wrong.append(octets.reversed())
        let key = AttachmentKey(agency: network.immigration.id, digest: digest)
        let open = try #require(try await store.attachment(key))
        #expect(try await store.complete(open, at: network.now))
        let refusal = await #expect(throws: Refusal.self) { _ = try await wrong.finish() }
        #expect(refusal?.code == .digestMismatch)
        #expect(files.names == [open.name])
    }

    @Test func `what has another digest is not kept`() async throws {
        let wrong = try await begin()
        try await wrong.append(octets.reversed())
        await #expect(throws: Refusal.self) { _ = try await wrong.finish() }
        #expect(files.names.isEmpty)
        #expect(try await store.attachment(AttachmentKey(agency: network.immigration.id, digest: digest)) == nil)
    }
}
