/// A bounded queue that nobody can fill for the others, and in which each party has its turn.
///
/// **Room.** A quarter of the queue is kept for those who hold little: at most one part in 64 of it. Of the rest a party
/// may hold as much as is free (the dynamic threshold of Choudhury and Hahne, 1998, with the factor 1): one that floods
/// gets three eighths of the whole, and leaves as much to the next. So of 4096 writes 1024 are for parties with at most
/// 64 each, whoever floods.
///
/// **Turns.** Start-time fair queueing (Goyal, Vin and Cheng, 1996): a job starts, in a time that counts writes, where the
/// one before of its party ends, or now where that is past; the earliest start is served first. Now is the start of what
/// was served last. So two parties that both wait since the same moment have had the same but for one job, whatever
/// their jobs weigh; and who sends one job at a time pays for each as who keeps a queue does, since the end of its last
/// job is remembered until now has passed it. Jobs of one party stay in their order.
///
/// A value without a lock, a clock or a thread. Taking a job costs a few steps for each doubling of those who wait.
struct FairQueue<Party: Hashable, Job> {
    /// How much a job or the queue holds: writes, and octets.
    struct Size: Hashable, Sendable {
        var weight: Int
        var octets: Int

        static func + (one: Size, other: Size) -> Size {
            Size(weight: one.weight + other.weight, octets: one.octets + other.octets)
        }

        static func - (one: Size, other: Size) -> Size {
            Size(weight: one.weight - other.weight, octets: one.octets - other.octets)
        }
    }

    /// Why a job was not taken.
    enum Refusal: Error, Hashable {
        /// As many writes wait as may.
        case weight
        /// As many octets wait as may.
        case octets
    }

    /// What a party waits with.
    fileprivate struct Waiting {
        let party: Party
        var jobs: [(job: Job, size: Size)] = []
        /// Jobs before this one are gone; they are removed some time later, all at once.
        var next = 0
        var held = Size(weight: 0, octets: 0)

        var isEmpty: Bool { next == jobs.count }

        mutating func pop() -> (job: Job, size: Size) {
            let first = jobs[next]
            next += 1
            held = held - first.size
            if next > 64, next * 2 > jobs.count {
                jobs.removeFirst(next)
                next = 0
            }
            return first
        }
    }

    /// Parties without a job whose last one ends later than now, at the most: beyond that some are forgiven. Each costs
    /// about a hundred octets. Only who was served within the length of the heaviest job owes anything.
    static var mostDebts: Int { 1024 }

    private let capacity: Size
    private(set) var held = Size(weight: 0, octets: 0)
    /// What waits, each party in a place of its own; places that nobody holds are used again.
    private var waiting: [Waiting?] = []
    private var free: [Int] = []
    private var places: [Party: Int] = [:]
    private var turns = TurnHeap()
    private var entered = 0
    /// The start of what was served last.
    private var now = 0
    /// Where the last job of those ends who have none here.
    private var debts: [Party: Int] = [:]
    private var debtsToSweep = 64

    /// A queue that holds so much at the most.
    init(capacity: Size) { self.capacity = capacity }

    var isEmpty: Bool { turns.isEmpty }

    /// How many parties without a job are remembered.
    var debtors: Int { debts.count }

    /// How many writes of each party wait.
    var weights: [Party: Int] {
        Dictionary(uniqueKeysWithValues: waiting.compactMap { $0 }.map { ($0.party, $0.held.weight) })
    }

    /// Takes a job, or says why not. One that is larger than the whole queue is taken where nothing else waits.
    mutating func add(_ job: Job, of party: Party, size: Size) throws(Refusal) {
        let known = places[party]
        let own = known.flatMap { waiting[$0]?.held } ?? Size(weight: 0, octets: 0)
        if !isEmpty {
            let new = own + size
            guard fits(new.weight, size.weight, held.weight, of: capacity.weight) else { throw .weight }
            guard fits(new.octets, size.octets, held.octets, of: capacity.octets) else { throw .octets }
        }
        let place = known ?? enter(party)
        waiting[place]?.jobs.append((job, size))
        waiting[place]?.held = own + size
        held = held + size
    }

    private func fits(_ own: Int, _ more: Int, _ held: Int, of capacity: Int) -> Bool {
        if own <= max(1, capacity / 64) { return held + more <= capacity }
        return own <= capacity - capacity / 4 - held
    }

    /// Takes jobs of at most so many writes out, but at least one where there is one.
    mutating func take(atMost weight: Int) -> [Job] {
        var (taken, sum) = ([Job](), 0)
        while let turn = turns.first, let next = waiting[turn.place].map({ $0.jobs[$0.next].size.weight }) {
            guard taken.isEmpty || sum + next <= weight else { break }
            guard let (job, size) = waiting[turn.place]?.pop() else { break }
            taken.append(job)
            sum += next
            held = held - size
            now = turn.start
            let end = turn.start + max(1, next)
            if waiting[turn.place]?.isEmpty == true {
                leave(turn.place, owing: end)
            } else {
                turns.postponeFirst(to: end)
            }
        }
        forgive()
        return taken
    }

    private mutating func enter(_ party: Party) -> Int {
        let place = free.popLast() ?? waiting.count
        if place == waiting.count { waiting.append(nil) }
        waiting[place] = Waiting(party: party)
        places[party] = place
        entered += 1
        turns.insert(.init(start: max(now, debts.removeValue(forKey: party) ?? 0), number: entered, place: place))
        return place
    }

    /// The party whose turn it was has nothing more.
    private mutating func leave(_ place: Int, owing end: Int) {
        turns.removeFirst()
        if let party = waiting[place]?.party {
            places[party] = nil
            debts[party] = end
        }
        waiting[place] = nil
        free.append(place)
    }

    /// Forgets what is paid: everything where nobody waits, since then nobody was kept waiting.
    private mutating func forgive() {
        if isEmpty {
            (now, debtsToSweep) = (0, 64)
            return debts.removeAll(keepingCapacity: debts.count <= 64)
        }
        guard debts.count > debtsToSweep else { return }
        debts = debts.filter { $0.value > now }
        if debts.count > Self.mostDebts / 2 {
            let largest = debts.sorted { $0.value > $1.value }.prefix(Self.mostDebts / 2)
            debts = Dictionary(uniqueKeysWithValues: largest.map { ($0.key, $0.value) })
        }
        debtsToSweep = max(64, debts.count * 2)
    }
}

/// Who is served when: the earliest start first, of equal ones whoever came first.
private struct TurnHeap: Sendable {
    struct Turn: Sendable {
        var start: Int
        /// The how manyeth to come.
        let number: Int
        let place: Int

        static func < (one: Turn, other: Turn) -> Bool { (one.start, one.number) < (other.start, other.number) }
    }

    /// Each is before the two at twice its index, plus one and two.
    private var turns: [Turn] = []

    var isEmpty: Bool { turns.isEmpty }
    var first: Turn? { turns.first }

    mutating func insert(_ turn: Turn) {
        turns.append(turn)
        var index = turns.count - 1
        while index > 0, turns[index] < turns[(index - 1) / 2] {
            turns.swapAt(index, (index - 1) / 2)
            index = (index - 1) / 2
        }
    }

    mutating func removeFirst() {
        turns.swapAt(0, turns.count - 1)
        turns.removeLast()
        sink()
    }

    mutating func postponeFirst(to start: Int) {
        turns[0].start = start
        sink()
    }

    private mutating func sink() {
        var index = 0
        while true {
            let (left, right) = (2 * index + 1, 2 * index + 2)
            var least = index
            if left < turns.count, turns[left] < turns[least] { least = left }
            if right < turns.count, turns[right] < turns[least] { least = right }
            if least == index { return }
            turns.swapAt(index, least)
            index = least
        }
    }
}

extension FairQueue: Sendable where Party: Sendable, Job: Sendable {}
extension FairQueue.Waiting: Sendable where Party: Sendable, Job: Sendable {}
