import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import StrictJSON
import Testing

/// Bundles at the broker: who may bring one, and what it comes to.
@Suite struct CourierTests {
    let network: TestNetwork
    let store = MemoryStore()
    let broker: Broker
    let courierKey: Certificate
    let pair: CourierKey

    init() throws {
        network = try TestNetwork.shared.get()
        let key = PrivateKey.generate(.p256)
        courierKey = try network.authority.certificate(for: "id-1709.simpul", key: key, use: .encryption)
        pair = try #require(CourierKey(certificate: courierKey, key: key, endorsedBy: network.broker))
        broker = try network.makeBroker(on: store, courierKey: pair)
    }

    private func bundle(
        _ items: [BundleItem], from agency: TestAgency? = nil, signedBy signer: TestAgency? = nil,
        to hub: AgencyID? = nil, at moment: Timestamp? = nil, sealedTo certificate: Certificate? = nil
    ) throws -> [[UInt8]] {
        let agency = agency ?? network.immigration
        let head = BundleHead(
            id: MessageID(version7At: network.now, random: SecureRandom.bytes(10)), from: agency.id,
            recipient: hub ?? broker.id, at: moment ?? network.now)
        var writer = BundleWriter(
            head: head, identity: (signer ?? agency).signing, sealedTo: [certificate ?? courierKey], limits: Limits())
        var lines = try items.compactMap { try writer.add($0) }
        lines.append(try writer.finish())
        return lines
    }

    @discardableResult
    private func take(
        _ lines: [[UInt8]], check: Bool = false, at broker: Broker? = nil
    ) async throws -> CourierImport.Imported {
        var bundle = (broker ?? self.broker).courier.beginImport(isCheck: check)
        for line in lines { try await bundle.take(line) }
        return try bundle.end()
    }

    private func code(_ lines: [[UInt8]], at broker: Broker? = nil) async -> ErrorCode? {
        do {
            try await take(lines, at: broker)
            return nil
        } catch { return (error as? Refusal)?.code }
    }

    private func message(_ change: (inout TestMessage) -> Void = { _ in }) -> TestMessage {
        var message = TestMessage(from: network.immigration, to: [network.police], at: network.now)
        change(&message)
        return message
    }

    /// What the broker's bundle for an agency holds.
    private func exported(for agency: TestAgency, by other: Broker? = nil) async throws -> [BundleItem] {
        var lines: [[UInt8]] = []
        _ = try await (other ?? broker).courier.export(for: agency.id).write { lines.append(Array($0.dropLast())) }
        var sequence = BundleSequence(limits: Limits())
        var items: [BundleItem] = []
        for octets in lines {
            let line = try BundleLine(parsing: octets, limits: Limits())
            try sequence.take(line)
            #expect(line.isSigned(by: network.broker.certificate.publicKey))
            items += try line.items(openedWith: [(agency.seal, agency.sealKey)], limits: Limits())
        }
        try sequence.end()
        return items
    }

    @Test func `nothing is done with a bundle that is not what it should be`() async throws {
        let item = BundleItem.envelope(try message().envelope())
        let stranger = try network.makeAgency("id-1709.asing", role: "NGO")
        let whole = try bundle([item])
        let another = try #require(AgencyID("id-1709.lain"))
        #expect(await code(try bundle([item], from: stranger)) == .signerUnknown)
        #expect(await code(try bundle([item], signedBy: network.police)) == .bundleForeign)
        #expect(await code(try bundle([item], to: another)) == .bundleForeign)
        #expect(await code(try bundle([item], at: network.now.advanced(bySeconds: -31 * 86400))) == .timeInvalid)
        #expect(await code(try bundle([item], sealedTo: network.police.seal)) == .bundleSeal)
        #expect(await code([whole[0].dropLast(4) + Array("AAAA".utf8)]) == .signatureInvalid)
        #expect(await code([]) == .bundleInvalid)
        #expect(await code([Array("no bundle".utf8)]) == .bundleInvalid)
        let keyless = try network.makeBroker(on: store)
        #expect(await code(whole, at: keyless) == .courierKey)
        #expect(store.leaves.isEmpty)
    }

    @Test func `a retired key and an inactive agency bring nothing`() async throws {
        let lines = try bundle([.envelope(try message().envelope())])
        for change in [
            { (agency: inout Agency) in agency.isActive = false },
            { agency in for index in agency.certificates.indices { agency.certificates[index].isRetired = true } },
        ] {
            let roster = try network.roster(changing: { agency in
                if agency.id == network.immigration.id { change(&agency) }
            })
            let code = await code(lines, at: try network.makeBroker(on: store, roster: roster))
            #expect(code == .agencyInactive || code == .signerUnknown)
        }
        #expect(store.leaves.isEmpty)
    }

    @Test func `a check verifies and does nothing`() async throws {
        let lines = try bundle([.envelope(try message().envelope())])
        #expect(try await take(lines, check: true).accepted == 0)
        #expect(store.leaves.isEmpty)
        #expect(try await take(lines).accepted == 1)
    }

    @Test func `the same message by bundle, by wire and by bundle again is one delivery and one receipt`() async throws
    {
        let envelope = try message().envelope()
        let lines = try bundle([.envelope(envelope)])
        #expect(try await take(lines).accepted == 1)
        let wire = try await broker.intake.accept(envelope, from: network.caller(network.immigration, of: broker))
        #expect(wire.isRepeated)
        #expect(try await take(lines).repeated == 1)
        let answers = try await exported(for: network.immigration).compactMap { item -> Receipt? in
            if case .answer(let receipt, _) = item { receipt } else { nil }
        }
        #expect(answers == [wire.receipt])
        let deliveries = try await exported(for: network.police).count { item in
            if case .delivery = item { true } else { false }
        }
        #expect(deliveries == 1 && store.leaves.count == 2, "accepted, and delivered once")
    }

    @Test func `a refused message is logged, and its refusal goes back until it is confirmed`() async throws {
        let bad = message { $0.header["hub"] = "id-1709.lain" }
        let imported = try await take(try bundle([.envelope(try bad.envelope())]))
        #expect(imported.refused == 1 && imported.refusals.map(\.code) == [.wrongHub])
        let items = try await exported(for: network.immigration)
        let answers = items.compactMap { item -> (Receipt, UInt64)? in
            if case .answer(let receipt, let mark) = item { (receipt, mark) } else { nil }
        }
        let (receipt, mark) = try #require(answers.first)
        let signed = try SignedStatement(
            receipt: receipt, catalogue: network.catalogue, signers: network.brokerCertificate)
        #expect(signed.statement.rung == .refused && signed.statement.refusal?.code == .wrongHub)
        let confirmed = try await take(
            try bundle([.confirmation(mark: mark, digest: Digest(SHA256.hash(receipt.token)))]))
        #expect(confirmed.confirmed == 1)
        let left = try await exported(for: network.immigration).contains {
            if case .answer = $0 { true } else { false }
        }
        #expect(!left)
    }

    @Test func `a receipt by bundle is recorded once, and only its recipient may bring it`() async throws {
        let message = message()
        let envelope = try message.envelope()
        _ = try await take(try bundle([.envelope(envelope)]))
        let key = MessageKey(sender: network.immigration.id, id: try #require(message.id))
        let digest = try #require(SignedEnvelope.digest(ofUnparsed: envelope))
        let receipt = try network.police.signing.receipt(
            ReceiptStatement(
                .opened, broker: broker.id, sender: key.sender, id: key.id, digest: digest, at: network.now,
                agency: network.police.id, by: "DUTY"))
        let item = BundleItem.receipt(of: key, receipt)
        #expect(try await take(try bundle([item], from: network.shelter)).receiptsRefused == 1)
        #expect(try await take(try bundle([item], from: network.police)).recorded == 1)
        #expect(try await take(try bundle([item], from: network.police)).known == 1)
        let state = try #require(try await store.state(of: key))
        #expect(state.state == .opened && state.deliveries[0].rungs.map(\.receipt) == [receipt])
        let waits = try await exported(for: network.police).contains { if case .delivery = $0 { true } else { false } }
        #expect(!waits)
    }

    @Test func `items that an agency does not send are passed over`() async throws {
        let receipt = Receipt(token: Array("a.b.c".utf8))
        let imported = try await take(try bundle([.answer(receipt: receipt, mark: 0), .unknown]))
        #expect(imported.passedOver == 2 && store.leaves.isEmpty)
    }

    private actor Told {
        var heads: [BundleHead] = []

        func append(_ head: BundleHead) { heads.append(head) }
    }

    @Test func `who imports is told which bundle it is, once and before anything of it is done`() async throws {
        let lines = try bundle([.envelope(try message().envelope())])
        let (told, store) = (Told(), store)
        func take(_ lines: [[UInt8]], check: Bool) async throws -> CourierImport.Imported {
            var bundle = broker.courier.beginImport(isCheck: check) { head in
                #expect(store.leaves.isEmpty)
                await told.append(head)
                throw StoreError(.unavailable, "full")
            }
            for line in lines { try await bundle.take(line) }
            return try bundle.end()
        }
        await #expect(throws: Refusal.self) {
            try await take([lines[0].dropLast(4) + Array("AAAA".utf8)], check: false)
        }
        let checked = try await take(lines, check: true)
        #expect(await told.heads.isEmpty, "what is not believed, and what is only checked, is not told")
        await #expect(throws: StoreError.self) { try await take(lines, check: false) }
        #expect(await told.heads == [checked.head].compactMap(\.self) && store.leaves.isEmpty)
    }

    @Test func `no rate holds for what an operator imports, and none is used up by it`() async throws {
        var limits = Limits()
        (limits.submissionsPerSecond, limits.burstSeconds) = (1, 1)
        let broker = try network.makeBroker(on: store, courierKey: pair, limits: limits)
        let envelopes = try (0..<3).map { _ in try message().envelope() }
        let imported = try await take(try bundle(envelopes.map { .envelope($0) }), at: broker)
        #expect(imported.accepted == 3 && imported.left == 0)
        let caller = try network.caller(network.immigration, of: broker)
        _ = try await broker.intake.accept(try message().envelope(), from: caller)
        await #expect(throws: Refusal.self) {
            try await broker.intake.accept(try message().envelope(), from: caller)
        }
    }

    @Test func `what may wait for an agency's recipients is bounded for a bundle too, and the rest is left`()
        async throws
    {
        let roster = try network.roster { if $0.id == network.immigration.id { $0.quota.queued = 2 } }
        let broker = try network.makeBroker(on: store, roster: roster, courierKey: pair)
        let lines = try bundle(try (0..<3).map { _ in .envelope(try message().envelope()) })
        let first = try await take(lines, at: broker)
        #expect(first.accepted == 2 && first.left == 1 && first.refused == 0)
        let again = try await take(lines)
        #expect(again.accepted == 1 && again.repeated == 2, "what was left comes with the next one")
    }

    @Test func `a store that cannot write ends an import, and nothing of it is lost`() async throws {
        let lines = try bundle([.envelope(try message().envelope())])
        store.failWrites(with: StoreError(.unavailable, "full"))
        await #expect(throws: StoreError.self) { try await take(lines) }
        store.failWrites(with: nil)
        #expect(try await take(lines).accepted == 1)
    }

    @Test func `nothing is exported for whom nobody knows or can seal to`() async throws {
        func code(_ id: String) -> ErrorCode? {
            guard let id = AgencyID(id) else { return nil }
            do {
                _ = try broker.courier.export(for: id)
                return nil
            } catch { return error.code }
        }
        #expect(code("id-1709.asing") == .notFound)
        let roster = try network.roster(changing: { $0.certificates.removeAll { $0.use == .seal } })
        let other = try network.makeBroker(on: store, roster: roster)
        #expect(throws: Refusal.self) { try other.courier.export(for: network.police.id) }
    }

    @Test func `nothing is exported while an operator has paused the queue, and all of it afterwards`() async throws {
        _ = try await take(try bundle([.envelope(try message().envelope())]))
        func record(_ action: OperationAction) -> LogRecord {
            let by = OperationBy(uid: 1000, user: nil, role: .operator)
            return OperationRecord(action, by: by, reason: "CONTOH FIKTIF", at: network.now, agency: network.police.id)
                .logged
        }
        try await store.pause(network.police.id, true, record: record(.pauseQueue))
        let refusal = #expect(throws: Refusal.self) { _ = try broker.courier.export(for: network.police.id) }
        #expect(refusal?.code == .deliveryState)
        _ = try broker.courier.export(for: network.shelter.id)
        try await store.pause(network.police.id, false, record: record(.resumeQueue))
        let deliveries = try await exported(for: network.police).count {
            if case .delivery = $0 { true } else { false }
        }
        #expect(deliveries == 1)
    }

    @Test func `what leaves in a bundle is delivered before its first octet leaves`() async throws {
        let message = message()
        _ = try await take(try bundle([.envelope(try message.envelope())]))
        let key = MessageKey(sender: network.immigration.id, id: try #require(message.id))
        var lines = 0
        _ = try await broker.courier.export(for: network.police.id).write { [store] _ in
            lines += 1
            #expect(store.delivered(key) == [.delivered])
        }
        #expect(lines > 0)
        store.failWrites(with: StoreError(.unavailable, "full"))
        await #expect(throws: StoreError.self) { _ = try await exported(for: network.police) }
    }

    @Test(arguments: [1, 3, 7])
    func `a full bundle says of what is in it that it is delivered, and of nothing else`(_ most: Int) async throws {
        var limits = Limits()
        // The broker's courier key is an item too.
        (limits.bundlePage, limits.bundleItems) = (4, most + 1)
        let broker = try network.makeBroker(on: store, courierKey: pair, limits: limits)
        let messages = (0..<8).map { _ in message() }
        try await take(try bundle(messages.map { .envelope(try $0.envelope()) }))
        let items = try await exported(for: network.police, by: broker)
        let inside = items.compactMap { if case .delivery(let key, _, _, _) = $0 { key } else { nil } }
        #expect(inside.count == most)
        for message in messages {
            let key = MessageKey(sender: network.immigration.id, id: try #require(message.id))
            #expect(store.delivered(key) == (inside.contains(key) ? [.delivered] : []))
        }
    }

    @Test func `many confirmations are many writes, none of them large`() async throws {
        let digest = Digest(SHA256.hash([1]))
        let items = (0..<150).map { BundleItem.confirmation(mark: UInt64($0), digest: digest) }
        _ = try await take(try bundle(items))
        #expect(store.confirmationSizes.reduce(0, +) == 150)
        #expect(store.confirmationSizes.allSatisfy { $0 <= Limits().batchInFlight })
    }

    @Test func `the courier key is listed with the broker's word, and no agency has one`() throws {
        let directory = broker.directory.all(in: broker.rulebook.rules.roster).text
        #expect(directory.contains("\"use\":\"courier\"") && directory.contains("\"endorsement\""))
        let another = PrivateKey.generate(.p256)
        #expect(CourierKey(certificate: courierKey, key: another, endorsedBy: network.broker) == nil)
    }
}
