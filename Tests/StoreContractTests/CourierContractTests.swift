import JOSE
import SimpulBroker
import SimpulCore
import SimpulEnvelope
import SimpulTesting
import Testing

/// What a store tells the courier, and what it lets go of by a bundle's word.
@Suite struct CourierContractTests {
    private func unsettled(
        _ bench: Bench, after place: CourierPlace? = nil, limit: Int = 10, bytes: Int = 1 << 20
    ) async throws -> UnsettledPage {
        try await bench.store.unsettled(for: bench.network.police.id, after: place, limit: limit, bytes: bytes)
    }

    private func confirmation(_ receipt: UntoldReceipt) -> CourierConfirmation {
        CourierConfirmation(leaf: receipt.leaf, digest: Digest(SHA256.hash(receipt.receipt.token)))
    }

    @Test(arguments: Engine.allCases)
    func `what waits is read without a lease, most urgent first, and goes on waiting`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let late = try await bench.message()
        let urgent = try await bench.message { $0.becomeSealedAlert(for: [bench.network.police]) }
        for message in [late, urgent] { _ = try await bench.accept(message) }
        let size = try await bench.logSize()
        let page = try await unsettled(bench)
        #expect(page.deliveries.map(\.key) == [urgent.key, late.key] && page.next == nil)
        #expect(page.deliveries.first?.envelope == urgent.envelope)
        #expect(page.deliveries.first?.due == urgent.due.first)
        #expect(try await bench.logSize() == size)
        #expect(try await bench.store.state(of: urgent.key)?.state == .waiting)
        #expect(try await unsettled(bench) == page)
        let leased = try await bench.claim()
        #expect(leased.map(\.receipt) == page.deliveries.map(\.receipt))
    }

    @Test(arguments: Engine.allCases)
    func `leased and given back deliveries are read, settled ones and others' are not`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let messages = try await bench.messages(3)
        for message in messages { _ = try await bench.accept(message) }
        _ = try await bench.accept(try await bench.message(to: [bench.network.shelter]))
        let leased = try await bench.claim()
        _ = try await bench.settle(leased[0].token)
        _ = try await bench.store.giveBack(
            leased[1].token, of: bench.network.police.id, at: bench.now, until: bench.now.advanced(bySeconds: 60),
            isFailure: false)
        #expect(try await unsettled(bench).deliveries.map(\.key) == leased.dropFirst().map(\.key))
    }

    @Test(arguments: Engine.allCases)
    func `pages follow each other without a gap, by count and by octets`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        for message in try await bench.messages(5) { _ = try await bench.accept(message) }
        let all = try await unsettled(bench).deliveries
        for (limit, bytes) in [(2, 1 << 20), (10, 1)] {
            var (read, place, pages): ([UnsettledDelivery], CourierPlace?, Int) = ([], nil, 0)
            repeat {
                let page = try await unsettled(bench, after: place, limit: limit, bytes: bytes)
                (read, place, pages) = (read + page.deliveries, page.next, pages + 1)
            } while place != nil && pages < 10
            #expect(read == all && pages == (limit == 2 ? 3 : 5))
        }
    }

    @Test(arguments: Engine.allCases)
    func `rungs wait until they are confirmed by leaf and digest, by whom they are for`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let (desk, police) = (bench.network.immigration.id, bench.network.police.id)
        _ = try await bench.accept(try await bench.message())
        _ = try await bench.settle(try #require(try await bench.claim().first).token)
        let untold = try await bench.store.untold(for: desk, after: nil, limit: 10)
        #expect(untold.count == 2 && untold.allSatisfy { $0.id != nil })
        #expect(try await bench.store.untold(for: desk, after: untold[0].leaf, limit: 10) == [untold[1]])
        #expect(try await bench.store.untold(for: desk, after: nil, limit: 1) == [untold[0]])
        #expect(try await bench.store.untold(for: police, after: nil, limit: 10) == [])
        var wrong = confirmation(untold[0])
        wrong.leaf = untold[1].leaf
        let absent = CourierConfirmation(leaf: 1_000_000, digest: wrong.digest)
        #expect(try await bench.store.confirm([wrong, absent], by: desk) == 0)
        #expect(try await bench.store.confirm(untold.map(confirmation), by: police) == 0)
        #expect(try await bench.store.untold(for: desk, after: nil, limit: 10) == untold)
        // One is leased: the wire and the bundle tell of the same rung.
        let leased = try await bench.claimRungs(limit: 1)
        #expect(try await bench.store.untold(for: desk, after: nil, limit: 10) == untold)
        #expect(try await bench.store.confirm(untold.map(confirmation), by: desk) == 2)
        #expect(try await bench.store.confirm(untold.map(confirmation), by: desk) == 0)
        #expect(try await bench.store.untold(for: desk, after: nil, limit: 10) == [])
        #expect(try await bench.claimRungs(at: bench.now.advanced(bySeconds: 3600)).isEmpty)
        #expect(try await bench.settle(leased[0].token, of: bench.network.immigration) == .settled)
    }

    @Test(arguments: Engine.allCases)
    func `answers are kept once, until they are confirmed`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let (desk, police) = (bench.network.immigration.id, bench.network.police.id)
        let message = try await bench.message()
        let accepted = try #require(try await bench.accept(message).receipt)
        let refused = Receipt(token: Array("a.refusal.here".utf8))
        let leaf = try await bench.store.append(LogRecord(receipt: refused, at: bench.now))
        let answers: [CourierAnswer] = [.accepted(message.key.id), .refused(leaf: leaf)]
        try await bench.store.keep(answers + answers, for: desk)
        // Another agency has no such message.
        try await bench.store.keep([.accepted(message.key.id)], for: police)
        let kept = try await bench.store.answers(for: desk, after: nil, limit: 10)
        #expect(kept.map(\.receipt) == [accepted, refused])
        #expect(try await bench.store.answers(for: desk, after: kept[0].leaf, limit: 10) == [kept[1]])
        #expect(try await bench.store.answers(for: police, after: nil, limit: 10) == [])
        #expect(try await bench.store.confirm(kept.map(confirmation), by: police) == 0)
        #expect(try await bench.store.confirm(kept.map(confirmation), by: desk) == 2)
        #expect(try await bench.store.answers(for: desk, after: nil, limit: 10) == [])
    }

    // MARK: What leaves in a bundle

    private func carry(_ bench: Bench, _ messages: [AuthorizedMessage]) async throws {
        let network = bench.network
        try await bench.store.carry(messages.map(\.key), to: network.police.id, at: bench.now) {
            try network.step(.delivered, $0)
        }
    }

    @Test(arguments: Engine.allCases)
    func `what leaves in a bundle is delivered once, is told, and waits as before`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let message = try await bench.message()
        _ = try await bench.accept(message)
        for _ in 0..<2 { try await carry(bench, [message]) }
        let delivery = try #require(try await bench.store.state(of: message.key)?.deliveries.first)
        #expect(delivery.state == .waiting && delivery.rungs.map(\.rung) == [.delivered])
        #expect(try await bench.logSize() == 2)
        #expect(try await bench.claimRungs().count == 1)
        try bench.expectCleanAudit()
        let leased = try #require(try await bench.claim().first)
        #expect(leased.attempt == 1)
        #expect(try await bench.logSize() == 2, "delivered before")
        #expect(try await bench.settle(leased.token) == .settled)
        try await carry(bench, [message])
        #expect(try await bench.logSize() == 3)
        try bench.expectCleanAudit()
    }

    @Test(arguments: Engine.allCases)
    func `who has a message in a bundle is told when it is cancelled, and its envelope stays`(
        _ engine: Engine
    ) async throws {
        let bench = try Bench(engine)
        let network = bench.network
        let message = try await bench.message()
        _ = try await bench.accept(message)
        try await carry(bench, [message])
        #expect(try await bench.order(.cancel, message) == .done([network.police.id]))
        #expect(try await bench.claimRungs(network.police).count == 1)
        try bench.expectErased([])
    }

    @Test(arguments: Engine.allCases)
    func `a bundle is for its own agency's messages alone`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let other = try await bench.message(to: [bench.network.shelter])
        _ = try await bench.accept(other)
        try await carry(bench, [other, try await bench.message()])
        #expect(try await bench.store.state(of: other.key)?.deliveries.first?.rungs.isEmpty == true)
        #expect(try await bench.logSize() == 1)
    }

    @Test(arguments: Engine.allCases)
    func `what an operator has set aside leaves in no bundle`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let messages = try await bench.messages(2)
        for message in messages { _ = try await bench.accept(message) }
        #expect(try await bench.order(.park, messages[0]) == .done([bench.network.police.id]))
        #expect(try await unsettled(bench).deliveries.map(\.key) == [messages[1].key])
    }

    @Test(arguments: Engine.allCases)
    func `a bundle has the order of the queue, senders in turn, on one page and on many`(_ engine: Engine) async throws
    {
        let bench = try Bench(engine)
        for message in try await bench.messages(6) { _ = try await bench.accept(message) }
        for _ in 0..<3 {
            _ = try await bench.accept(try await bench.message(from: bench.network.shelter))
        }
        let all = try await unsettled(bench).deliveries.map(\.key)
        var (paged, place): ([MessageKey], CourierPlace?) = ([], nil)
        repeat {
            let page = try await unsettled(bench, after: place, limit: 2)
            (paged, place) = (paged + page.deliveries.map(\.key), page.next)
        } while place != nil && paged.count < 20
        #expect(all.prefix(6).count { $0.sender == bench.network.shelter.id } == 3)
        #expect(paged == all)
        #expect(try await bench.claim(limit: 20).map(\.key) == all)
    }

    @Test(arguments: Engine.allCases)
    func `what is confirmed is counted no more, and the audit is clean`(_ engine: Engine) async throws {
        let bench = try Bench(engine)
        let desk = bench.network.immigration.id
        _ = try await bench.accept(try await bench.message())
        _ = try await bench.settle(try #require(try await bench.claim().first).token)
        #expect(try await bench.store.statistics(at: bench.now).queues[desk]?.rungs == 2)
        let untold = try await bench.store.untold(for: desk, after: nil, limit: 10)
        for (index, receipt) in untold.enumerated() {
            for _ in 0..<2 { _ = try await bench.store.confirm([confirmation(receipt)], by: desk) }
            #expect(try await bench.store.statistics(at: bench.now).queues[desk]?.rungs ?? 0 == 1 - index)
            try bench.expectCleanAudit()
        }
    }
}
