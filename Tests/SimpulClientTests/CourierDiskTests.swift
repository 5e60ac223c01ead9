import Foundation
import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import Testing

@testable import SimpulClient

/// What bundles and attachments leave on a client's disk.
@Suite struct CourierDiskTests {
    let fixture: ClientFixture

    init() throws { fixture = try ClientFixture() }

    private func names() throws -> Set<String> {
        Set(try FileManager.default.contentsOfDirectory(atPath: fixture.folder))
    }

    @Test func `a bundle is not written through a link that somebody has laid`() throws {
        let (path, victim) = (fixture.folder + "/bundle", fixture.folder + "/victim")
        try Data("whole".utf8).write(to: URL(filePath: victim))
        for name in ["\(path).\(getpid()).new", "\(path).new"] {
            try FileManager.default.createSymbolicLink(atPath: name, withDestinationPath: victim)
        }
        let file = try PartialFile(path, replacing: false)
        try file.write(Array("CONTOH FIKTIF".utf8))
        try file.finish()
        #expect(try Data(contentsOf: URL(filePath: victim)) == Data("whole".utf8))
        #expect(try Data(contentsOf: URL(filePath: path)) == Data("CONTOH FIKTIF".utf8))
    }

    @Test func `two that write the same bundle at once do not share a file, and what is not finished is gone`() throws {
        let path = fixture.folder + "/bundle"
        var unfinished: PartialFile? = try PartialFile(path, replacing: true)
        let other = try PartialFile(path, replacing: true)
        try unfinished?.write([1])
        try other.write([2])
        #expect(try names().count == 2)
        try other.finish()
        unfinished = nil
        #expect(try names() == ["bundle"])
        #expect(try Data(contentsOf: URL(filePath: path)) == Data([2]))
    }

    @Test func `clear text is left under no other name, whatever happens`() throws {
        let folder = fixture.folder
        let text = Array("CONTOH FIKTIF".utf8)
        try Data(text).write(to: URL(filePath: folder + "/a.part"))
        let secret = AttachmentSecret(
            listed: ListedAttachment(digest: Digest(SHA256.hash(text)), bytes: text.count),
            key: SecureRandom.bytes(32), iv: SecureRandom.bytes(16), name: nil, mediaType: nil)
        let ciphertext = try AttachmentFile(writing: folder + "/a.part", isNew: false)
        // Its place is taken meanwhile.
        try Data().write(to: URL(filePath: folder + "/a.bin"))
        #expect(throws: FileError.self) {
            try AttachmentInbox.decrypt(secret, ciphertext, to: folder + "/a.bin", by: folder + "/a.clear")
        }
        #expect(try names() == ["a.part", "a.bin"])
        try FileManager.default.removeItem(atPath: folder + "/a.bin")
        try AttachmentInbox.decrypt(secret, ciphertext, to: folder + "/a.bin", by: folder + "/a.clear")
        #expect(try names() == ["a.part", "a.bin"])
    }

    // MARK: The broker's courier certificate

    private func key(madeAt moment: Timestamp) throws -> CourierKey {
        let key = PrivateKey.generate(.p256)
        let authority = try TestAuthority(at: moment)
        let certificate = try authority.certificate(
            for: fixture.network.broker.agency.description, key: key, use: .encryption)
        return try require(CourierKey(certificate: certificate, key: key, endorsedBy: fixture.network.broker))
    }

    private func receiver() throws -> CourierReceiver {
        let (network, now) = (fixture.network, fixture.now)
        let spool = try Spool(folder: fixture.folder + "/spool")
        return CourierReceiver(
            incoming: try fixture.incoming(network.police), hub: network.broker.agency,
            identity: network.police.signing, known: fixture.known,
            check: { ReceiptCheck(hub: network.broker.agency, known: $0, catalogue: network.catalogue) }, spool: spool,
            seen: try SeenMessages(file: fixture.folder + "/seen"),
            returns: try CourierReturns(spoolFolder: spool.folder), files: try CourierFiles(spoolFolder: spool.folder),
            got: { _ in nil }, now: { now })
    }

    private func item(_ key: CourierKey) -> BundleItem {
        .courierKey(certificate: key.certificate.pem, endorsement: key.endorsement)
    }

    @Test func `an old bundle does not bring back a key that was replaced, and a new one keeps the other keys`()
        async throws
    {
        let (old, new) = (try key(madeAt: fixture.later(-7200)), try key(madeAt: fixture.now))
        var receiver = try receiver()
        let cache = DirectoryCache(spoolFolder: fixture.folder + "/spool")
        let other = DirectoryListing.Listed(use: "seal", certificate: fixture.network.police.seal, endorsement: nil)
        var directory = try fixture.directory()
        directory.broker = [other]
        cache.keep(directory)
        func kept() -> [String] {
            (cache.listing?.broker ?? []).map { $0.certificate.thumbprint.base64url }
        }
        func thumbprints(_ key: CourierKey) -> [String] {
            [other.certificate.thumbprint.base64url, key.certificate.thumbprint.base64url]
        }
        #expect(try await receiver.receive(item(old)) { _, _ in true } == .courierKey)
        #expect(kept() == thumbprints(old))
        #expect(try await receiver.receive(item(new)) { _, _ in true } == .courierKey)
        #expect(kept() == thumbprints(new))
        #expect(try await receiver.receive(item(old)) { _, _ in true } == .passedOver)
        #expect(kept() == thumbprints(new))
        #expect(try await receiver.receive(item(new)) { _, _ in true } == .courierKey)
    }
}
