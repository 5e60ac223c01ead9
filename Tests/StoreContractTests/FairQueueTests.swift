import SimpulTesting
import Testing

@testable import SimpulStoreSQLite

@Suite struct FairQueueTests {
    typealias Queue = FairQueue<Int, Int>

    private func queue(_ weight: Int, octets: Int = .max) -> Queue {
        Queue(capacity: Queue.Size(weight: weight, octets: octets))
    }

    private func one(_ weight: Int = 1, octets: Int = 0) -> Queue.Size { Queue.Size(weight: weight, octets: octets) }

    /// How many jobs of a party are taken until it is refused.
    private func flood(_ queue: inout Queue, _ party: Int, octets: Int = 0) -> Int {
        var count = 0
        while count < 10_000, (try? queue.add(count, of: party, size: one(octets: octets))) != nil { count += 1 }
        return count
    }

    @Test func `one who floods gets three eighths of the queue, and a quarter is there for who holds little`() throws {
        var queue = queue(4096)
        #expect(flood(&queue, 1) == 1536)
        #expect(flood(&queue, 2) == 768)
        for party in 3..<12 { _ = flood(&queue, party) }
        // Hardly more than the three quarters.
        #expect(queue.held.weight <= 3072 + 11 * 64)
        for party in 100..<200 { try queue.add(0, of: party, size: one()) }
        #expect(queue.held.weight <= 4096)
    }

    @Test func `octets are shared as writes are`() {
        var queue = queue(1000, octets: 1000)
        #expect(flood(&queue, 1, octets: 10) == 38)
        #expect(throws: Queue.Refusal.octets) { try queue.add(0, of: 1, size: one(octets: 10)) }
        #expect(throws: Never.self) { try queue.add(0, of: 2, size: one(octets: 10)) }
    }

    @Test func `a job larger than the queue is taken where nothing else waits`() throws {
        var queue = queue(10, octets: 10)
        try queue.add(1, of: 1, size: one(64, octets: 64))
        #expect(throws: Queue.Refusal.weight) { try queue.add(2, of: 2, size: one()) }
        #expect(queue.take(atMost: 8) == [1])
        #expect(queue.take(atMost: 8).isEmpty && queue.isEmpty)
    }

    @Test func `who comes after a flood is in the next batch`() throws {
        var queue = queue(4096)
        for job in 0..<1500 { try queue.add(job, of: 1, size: one()) }
        try queue.add(-1, of: 2, size: one())
        #expect(queue.take(atMost: 256).contains(-1))
    }

    @Test func `heavy jobs get no more than light ones`() throws {
        var queue = queue(100_000)
        for job in 0..<100 { try queue.add(job, of: 1, size: one(64)) }
        for job in 100..<2100 { try queue.add(job, of: 2, size: one()) }
        var weights = [0, 0]
        for _ in 0..<16 {
            for job in queue.take(atMost: 256) { weights[job < 100 ? 0 : 1] += job < 100 ? 64 : 1 }
        }
        #expect(weights.allSatisfy { $0 > 1500 })
    }

    @Test(arguments: 0..<20)
    func `nothing is lost, doubled or out of its party's order, and no batch is too heavy`(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var queue = queue(300, octets: 3000)
        var expected: [Int: [Int]] = [:]
        var number = 0
        var weights: [Int: Int] = [:]
        for _ in 0..<3000 {
            if Int.random(in: 0..<10, using: &random) < 8 {
                let (party, weight) = (
                    Int.random(in: 0..<6, using: &random), Int.random(in: 1...20, using: &random)
                )
                let size = one(weight, octets: weight * 10)
                guard (try? queue.add(number, of: party, size: size)) != nil else { continue }
                expected[party, default: []].append(number)
                weights[number] = weight
                number += 1
            } else {
                let jobs = queue.take(atMost: 64)
                #expect(jobs.reduce(0) { $0 + (weights[$1] ?? 0) } <= 64)
                for job in jobs {
                    let party = expected.first { $0.value.first == job }?.key
                    #expect(party != nil)
                    if let party { expected[party]?.removeFirst() }
                }
                #expect(!jobs.isEmpty || expected.values.allSatisfy(\.isEmpty))
            }
            let left = expected.values.joined().reduce(0) { $0 + (weights[$1] ?? 0) }
            #expect(queue.held == one(left, octets: left * 10))
            #expect(left <= 300)
        }
    }

    // MARK: Shares

    @Test func `who sends one at a time gets no more than who keeps a queue`() throws {
        for weight in [1, 5, 16, 20, 64] {
            var queue = queue(100_000)
            for job in 0..<20_000 { try queue.add(job, of: 1, size: one()) }
            var served = [0, 0]
            for _ in 0..<200 {
                if !queue.weights.keys.contains(2) { try queue.add(-1, of: 2, size: one(weight)) }
                for job in queue.take(atMost: 8) { served[job < 0 ? 1 : 0] += job < 0 ? weight : 1 }
                #expect(served[1] <= served[0] + weight)
            }
            // Of the lightest jobs one for each take is less than a share.
            if weight > 1 { #expect(served[1] + weight >= served[0], "nor less") }
        }
    }

    @Test func `who comes back within its debt waits until others have had as much`() throws {
        var queue = queue(1000)
        try queue.add(-1, of: 1, size: one(16))
        for job in 0..<100 { try queue.add(job, of: 2, size: one()) }
        #expect(queue.take(atMost: 16) == [-1])
        try queue.add(-2, of: 1, size: one())
        // Of equal ones it is the first who has waited longer.
        let next = queue.take(atMost: 18)
        #expect(next.prefix(17).elementsEqual(0..<17) && next.last == -2)
    }

    @Test func `a party that was away for long has saved nothing and owes nothing`() throws {
        var queue = queue(10_000)
        try queue.add(-1, of: 1, size: one(16))
        for job in 0..<1000 { try queue.add(job, of: 2, size: one()) }
        #expect(queue.take(atMost: 500).count == 485)
        for job in 1...100 { try queue.add(-1 - job, of: 1, size: one()) }
        let next = queue.take(atMost: 100)
        #expect(next.count { $0 < 0 } == 50)
    }

    @Test func `debts are forgotten once they are paid, when nobody waits, and beyond their bound`() throws {
        var queue = queue(1 << 20)
        for party in 1...5000 { try queue.add(party, of: party, size: one(2)) }
        try queue.add(0, of: 0, size: one(9))
        try queue.add(0, of: 0, size: one(9))
        var most = 0
        while !queue.weights.isEmpty, queue.weights.count > 1 {
            _ = queue.take(atMost: 256)
            most = max(most, queue.debtors)
        }
        #expect(most > 0 && most <= Queue.mostDebts + 256)
        while !queue.isEmpty { _ = queue.take(atMost: 256) }
        #expect(queue.debtors == 0)
    }

    /// Random arrivals of parties that each have their own habits, and every share that matters.
    @Test(arguments: 0..<40)
    func `nobody gets more than who waits all the time, but for one job of each`(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var shares = Shares(parties: 5, queue: queue(4096))
        let heaviest = (0..<5).map { _ in Int.random(in: 1...64, using: &random) }
        let eagerness = (0..<5).map { _ in Int.random(in: 1...20, using: &random) }
        for _ in 0..<4000 {
            for party in 0..<5 where Int.random(in: 0..<20, using: &random) < eagerness[party] {
                // Some send one at a time, some keep a queue.
                if party % 2 == 0, shares.isWaiting(party) { continue }
                shares.add(Int.random(in: 1...heaviest[party], using: &random), of: party)
            }
            shares.take(atMost: Int.random(in: 1...64, using: &random))
        }
        #expect(shares.faults == [])
    }

    @Test(arguments: 0..<20)
    func `two that wait since the same moment have had the same but for one job`(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var queue = queue(1 << 20)
        var weights: [Int: (party: Int, weight: Int)] = [:]
        var (heaviest, number) = (0, 0)
        for party in 0..<4 {
            let most = Int.random(in: 1...64, using: &random)
            for _ in 0..<400 {
                let weight = Int.random(in: 1...most, using: &random)
                weights[number] = (party, weight)
                heaviest = max(heaviest, weight)
                try? queue.add(number, of: party, size: one(weight))
                number += 1
            }
        }
        var served = [0, 0, 0, 0]
        while queue.weights.count == 4 {
            for job in queue.take(atMost: 1) {
                guard let (party, weight) = weights[job] else { continue }
                served[party] += weight
            }
            #expect((served.max() ?? 0) - (served.min() ?? 0) <= heaviest)
        }
    }
}

/// What each party was served while another one waited without a break.
private struct Shares {
    private var queue: FairQueueTests.Queue
    private var weights: [Int: (party: Int, weight: Int)] = [:]
    private var number = 0
    private var waiting: [Int]
    private var heaviest: [Int]
    /// By how much the first is ahead of the second since the second waits, and the least that it ever was.
    private var ahead: [[(now: Int, least: Int)]]
    private(set) var faults: Set<String> = []

    init(parties: Int, queue: FairQueueTests.Queue) {
        self.queue = queue
        waiting = Array(repeating: 0, count: parties)
        heaviest = waiting
        ahead = Array(repeating: Array(repeating: (0, 0), count: parties), count: parties)
    }

    func isWaiting(_ party: Int) -> Bool { waiting[party] > 0 }

    mutating func add(_ weight: Int, of party: Int) {
        guard (try? queue.add(number, of: party, size: .init(weight: weight, octets: 0))) != nil else { return }
        weights[number] = (party, weight)
        heaviest[party] = max(heaviest[party], weight)
        if waiting[party] == 0 { for other in ahead.indices { ahead[other][party] = (0, 0) } }
        waiting[party] += 1
        number += 1
    }

    mutating func take(atMost most: Int) {
        for job in queue.take(atMost: most) {
            guard let (party, weight) = weights.removeValue(forKey: job) else { continue }
            for other in ahead.indices where other != party {
                if waiting[other] > 0 { move(party, other, by: weight) }
                move(other, party, by: -weight)
            }
            waiting[party] -= 1
        }
    }

    private mutating func move(_ one: Int, _ other: Int, by weight: Int) {
        ahead[one][other].now += weight
        ahead[one][other].least = min(ahead[one][other].least, ahead[one][other].now)
        if ahead[one][other].now - ahead[one][other].least > heaviest[one] + heaviest[other] {
            faults.insert("\(one) is ahead of \(other)")
        }
    }
}
