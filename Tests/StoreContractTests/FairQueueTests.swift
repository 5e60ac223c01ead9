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
}
