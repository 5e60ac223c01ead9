import JOSE
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

/// The form of courier bundles: what a reader takes, and what it does not.
@Suite struct BundleTests {
    let network: TestNetwork
    var limits = Limits()

    init() throws { network = try TestNetwork.shared.get() }

    private func head(from: AgencyID? = nil, recipient: AgencyID? = nil, at: Timestamp? = nil) -> BundleHead {
        let moment = at ?? network.now
        return BundleHead(
            id: MessageID(version7At: moment, random: SecureRandom.bytes(10)), from: from ?? network.police.id,
            recipient: recipient ?? network.broker.agency, at: moment)
    }

    private func writer(_ head: BundleHead, _ limits: Limits? = nil) -> BundleWriter {
        BundleWriter(
            head: head, identity: network.police.signing, sealedTo: [network.shelter.seal],
            limits: limits ?? self.limits)
    }

    /// A bundle of so many lines, of one envelope each.
    private func lines(_ count: Int, _ head: BundleHead? = nil) throws -> [[UInt8]] {
        var small = limits
        small.bundleChunkBytes = 4096
        var writer = writer(head ?? self.head(), small)
        var lines: [[UInt8]] = []
        for _ in 0..<count { if let line = try writer.add(.envelope(Self.token)) { lines.append(line) } }
        return lines + [try writer.finish()]
    }

    private static let token = [UInt8](repeating: UInt8(ascii: "A"), count: 2000)

    private var keys: [(certificate: Certificate, key: PrivateKey)] {
        [(network.shelter.seal, network.shelter.sealKey)]
    }

    private func read(_ lines: [[UInt8]], _ limits: Limits? = nil) throws(Refusal) -> [BundleItem] {
        let limits = limits ?? self.limits
        var sequence = BundleSequence(limits: limits)
        var items: [BundleItem] = []
        for octets in lines {
            let line = try BundleLine(parsing: octets, limits: limits)
            try sequence.take(line)
            let more = try line.items(openedWith: keys, limits: limits)
            try sequence.count(more.count)
            items += more
        }
        try sequence.end()
        return items
    }

    private func code(_ body: () throws(Refusal) -> Void) -> ErrorCode? {
        do {
            try body()
            return nil
        } catch { return error.code }
    }

    @Test func `every kind of item comes out as it went in`() throws {
        let receipt = Receipt(token: Array("a.b.c".utf8))
        let id = try #require(MessageID("019cb7bb-7c10-7b5a-8a5e-f372fe94f82a"))
        let key = MessageKey(sender: network.immigration.id, id: id)
        let items: [BundleItem] = [
            .delivery(key, envelope: Self.token, receipt: receipt, due: DueTimes(acknowledge: network.now)),
            .rung(id: id, receipt: receipt, mark: 7), .answer(receipt: receipt, mark: 0),
            .courierKey(certificate: "PEM", endorsement: "a.b.c"), .envelope(Self.token), .receipt(of: key, receipt),
            .confirmation(mark: 9, digest: Digest(SHA256.hash(receipt.token))),
            .attachmentPart(ListedAttachment(digest: Self.digest, bytes: 9), offset: 2, octets: [0, 255, 62]), .unknown,
        ]
        var writer = writer(head())
        for item in items { #expect(try writer.add(item) == nil) }
        #expect(try read([try writer.finish()]) == items)
    }

    private static let digest = Digest(SHA256.hash(Array("CONTOH FIKTIF".utf8)))

    @Test func `a part that does not lie in its attachment is of no known kind`() throws {
        for (bytes, offset, octets) in [
            (9, 8, [1, 2]), (9, -1, [1]), (1, 0, [1, 2]), (9, 0, []), (9, 9_007_199_254_740_990, [1]),
        ]
            as [(Int, Int, [UInt8])]
        {
            var writer = self.writer(head())
            _ = try writer.add(
                .attachmentPart(
                    ListedAttachment(digest: Self.digest, bytes: bytes), offset: offset, octets: octets))
            #expect(try read([try writer.finish()]) == [.unknown])
        }
    }

    @Test func `a bundle that had room for an attachment has no more octets than it may have`() throws {
        let octets = SecureRandom.bytes(2_000_000)
        let attachment = ListedAttachment(digest: Self.digest, bytes: octets.count)
        var limits = limits
        (limits.bundlePartBytes, limits.bundleLineBytes) = (200_000, 500_000)
        func hasRoom(_ bytes: Int) -> Bool {
            limits.bundleBytes = bytes
            return self.writer(head(), limits).hasRoom(for: [attachment])
        }
        var (too, enough) = (0, 10_000_000)
        #expect(!hasRoom(too) && hasRoom(enough))
        while enough - too > 1 {
            let middle = (too + enough) / 2
            if hasRoom(middle) { enough = middle } else { too = middle }
        }
        limits.bundleBytes = enough
        var writer = self.writer(head(), limits)
        var lines: [[UInt8]] = []
        for offset in stride(from: 0, to: octets.count, by: limits.bundlePartBytes) {
            let part = Array(octets[offset...].prefix(limits.bundlePartBytes))
            if let line = try writer.add(.attachmentPart(attachment, offset: offset, octets: part)) {
                lines.append(line)
            }
        }
        if let line = try writer.add(.envelope([UInt8](repeating: 0x41, count: 200_000))) { lines.append(line) }
        lines.append(try writer.finish())
        let written = lines.reduce(0) { $0 + $1.count + 1 }
        #expect(written <= enough && written > 2_000_000 / 9 * 16)
        #expect(!writer.hasRoom(for: [attachment]))
        #expect(try read(lines).count == 11)
    }

    @Test(arguments: [30, 700, 2200])
    mutating func `items that a bundle has room for fit, however little they compress and fill its lines`(
        _ size: Int
    ) throws {
        let tokens = (0..<40).map { _ in Array(Base64URL.encode(SecureRandom.bytes(size)).utf8) }
        let octets = tokens.reduce(0) { $0 + $1.count + 64 }
        (limits.bundleChunkBytes, limits.bundleLineBytes) = (4096, 9000)
        let all = limits
        func least(_ bound: WritableKeyPath<Limits, Int>) -> Int {
            var (too, enough) = (0, all[keyPath: bound])
            while enough - too > 1 {
                let middle = (too + enough) / 2
                var few = all
                few[keyPath: bound] = middle
                if self.writer(head(), few).hasRoom(items: tokens.count, octets: octets) {
                    enough = middle
                } else {
                    too = middle
                }
            }
            return enough
        }
        (limits.bundleItems, limits.bundleChunks) = (least(\.bundleItems), least(\.bundleChunks))
        limits.bundleBytes = least(\.bundleBytes)
        #expect(limits.bundleItems == tokens.count && limits.bundleBytes < all.bundleBytes)
        var writer = self.writer(head())
        var lines: [[UInt8]] = []
        for token in tokens { if let line = try writer.add(.envelope(token)) { lines.append(line) } }
        lines.append(try writer.finish())
        #expect(lines.count <= limits.bundleChunks)
        #expect(lines.reduce(0) { $0 + $1.count + 1 } <= limits.bundleBytes)
        #expect(try read(lines).count == tokens.count)
    }

    @Test func `a bundle is full before its lines and octets are too many`() throws {
        let all = limits
        for change in [
            { (limits: inout Limits) in limits.bundleItems = 0 }, { limits in limits.bundleChunks = 1 },
            { limits in limits.bundleBytes = 2 * limits.bundleLineBytes - 1 },
        ] {
            var few = all
            change(&few)
            #expect(writer(head(), few).isFull && !writer(head(), few).hasRoom(for: []))
        }
        let most = ListedAttachment(digest: Self.digest, bytes: all.attachmentBytes)
        #expect(!writer(head()).isFull && writer(head()).hasRoom(for: [most]), "the largest one fits")
    }

    @Test func `a bundle without items is one line`() throws {
        #expect(try read(try lines(0)) == [])
    }

    @Test func `lines are bounded, chained, and told apart from others`() throws {
        let whole = try lines(4)
        let items = try read(whole)
        #expect(whole.count > 2 && items.count == 4)
        let other = try lines(4)
        #expect(code { () throws(Refusal) in _ = try read([]) } == .bundleInvalid)
        let broken: [[[UInt8]]] = [
            Array(whole.dropLast()), Array(whole.dropFirst()), [whole[0], whole[0]], whole + [whole[0]],
            [whole[1], whole[0]] + whole[2...], [whole[0], other[1]] + whole[2...], [whole[0]] + whole[2...],
        ]
        for lines in broken { #expect(code { () throws(Refusal) in _ = try read(lines) } == .bundleIncomplete) }
    }

    @Test func `what is no line of a bundle is refused`() throws {
        let line = try lines(0)[0]
        let parts = line.split(separator: UInt8(ascii: "."))
        let envelope = try TestMessage(from: network.police, to: [network.shelter], at: network.now).envelope()
        for octets in [[], Array("{}".utf8), Array(line.dropLast(parts[2].count + 1)), envelope] {
            #expect(
                code { () throws(Refusal) in _ = try BundleLine(parsing: octets, limits: limits) } == .bundleInvalid)
        }
        var small = limits
        small.bundleLineBytes = line.count - 1
        #expect(code { () throws(Refusal) in _ = try BundleLine(parsing: line, limits: small) } == .tooLarge)
    }

    @Test func `a changed octet breaks the signature, and no other key has made it`() throws {
        let line = try lines(0)[0]
        let signed = try BundleLine(parsing: line, limits: limits)
        #expect(signed.isSigned(by: network.police.signing.certificate.publicKey))
        #expect(!signed.isSigned(by: network.shelter.signing.certificate.publicKey))
        let parts = line.split(separator: UInt8(ascii: ".")).map { Array($0) }
        var payload = String(decoding: try #require(Base64URL.decode(parts[1])), as: UTF8.self)
        payload = payload.replacing("\"last\":true", with: "\"last\":false")
        let changed = Array(
            [parts[0], Array(Base64URL.encode(Array(payload.utf8)).utf8), parts[2]].joined(separator: [0x2E]))
        let parsed = try BundleLine(parsing: changed, limits: limits)
        #expect(!parsed.isLast && !parsed.isSigned(by: network.police.signing.certificate.publicKey))
    }

    @Test func `only the key that it is sealed to opens it, and only in its own line`() throws {
        let (one, other) = (head(), head())
        let line = try BundleLine(parsing: try lines(0, one)[0], limits: limits)
        let foreign: [(certificate: Certificate, key: PrivateKey)] = [(network.police.seal, network.police.sealKey)]
        #expect(
            code { () throws(Refusal) in _ = try line.items(openedWith: foreign, limits: limits) } == .bundleSeal)
        #expect(code { () throws(Refusal) in _ = try line.items(openedWith: [], limits: limits) } == .bundleSeal)
        let moved = try resigned(try lines(0, one)[0]) { $0.replacing(one.id.description, with: other.id.description) }
        let taken = try BundleLine(parsing: moved, limits: limits)
        #expect(taken.isSigned(by: network.police.signing.certificate.publicKey))
        #expect(
            code { () throws(Refusal) in _ = try taken.items(openedWith: keys, limits: limits) } == .bundleSeal)
    }

    /// A line whose payload was changed and signed again.
    private func resigned(_ line: [UInt8], _ change: (String) -> String) throws -> [UInt8] {
        let parts = line.split(separator: UInt8(ascii: ".")).map { Array($0) }
        let payload = String(decoding: try #require(Base64URL.decode(parts[1])), as: UTF8.self)
        return try network.police.signing.bundleLine(Array(change(payload).utf8))
    }

    @Test func `a line that inflates beyond the bound is refused while it inflates`() throws {
        var writer = writer(head())
        _ = try writer.add(.envelope([UInt8](repeating: UInt8(ascii: "A"), count: 600_000)))
        let line = try writer.finish()
        #expect(line.count < 8192)
        var small = limits
        small.bundleChunkBytes = 500_000
        #expect(code { () throws(Refusal) in _ = try read([line], small) } == .tooLarge)
    }

    @Test func `too many items and too many lines are refused`() throws {
        var few = limits
        few.bundleItems = 3
        #expect(code { () throws(Refusal) in _ = try read(lines, few) } == .tooLarge)
        few = limits
        few.bundleChunks = 1
        #expect(code { () throws(Refusal) in _ = try read(lines, few) } == .tooLarge)
        var writer = writer(head(), few)
        #expect(throws: Refusal.self) {
            _ = try writer.add(.envelope([UInt8](repeating: 0x41, count: few.bundleChunkBytes)))
        }
    }

    private var lines: [[UInt8]] { (try? lines(4)) ?? [] }

    @Test func `a bundle is read by whom it is for, from whom it must be, in its time`() throws {
        let (hub, police) = (network.broker.agency, network.police.id)
        func code(_ head: BundleHead, for party: AgencyID, from sender: AgencyID?) -> ErrorCode? {
            self.code { () throws(Refusal) in
                try head.require(for: party, from: sender, at: network.now, limits: limits)
            }
        }
        #expect(code(head(), for: hub, from: nil) == nil && code(head(), for: hub, from: police) == nil)
        #expect(code(head(), for: police, from: nil) == .bundleForeign)
        #expect(code(head(), for: hub, from: network.shelter.id) == .bundleForeign)
        let age = limits.bundleAgeSeconds
        #expect(code(head(at: network.now.advanced(bySeconds: -age)), for: hub, from: nil) == nil)
        #expect(code(head(at: network.now.advanced(bySeconds: -age - 1)), for: hub, from: nil) == .timeInvalid)
        let ahead = network.now.advanced(bySeconds: limits.bundleAheadSeconds + 1)
        #expect(code(head(at: ahead), for: hub, from: nil) == .timeInvalid)
    }

    @Test func `the finder of a stick reads nothing but from, for, when and how much`() throws {
        let parts = try lines(1)[0].split(separator: UInt8(ascii: "."))
        let payload = try JSONDocument(try #require(Base64URL.decode(Array(parts[1])))).root
        #expect(
            payload.members.map { $0.name.string ?? "" }
                == ["v", "bundle", "from", "for", "at", "index", "last", "sealed"])
    }
}
