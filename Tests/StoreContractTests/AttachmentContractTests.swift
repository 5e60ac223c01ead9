import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

@Suite struct AttachmentContractTests {
    private static let bounds = AttachmentBounds(bytes: 1000, unlisted: 3)
    private let digest = Digest(SHA256.hash(Array("CONTOH FIKTIF".utf8)))

    private func part(_ first: Int, _ count: Int, of total: Int) throws -> UploadPart {
        try #require(UploadPart(first: first, count: count, total: total))
    }

    private func key(_ agency: TestAgency, _ digest: Digest? = nil) -> AttachmentKey {
        AttachmentKey(agency: agency.id, digest: digest ?? self.digest)
    }

    /// An attachment that is whole.
    @discardableResult
    private func upload(
        _ bench: Bench, by agency: TestAgency? = nil, bytes: Int = 100, at moment: Timestamp? = nil
    ) async throws -> StoredAttachment {
        let (key, moment) = (key(agency ?? bench.network.immigration), moment ?? bench.now)
        let start = try await bench.store.begin(
            key, part(0, bytes, of: bytes), name: .random(), at: moment, within: Self.bounds)
        guard case .open(let open, _) = start else { throw TestFault(what: "no upload began") }
        #expect(try await bench.store.complete(open, at: moment))
        return try #require(try await bench.store.attachment(key))
    }

    private func message(
        _ bench: Bench, from sender: TestAgency? = nil, to recipients: [TestAgency]? = nil, bytes: Int = 100
    ) async throws -> AuthorizedMessage {
        try await bench.message(from: sender, to: recipients) {
            $0.header["attachments"] = [["digest": .string(digest.description), "bytes": .integer(bytes)]]
        }
    }

    private func isReadable(
        _ bench: Bench, by agency: TestAgency, at moment: Timestamp? = nil
    ) async throws -> Bool {
        try await bench.store.attachment(digest, readableBy: agency.id, at: moment ?? bench.now) != nil
    }

    private func collect(
        _ bench: Bench, after seconds: Int64, sparing: Set<AttachmentName> = []
    ) async throws -> [AttachmentName] {
        let moment = bench.now.advanced(bySeconds: seconds)
        return try await bench.store.collect(
            at: moment, unlistedSince: moment.advanced(bySeconds: -3600), sparing: sparing, atMost: 10)
    }

    // MARK: Uploads

    @Test(arguments: Engine.allCases)
    func `an upload goes on under its name only with the same length, and nothing goes on that is not there`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let (key, name) = (key(bench.network.police), AttachmentName.random())
        func begin(_ part: UploadPart) async throws -> UploadStart {
            try await bench.store.begin(key, part, name: .random(), at: bench.now, within: Self.bounds)
        }
        #expect(try await begin(part(10, 90, of: 100)) == .absent)
        let first = try await bench.store.begin(
            key, part(0, 10, of: 100), name: name, at: bench.now, within: Self.bounds)
        let open = StoredAttachment(key: key, bytes: 100, name: name, isWhole: false)
        #expect(first == .open(open, instead: nil))
        #expect(try await begin(part(10, 90, of: 100)) == .open(open, instead: nil))
        #expect(try await begin(part(10, 80, of: 90)) == .otherLength(100))
        let anew = AttachmentName.random()
        let second = try await bench.store.begin(
            key, part(0, 100, of: 100), name: anew, at: bench.now, within: Self.bounds)
        let other = StoredAttachment(key: key, bytes: 100, name: anew, isWhole: false)
        #expect(second == .open(other, instead: name), "what begins anew has a file of its own")
        #expect(try await bench.store.complete(open, at: bench.now) == false, "another one has its place by now")
        #expect(try await !bench.store.drop(open))
        #expect(try await bench.store.complete(other, at: bench.now))
    }

    @Test(arguments: Engine.allCases)
    func `what is whole is present to its agency, and nothing to any other`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let stored = try await upload(bench)
        #expect(stored.isWhole)
        let again = try await bench.store.begin(
            key(bench.network.immigration), part(0, 100, of: 100), name: .random(), at: bench.now, within: Self.bounds)
        #expect(again == .present(stored))
        let name = AttachmentName.random()
        let other = try await bench.store.begin(
            key(bench.network.police), part(0, 100, of: 100), name: name, at: bench.now, within: Self.bounds)
        #expect(
            other
                == .open(
                    StoredAttachment(key: key(bench.network.police), bytes: 100, name: name, isWhole: false),
                    instead: nil))
        #expect(try await !isReadable(bench, by: bench.network.police))
        #expect(try await isReadable(bench, by: bench.network.immigration))
        #expect(try await bench.store.known([stored.name, .random()]) == [stored.name])
    }

    @Test(arguments: Engine.allCases)
    func `an agency has no more than its bounds, and others have theirs`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        func begin(_ index: Int, _ bytes: Int, by agency: TestAgency) async throws -> UploadStart {
            let digest = Digest(SHA256.hash(Array("\(index)".utf8)))
            return try await bench.store.begin(
                key(agency, digest), part(0, bytes, of: bytes), name: .random(), at: bench.now, within: Self.bounds)
        }
        let (one, other) = (bench.network.police, bench.network.shelter)
        guard case .open = try await begin(0, 900, by: one) else { throw TestFault(what: "the first is refused") }
        #expect(try await begin(1, 101, by: one) == .tooMuch)
        guard case .open = try await begin(1, 50, by: one), case .open = try await begin(2, 50, by: one) else {
            throw TestFault(what: "what fits is refused")
        }
        #expect(try await begin(3, 1, by: one) == .tooMany)
        guard case .open = try await begin(3, 1000, by: other) else { throw TestFault(what: "another one is refused") }
    }

    @Test(arguments: Engine.allCases)
    func `what is dropped is gone, unless it is whole or another one has its place`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let stored = try await upload(bench)
        #expect(try await !bench.store.drop(stored))
        #expect(try await bench.store.attachment(stored.key) == stored)
        let key = key(bench.network.police)
        _ = try await bench.store.begin(
            key, part(0, 1, of: 100), name: .random(), at: bench.now, within: Self.bounds)
        let open = try #require(try await bench.store.attachment(key))
        var other = open
        other.name = .random()
        #expect(try await !bench.store.drop(other))
        #expect(try await bench.store.attachment(key) == open)
        #expect(try await bench.store.drop(open))
        #expect(try await bench.store.attachment(key) == nil)
    }

    // MARK: Messages

    @Test(arguments: Engine.allCases)
    func `a message whose attachment is not there, not whole, not its sender's or of another length is refused`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        func fault(bytes: Int = 100) async -> [String]? {
            do {
                _ = try await message(bench, bytes: bytes)
                return nil
            } catch {
                let refusal = error as? Refusal
                return refusal?.code == .attachmentMissing ? refusal?.faults.map(\.pointer) : []
            }
        }
        #expect(await fault() == ["/header/attachments/0"])
        try await upload(bench, by: bench.network.police)
        #expect(await fault() == ["/header/attachments/0"], "another agency has it")
        _ = try await bench.store.begin(
            key(bench.network.immigration), part(0, 10, of: 100), name: .random(), at: bench.now, within: Self.bounds)
        #expect(await fault() == ["/header/attachments/0"], "it is not whole")
        let open = try #require(try await bench.store.attachment(key(bench.network.immigration)))
        _ = try await bench.store.complete(open, at: bench.now)
        #expect(await fault(bytes: 99) == ["/header/attachments/0"], "another length")
        #expect(await fault() == nil)
    }

    @Test(arguments: Engine.allCases)
    func `what was removed between check and commit is missing in the transaction`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let stored = try await upload(bench)
        let message = try await message(bench)
        #expect(try await collect(bench, after: 3601) == [stored.name])
        let outcome = try await bench.accept(message)
        #expect(outcome == .refused(.attachmentMissing([0], of: message.header)))
        #expect(try await bench.store.state(of: message.key) == nil)
        #expect(try await bench.logSize() == 0)
    }

    @Test(arguments: Engine.allCases)
    func `recipients of the uploader's message may read, and nobody else`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        try await upload(bench)
        let sent = try await message(bench)
        #expect(try await !isReadable(bench, by: network.police), "not before the message is accepted")
        _ = try await bench.accept(sent)
        #expect(try await isReadable(bench, by: network.police))
        #expect(try await !isReadable(bench, by: network.shelter))
        // The shelter lists the same digest, after an upload of its own: its right is its own attachment's.
        try await upload(bench, by: network.shelter)
        _ = try await bench.accept(try await message(bench, from: network.shelter, to: [network.protection]))
        let read = try await bench.store.attachment(digest, readableBy: network.protection.id, at: bench.now)
        #expect(read?.key.agency == network.shelter.id)
        #expect(try await !isReadable(bench, by: network.police, at: sent.header.expires), "expired")
    }

    // MARK: Collection

    @Test(arguments: Engine.allCases)
    func `what no message lists goes after its time, and what is being uploaded stays`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let stored = try await upload(bench)
        #expect(try await collect(bench, after: 3599) == [])
        #expect(try await collect(bench, after: 3600, sparing: [stored.name]) == [])
        #expect(try await collect(bench, after: 3600) == [stored.name])
        #expect(try await bench.store.attachment(stored.key) == nil)
        #expect(try await collect(bench, after: 9999) == [])
    }

    @Test(arguments: Engine.allCases)
    func `what a message lists stays until the last one has expired`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let stored = try await upload(bench)
        for _ in 0..<2 { _ = try await bench.accept(try await message(bench)) }
        #expect(try await collect(bench, after: 86_399) == [])
        #expect(try await isReadable(bench, by: bench.network.police, at: bench.now.advanced(bySeconds: 86_399)))
        #expect(try await collect(bench, after: 86_400) == [stored.name])
        #expect(try await !isReadable(bench, by: bench.network.police))
    }

    @Test(arguments: Engine.allCases)
    func `a message that is taken back lets go of its attachment at once`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let stored = try await upload(bench)
        let sent = try await message(bench, to: [network.police])
        _ = try await bench.accept(sent)
        _ = try await bench.accept(
            try await bench.message {
                $0.become(.recall, ["inReplyTo": .string(sent.header.id.description), "kind": "Cancel"])
                $0.sealedTo = [network.police]
            })
        #expect(try await !isReadable(bench, by: network.police))
        #expect(try await collect(bench, after: 1) == [stored.name])
    }

    @Test(arguments: Engine.allCases)
    func `a message that an operator cancels lets go of its attachment once nobody has it any more`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let stored = try await upload(bench)
        let sent = try await message(bench, to: [network.police, network.shelter])
        _ = try await bench.accept(sent)
        try await bench.claim()
        for (agency, left) in [(network.police, []), (network.shelter, [stored.name])] {
            #expect(try await bench.order(.cancel, sent, of: agency) == .done([agency.id]))
            #expect(try await !isReadable(bench, by: agency))
            #expect(try await isReadable(bench, by: network.shelter) == left.isEmpty)
            #expect(try await collect(bench, after: 1) == left)
        }
    }
}
