import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

/// Files that travel in bundles: whose they become, and what waits for them.
@Suite struct CourierAttachmentTests {
    let network: TestNetwork
    let store = MemoryStore()
    let courierKey: Certificate
    let pair: CourierKey
    private let octets = Array("CONTOH FIKTIF. Sandi fiktif.".utf8)

    init() throws {
        network = try TestNetwork.shared.get()
        let key = PrivateKey.generate(.p256)
        courierKey = try network.authority.certificate(for: "id-1709.simpul", key: key, use: .encryption)
        pair = try #require(CourierKey(certificate: courierKey, key: key, endorsedBy: network.broker))
    }

    private var attachment: ListedAttachment {
        ListedAttachment(digest: Digest(SHA256.hash(octets)), bytes: octets.count)
    }

    private func broker(_ change: (inout Limits) -> Void = { _ in }) throws -> Broker {
        var limits = Limits()
        limits.bundlePartBytes = 10
        change(&limits)
        return try network.makeBroker(on: store, courierKey: pair, limits: limits)
    }

    private func parts(_ octets: [UInt8]? = nil, of attachment: ListedAttachment? = nil) -> [BundleItem] {
        let octets = octets ?? self.octets
        return stride(from: 0, to: octets.count, by: 10).map { offset in
            .attachmentPart(
                attachment ?? self.attachment, offset: offset, octets: Array(octets[offset...].prefix(10)))
        }
    }

    private func message(
        listing attachments: [ListedAttachment], _ change: (inout TestMessage) -> Void = { _ in }
    ) throws -> TestMessage {
        var message = TestMessage(from: network.immigration, to: [network.police], at: network.now)
        if !attachments.isEmpty {
            message.header["attachments"] = .array(
                attachments.map { ["digest": .string($0.digest.description), "bytes": .integer($0.bytes)] })
        }
        change(&message)
        return message
    }

    private func envelope(listing attachments: [ListedAttachment]) throws -> BundleItem {
        .envelope(try message(listing: attachments).envelope())
    }

    private func take(
        _ items: [BundleItem], at broker: Broker, from agency: TestAgency? = nil
    ) async throws -> CourierImport.Imported {
        let agency = agency ?? network.immigration
        let head = BundleHead(
            id: MessageID(version7At: network.now, random: SecureRandom.bytes(10)), from: agency.id,
            recipient: broker.id, at: network.now)
        var small = Limits()
        small.bundleChunkBytes = 20_000
        var writer = BundleWriter(head: head, identity: agency.signing, sealedTo: [courierKey], limits: small)
        var lines = try items.compactMap { try writer.add($0) }
        lines.append(try writer.finish())
        var bundle = broker.courier.beginImport(isCheck: false)
        for line in lines { try await bundle.take(line) }
        return try bundle.end()
    }

    private func exported(
        at broker: Broker, octets: Int? = nil
    ) async throws -> (items: [BundleItem], counts: Courier.Exported) {
        var items: [BundleItem] = []
        var lines: [[UInt8]] = []
        let counts = try await broker.courier.export(for: network.police.id, octets: octets).write {
            lines.append(Array($0.dropLast()))
        }
        for octets in lines {
            let line = try BundleLine(parsing: octets, limits: Limits())
            items += try line.items(openedWith: [(network.police.seal, network.police.sealKey)], limits: Limits())
        }
        return (items, counts)
    }

    private func isReadable(by agency: TestAgency, at broker: Broker) async throws -> Bool {
        do {
            _ = try await broker.attachments.open(attachment.digest, for: network.caller(agency, of: broker))
            return true
        } catch is Refusal { return false }
    }

    @Test func `a file comes before its message, and is its sender's and its recipients' alone`() async throws {
        let broker = try broker()
        let imported = try await take(parts() + [envelope(listing: [attachment])], at: broker)
        #expect(imported.accepted == 1 && imported.attachmentsTaken == 1 && imported.refused == 0)
        #expect(try await isReadable(by: network.immigration, at: broker))
        #expect(try await isReadable(by: network.police, at: broker))
        #expect(try await !isReadable(by: network.shelter, at: broker))
        let another = try await take(parts(), at: broker, from: network.shelter)
        #expect(another.attachmentsTaken == 1, "as if nobody had it: each agency has its own")
        let again = try await take(parts(), at: broker)
        #expect(again.attachmentsKnown == 1 && again.attachmentsTaken == 0)
    }

    @Test func `what is not in the bundle, not whole or of another digest is missing`() async throws {
        let broker = try broker()
        for items in [[], Array(parts().dropLast())] {
            let imported = try await take(items + [envelope(listing: [attachment])], at: broker)
            #expect(imported.refusals.map(\.code) == [.attachmentMissing])
        }
        for items in [Array(parts().dropFirst()), [parts()[0], parts()[2]]] {
            let imported = try await take(
                items + [envelope(listing: [attachment])],
                at: try network.makeBroker(on: MemoryStore(), courierKey: pair))
            #expect(imported.left == 1 && imported.attachmentsLeft == 1 && imported.attachmentsTaken == 0)
        }
        let other = ListedAttachment(digest: Digest(SHA256.hash([1])), bytes: octets.count)
        let imported = try await take(parts(of: other) + [envelope(listing: [other])], at: broker)
        #expect(imported.attachmentsRefused == 1 && imported.refusals.map(\.code) == [.attachmentMissing])
    }

    @Test func `an upload goes on where the wire was cut, and what was wrong before it is not the bundle's fault`()
        async throws
    {
        let broker = try broker()
        let caller = try network.caller(network.immigration, of: broker)
        func begin(_ octets: [UInt8], of total: Int) async throws {
            let part = try #require(UploadPart(first: 0, count: octets.count, total: total))
            let upload = try #require(try await broker.attachments.upload(attachment.digest, part, for: caller))
            try await upload.append(octets)
            _ = try await upload.finish()
        }
        try await begin(Array(repeating: 0, count: 5), of: octets.count)
        let first = try await take(parts() + [envelope(listing: [attachment])], at: broker)
        #expect(first.attachmentsLeft == 1 && first.left == 1 && first.refused == 0, "the wrong beginning is gone now")
        try await begin(Array(octets[..<13]), of: octets.count)
        let second = try await take(parts() + [envelope(listing: [attachment])], at: broker)
        #expect(second.attachmentsTaken == 1 && second.accepted == 1)
    }

    @Test func `what is there belongs to a whole of another length, and begins anew`() async throws {
        let broker = try broker()
        let caller = try network.caller(network.immigration, of: broker)
        let part = try #require(UploadPart(first: 0, count: 4, total: 99))
        let upload = try #require(try await broker.attachments.upload(attachment.digest, part, for: caller))
        try await upload.append([1, 2, 3, 4])
        #expect(try await take(parts(), at: broker).attachmentsTaken == 1)
    }

    @Test func `a file that a quota leaves out holds back its message and what builds on it, and nothing else`()
        async throws
    {
        let broker = try broker { $0.attachmentBytesPerAgency = 20 }
        var first = try message(listing: [attachment])
        first.becomeReferral(for: [network.police])
        let id = try #require(first.id)
        let next = try message(listing: []) { $0.header["thread"] = .string(id.description) }
        let after = try message(listing: []) { $0.header["thread"] = next.header["id"] }
        let items = try parts() + [first, next, after].map { .envelope(try $0.envelope()) } + [envelope(listing: [])]
        let imported = try await take(items, at: broker)
        #expect(imported.left == 3 && imported.accepted == 1 && imported.refused == 0)
        #expect(imported.attachmentsLeft == 1)
        #expect(try await store.answers(for: network.immigration.id, after: nil, limit: 9).count == 1)
    }

    @Test func `a file that is too large is refused, and its message with it`() async throws {
        let broker = try broker { $0.attachmentBytes = 20 }
        let imported = try await take(parts() + [envelope(listing: [attachment])], at: broker)
        #expect(imported.attachmentsRefused == 1 && imported.refusals.map(\.code) == [.attachmentMissing])
    }

    @Test func `more files than may wait for their messages come with their messages`() async throws {
        let broker = try broker { $0.unlistedAttachments = 2 }
        var items: [BundleItem] = []
        for number in 0..<5 {
            let octets = Array("CONTOH FIKTIF \(number)".utf8)
            let attachment = ListedAttachment(digest: Digest(SHA256.hash(octets)), bytes: octets.count)
            items += try parts(octets, of: attachment) + [envelope(listing: [attachment])]
        }
        let imported = try await take(items, at: broker)
        #expect(imported.accepted == 5 && imported.attachmentsTaken == 5)
    }

    @Test func `messages without files go first, and a file goes right before its message`() async throws {
        let broker = try broker()
        _ = try await take(parts() + [envelope(listing: [attachment]), envelope(listing: [])], at: broker)
        let (items, counts) = try await exported(at: broker)
        #expect(counts.messages == 2 && counts.attachments == 1 && !counts.isCut)
        let kinds = items.map { item in
            switch item {
            case .delivery(_, let envelope, _, _): envelope.count > 0 ? "message" : ""
            case .attachmentPart: "part"
            default: "other"
            }
        }
        #expect(kinds == ["other", "message", "part", "part", "part", "message"])
        #expect(items.filter { if case .attachmentPart = $0 { true } else { false } } == parts())
        #expect(try await exported(at: broker).items == items)
    }

    @Test func `what a medium has no room for is left whole, and is not said to be delivered`() async throws {
        let broker = try broker()
        _ = try await take(parts() + [envelope(listing: [attachment]), envelope(listing: [])], at: broker)
        let leaves = store.leaves.count
        #expect(try await exported(at: broker, octets: 0).counts.messages == 0)
        #expect(store.leaves.count == leaves, "nothing was given out")
        let (items, counts) = try await exported(at: broker, octets: 2 * Limits().bundleLineBytes + 20_000)
        #expect(counts.messages == 1 && counts.attachments == 0 && counts.isCut)
        #expect(!items.contains { if case .attachmentPart = $0 { true } else { false } })
        #expect(store.leaves.count == leaves + 1)
        let none = try await exported(at: broker, octets: 0).counts
        #expect(none.messages == 0 && none.attachments == 0 && none.isCut)
    }
}
