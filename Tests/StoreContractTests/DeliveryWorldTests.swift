import Foundation
import SimpulBroker
import SimpulCore
import SimpulStoreSQLite
import SimpulTesting
import Testing

/// Agencies with two consumers each, and whatever can happen to their deliveries, in random order: a seed replays its run.
///
/// `SIMPUL_WORLD_STEPS` sets the number of steps of each run, 600 by default, and `SIMPUL_WORLD_SEED` the one seed of it:
/// 100 000 steps take minutes.
@Suite struct DeliveryWorldTests {
    private static let steps =
        ProcessInfo.processInfo.environment["SIMPUL_WORLD_STEPS"].flatMap { Int($0) } ?? 600

    private static let seeds: [UInt64] =
        ProcessInfo.processInfo.environment["SIMPUL_WORLD_SEED"].flatMap { UInt64($0) }.map { [$0] } ?? [1, 2, 3, 4]

    @Test(arguments: Engine.allCases, seeds)
    func `nothing is lost, given to two, or without a reason`(_ engine: Engine, _ seed: UInt64) async throws {
        var world = try World(Bench(engine, limits: World.limits), seed: seed)
        for _ in 0..<Self.steps { try await world.step() }
        try await world.settleEverything()
        await world.close()
    }
}

/// What a test believes of a store, beside the store.
private struct World {
    /// A delivery as its consumers know it.
    struct Known {
        var leaseUntil = Timestamp.epoch
        var tokens: [(token: DeliveryToken, until: Timestamp)] = []
        var attempts = 0
        var isSettled = false
        var height = Rung.accepted.height
        var openedAt: Timestamp?
    }

    /// Five minutes stand for the day after which an opened message is purged.
    static var limits: Limits {
        var limits = Limits()
        (limits.openedBodySeconds, limits.purgedLogSeconds) = (300, 0)
        return limits
    }

    struct Place: Hashable {
        var key: MessageKey
        var agency: AgencyID
    }

    private var bench: Bench
    private var random: SeededRandom
    private let seed: UInt64
    private var number = 0
    private var now: Timestamp
    /// The latest moment that the clock has shown.
    private var latest: Timestamp
    private var messages: [AuthorizedMessage] = []
    private var receipts: [MessageKey: Receipt] = [:]
    private var known: [Place: Known] = [:]
    /// The places in the order of submission: ids are new in each run, and must not choose.
    private var places: [Place] = []
    private let recipients: [TestAgency]

    init(_ bench: Bench, seed: UInt64) {
        self.bench = bench
        self.seed = seed
        random = SeededRandom(seed: seed)
        (now, latest) = (bench.now, bench.now)
        recipients = [bench.network.police, bench.network.shelter]
    }

    private var place: Comment { "seed \(seed), step \(number)" }

    mutating func step() async throws {
        number += 1
        // Now and then the clock jumps, also back.
        let jump = Int.random(in: 0..<200, using: &random)
        now = now.advanced(bySeconds: jump == 0 ? -120 : jump < 5 ? 600 : Int64.random(in: 0...5, using: &random))
        latest = max(latest, now)
        switch Int.random(in: 0..<100, using: &random) {
        case 0..<12: try await submit()
        case 12..<16: try await repeatSubmission()
        case 16..<45: try await claim(by: recipients.randomElement(using: &random))
        case 45..<62: try await acknowledge()
        case 62..<72: try await giveBack()
        case 72..<78: try await extend()
        case 78..<84: try await release()
        case 84..<92: try await open()
        case 92..<96: try await look()
        case 96..<98: try await purge()
        default: try await restart()
        }
    }

    /// Everything that is still open comes out, and is settled; nothing else does.
    mutating func settleEverything() async throws {
        now = latest.advanced(bySeconds: 86400)
        latest = now
        for recipient in recipients {
            while true {
                let leased = try await claim(by: recipient)
                if leased.isEmpty { break }
                for delivery in leased {
                    #expect(try await bench.settle(delivery.token, of: recipient, at: now) == .settled, place)
                    known[Place(key: delivery.key, agency: recipient.id)]?.isSettled = true
                    known[Place(key: delivery.key, agency: recipient.id)]?.height = Rung.acknowledged.height
                }
            }
        }
        #expect(!known.values.contains { !$0.isSettled }, "seed \(seed): a delivery was forgotten")
        for message in messages { try await look(at: message) }
        while try await bench.store.purge(at: now, limit: 50).isFull {}
        #expect(messages.allSatisfy { bench.envelope(of: $0).isEmpty }, "seed \(seed): an envelope was forgotten")
        for message in messages { try await look(at: message) }
        guard bench.folder != nil else { return }
        await (bench.store as? SQLiteStore)?.close()
        let findings = try bench.audit().findings
        #expect(findings == [], "seed \(seed): \(findings.prefix(4))")
    }

    func close() async { await (bench.store as? SQLiteStore)?.close() }

    // MARK: What may happen

    private mutating func submit() async throws {
        guard messages.count < 400 else { return }
        let to = Bool.random(using: &random) ? recipients : [recipients[0]]
        let message = try await bench.message(to: to)
        let outcome = try await bench.accept(message, at: now, queued: .max)
        guard case .accepted(let receipt) = outcome else { return _ = Issue.record("not accepted: \(place)") }
        messages.append(message)
        receipts[message.key] = receipt
        for agency in to {
            known[Place(key: message.key, agency: agency.id)] = Known()
            places.append(Place(key: message.key, agency: agency.id))
        }
    }

    private mutating func repeatSubmission() async throws {
        guard let message = messages.randomElement(using: &random) else { return }
        let outcome = try await bench.accept(message, at: now, queued: .max)
        #expect(outcome.receipt == receipts[message.key], place)
    }

    @discardableResult
    private mutating func claim(by recipient: TestAgency?) async throws -> [LeasedDelivery] {
        guard let recipient else { return [] }
        let lease = Int64.random(in: 1...60, using: &random)
        let limit = Int.random(in: 1...3, using: &random)
        let leased = try await bench.claim(recipient, limit: limit, at: now, lease: lease)
        for delivery in leased {
            let place = Place(key: delivery.key, agency: recipient.id)
            guard var one = known[place] else {
                Issue.record("a delivery that nobody sent: \(self.place)")
                continue
            }
            #expect(!one.isSettled, "given out after it was settled: seed \(seed), step \(number)")
            #expect(life(of: one) != .lives, "given out under a live lease: seed \(seed), step \(number)")
            one.attempts += 1
            #expect(delivery.attempt == one.attempts, self.place)
            let sent = messages.first { $0.key == delivery.key }
            #expect(delivery.envelope == sent?.envelope, "missing or another: seed \(seed), step \(number)")
            one.leaseUntil = delivery.leaseUntil
            one.tokens.append((delivery.token, delivery.leaseUntil))
            one.height = max(one.height, Rung.delivered.height)
            known[place] = one
        }
        return leased
    }

    private enum Life { case lives, over, unclear }

    /// Whether a delivery is under a lease. Where the clock was set back, its end may have been seen before: then the
    /// store may have gone either way.
    private func life(of one: Known) -> Life {
        if one.isSettled || one.leaseUntil <= now { return .over }
        return one.leaseUntil > latest ? .lives : .unclear
    }

    /// One of the tokens of one delivery, mostly the newest.
    private mutating func token() -> (place: Place, token: DeliveryToken, life: Life)? {
        let held = places.filter { known[$0]?.tokens.isEmpty == false }
        guard let place = held.randomElement(using: &random), let one = known[place] else { return nil }
        let old = Int.random(in: 0..<4, using: &random) == 0
        let chosen = old ? one.tokens.randomElement(using: &random) : one.tokens.last
        guard let chosen, let newest = one.tokens.last else { return nil }
        return (place, chosen.token, chosen.token == newest.token ? life(of: one) : .over)
    }

    private func agency(_ id: AgencyID) -> TestAgency? { recipients.first { $0.id == id } }

    private mutating func acknowledge() async throws {
        guard let (place, token, life) = token(), let one = known[place] else { return }
        let outcome = try await bench.settle(token, of: agency(place.agency), at: now)
        // Of a delivery's older leases only the newest few are remembered.
        if one.isSettled { return #expect(token != one.tokens.last?.token || outcome == .settled, self.place) }
        #expect(life != .lives || outcome == .settled, self.place)
        #expect(life != .over || outcome != .settled, "an ended lease acknowledged: seed \(seed), step \(number)")
        guard outcome == .settled else { return }
        known[place]?.isSettled = true
        known[place]?.height = max(one.height, Rung.acknowledged.height)
    }

    private mutating func giveBack() async throws {
        guard let (place, token, life) = token() else { return }
        let until = Bool.random(using: &random) ? now.advanced(bySeconds: 30) : nil
        let outcome = try await bench.store.giveBack(
            token, of: place.agency, at: now, until: until, isFailure: Bool.random(using: &random))
        guard case .done = outcome else { return #expect(life != .lives, self.place) }
        #expect(life != .over, self.place)
        known[place]?.leaseUntil = .epoch
    }

    private mutating func extend() async throws {
        guard let (place, token, life) = token() else { return }
        let outcome = try await bench.store.extend(
            token, of: place.agency, at: now, until: now.advanced(bySeconds: 90), totalSeconds: 900)
        guard case .done(let until) = outcome else { return #expect(life != .lives, self.place) }
        #expect(life != .over && until >= known[place]?.leaseUntil ?? .epoch, self.place)
        known[place]?.leaseUntil = until
    }

    /// The connection that carried the newest lease is gone.
    private mutating func release() async throws {
        guard let (place, token, _) = token(), let newest = known[place]?.tokens.last, newest.token == token else {
            return
        }
        try await bench.store.release([token], of: place.agency)
        if known[place]?.isSettled == false { known[place]?.leaseUntil = .epoch }
    }

    /// A receipt of its own, late, early, or again.
    private mutating func open() async throws {
        guard let place = places.randomElement(using: &random) else { return }
        let (rung, network) = (Rung.opened, bench.network)
        let outcome = try await bench.store.record(place.key, of: place.agency, at: now) { event throws(Refusal) in
            do { return SignedRung(rung: rung, receipt: try network.step(rung, event)) } catch {
                throw Refusal(.internalError, at: .deliver, ErrorCode.internalError.title)
            }
        }
        #expect(outcome == .settled, self.place)
        known[place]?.isSettled = true
        let height = known[place]?.height ?? 0
        known[place]?.height = max(height, rung.height)
        if height < rung.height { known[place]?.openedAt = now }
    }

    private mutating func purge() async throws {
        try await bench.store.rearmClocks(at: now)
        _ = try await bench.store.purge(at: now, limit: Int.random(in: 1...50, using: &random))
        for message in messages where bench.envelope(of: message).isEmpty { try await look(at: message) }
    }

    private mutating func look() async throws {
        if let message = messages.randomElement(using: &random) { try await look(at: message) }
    }

    private func look(at message: AuthorizedMessage) async throws {
        let state = try #require(try await bench.store.state(of: message.key), place)
        #expect(bench.envelope(of: message) == (state.purged == nil ? message.envelope : []), place)
        if let purged = state.purged, purged < message.header.expires {
            for delivery in state.deliveries {
                let opened = try #require(known[Place(key: message.key, agency: delivery.agency)]?.openedAt, place)
                #expect(purged >= opened.advanced(bySeconds: 300), "purged too early: seed \(seed), step \(number)")
            }
        }
        for delivery in state.deliveries {
            let one = try #require(known[Place(key: message.key, agency: delivery.agency)], place)
            #expect(delivery.state.isSettled == one.isSettled, place)
            #expect(delivery.standing.rung.height == one.height, place)
            let heights = delivery.rungs.map(\.rung.height)
            #expect(heights == heights.sorted() && Set(heights).count == heights.count, place)
            let reason = delivery.standing.reason(at: now, queue: QueueFacts())
            #expect((reason == nil) == one.isSettled, place)
            let life = life(of: one)
            #expect(life == .unclear || (reason?.code == .leased) == (life == .lives), place)
        }
    }

    private mutating func restart() async throws {
        guard let store = bench.store as? SQLiteStore else { return }
        await store.close()
        bench = try bench.reopened(limits: Self.limits)
    }
}
