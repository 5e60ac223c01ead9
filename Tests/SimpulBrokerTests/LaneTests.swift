import SimpulBroker
import SimpulCore
import SimpulTesting
import Testing

/// One queue of one rank, as a store keeps it.
private struct Queue {
    struct Item: Equatable {
        var sender: Int
        var number: Int
        var turn: Int
        var order: Int
    }

    var lanes: [Int: Lane] = [:]
    var items: [Item] = []
    var served = 0
    var accepted = 0
    private var numbers: [Int: Int] = [:]

    mutating func accept(_ sender: Int) {
        let turn = lanes[sender, default: Lane()].enter(served: served)
        numbers[sender, default: 0] += 1
        items.append(Item(sender: sender, number: numbers[sender] ?? 0, turn: turn, order: accepted))
        accepted += 1
    }

    mutating func serve() -> Item? {
        guard let next = items.min(by: { ($0.turn, $0.order) < ($1.turn, $1.order) }) else { return nil }
        items.removeAll { $0.order == next.order }
        served = max(served, next.turn)
        lanes[next.sender]?.leave()
        return next
    }

    /// What is taken back before anybody got it.
    mutating func withdraw(_ sender: Int) {
        for item in items where item.sender == sender { lanes[item.sender]?.leave() }
        items.removeAll { $0.sender == sender }
    }
}

@Suite struct LaneTests {
    @Test func `a flood of one sender delays another's message by one of its own`() {
        var queue = Queue()
        for _ in 0..<1000 { queue.accept(1) }
        for _ in 0..<10 { _ = queue.serve() }
        queue.accept(2)
        // The turn that is served, and one of the flood beside it.
        let next = (0..<2).compactMap { _ in queue.serve()?.sender }
        #expect(next.contains(2))
    }

    @Test func `a sender with one message at a time gets no more than its share`() {
        var queue = Queue()
        for _ in 0..<100 { queue.accept(1) }
        queue.accept(2)
        var counts: [Int: Int] = [:]
        for _ in 0..<60 {
            let sender = queue.serve()?.sender ?? 0
            counts[sender, default: 0] += 1
            if sender == 2 { queue.accept(2) }
        }
        #expect(counts[1, default: 0] >= 29 && counts[2, default: 0] >= 29)
    }

    @Test func `who has taken everything back is not punished for it`() {
        var queue = Queue()
        for _ in 0..<1000 { queue.accept(1) }
        for _ in 0..<100 { queue.accept(2) }
        queue.withdraw(1)
        queue.accept(1)
        let next = (0..<3).compactMap { _ in queue.serve()?.sender }
        #expect(next.contains(1))
    }

    @Test func `what a sender has not had for a while is not made up for`() {
        var queue = Queue()
        for _ in 0..<100 { queue.accept(1) }
        for _ in 0..<50 { _ = queue.serve() }
        for _ in 0..<10 { queue.accept(2) }
        var counts: [Int: Int] = [:]
        for _ in 0..<10 { counts[queue.serve()?.sender ?? 0, default: 0] += 1 }
        #expect(counts[1, default: 0] >= 4)
    }

    @Test(arguments: 0..<50)
    func `every sender keeps its order, gets its share, and never starves`(_ seed: UInt64) {
        var random = SeededRandom(seed: seed)
        var queue = Queue()
        var served: [Int: Int] = [:]
        // For each waiting message: the others that were served since it was the first of its sender.
        var passedBy: [Int: [Int: Int]] = [:]
        for _ in 0..<2000 {
            if Int.random(in: 0..<100, using: &random) < 55 {
                // Sender 0 floods.
                let sender = Bool.random(using: &random) ? 0 : Int.random(in: 1..<6, using: &random)
                for _ in 0..<(sender == 0 ? Int.random(in: 1..<10, using: &random) : 1) { queue.accept(sender) }
            } else if let item = queue.serve() {
                #expect(item.number == served[item.sender, default: 0] + 1)
                served[item.sender] = item.number
                passedBy[item.sender] = nil
                for sender in Set(queue.items.map(\.sender)) where sender != item.sender {
                    passedBy[sender, default: [:]][item.sender, default: 0] += 1
                    // The turn that is served now, and the one of the message.
                    #expect(passedBy[sender]?[item.sender] ?? 0 <= 2)
                }
            }
        }
        #expect(queue.lanes.values.allSatisfy { $0.open >= 0 })
        #expect(queue.lanes.values.reduce(0) { $0 + $1.open } == queue.items.count)
    }
}
