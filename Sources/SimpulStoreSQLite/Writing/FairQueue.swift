/// A bounded queue that nobody can fill for the others, and in which each party has its turn.
///
/// **Room.** A quarter of the queue is kept for those who hold little: at most one part in 64 of it. Of the rest a party
/// may hold as much as is free (the dynamic threshold of Choudhury and Hahne, 1998, with the factor 1): one that floods
/// gets three eighths of the whole, and leaves as much to the next. So of 4096 writes 1024 are for parties with at most
/// 64 each, whoever floods.
///
/// **Turns.** Parties are served by deficit round robin (Shreedhar and Varghese, 1995): in each round a party gets
/// ``quantum`` writes, and what it could not use for a job that is heavier stays its own. Jobs of one party stay in their
/// order.
///
/// A value without a lock, a clock or a thread.
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

    fileprivate struct Waiting {
        var jobs: [(job: Job, size: Size)] = []
        /// Jobs before this one are gone; they are removed some time later, all at once.
        var next = 0
        var held = Size(weight: 0, octets: 0)
        var credit = 0

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

    /// Writes that a party has in one round.
    static var quantum: Int { 16 }

    private let capacity: Size
    private(set) var held = Size(weight: 0, octets: 0)
    private var waiting: [Party: Waiting] = [:]
    /// Whose turn comes when; everyone in `waiting` is in it once. What is before `turn` is gone.
    private var order: [Party] = []
    private var turn = 0

    /// A queue that holds so much at the most.
    init(capacity: Size) { self.capacity = capacity }

    var isEmpty: Bool { waiting.isEmpty }

    /// Takes a job, or says why not. One that is larger than the whole queue is taken where nothing else waits.
    mutating func add(_ job: Job, of party: Party, size: Size) throws(Refusal) {
        let own = waiting[party]?.held ?? Size(weight: 0, octets: 0)
        if !isEmpty {
            let new = own + size
            guard fits(new.weight, size.weight, held.weight, of: capacity.weight) else { throw .weight }
            guard fits(new.octets, size.octets, held.octets, of: capacity.octets) else { throw .octets }
        }
        if waiting[party] == nil { order.append(party) }
        waiting[party, default: Waiting()].jobs.append((job, size))
        waiting[party, default: Waiting()].held = own + size
        held = held + size
    }

    private func fits(_ own: Int, _ more: Int, _ held: Int, of capacity: Int) -> Bool {
        if own <= max(1, capacity / 64) { return held + more <= capacity }
        return own <= capacity - capacity / 4 - held
    }

    /// Takes jobs of at most so many writes out, but at least one where there is one.
    mutating func take(atMost weight: Int) -> [Job] {
        var (taken, sum) = ([Job](), 0)
        while turn < order.count {
            let party = order[turn]
            guard var own = waiting.removeValue(forKey: party) else { preconditionFailure("who waits has a turn") }
            if own.credit <= 0 { own.credit += Self.quantum }
            var isFull = false
            while own.next < own.jobs.count, own.credit > 0 {
                let next = own.jobs[own.next].size
                guard taken.isEmpty || sum + next.weight <= weight else {
                    isFull = true
                    break
                }
                let (job, size) = own.pop()
                own.credit -= size.weight
                sum += size.weight
                held = held - size
                taken.append(job)
            }
            if isFull {
                waiting[party] = own
                return taken
            }
            pass(party, own)
        }
        return taken
    }

    /// The turn of a party is over; it comes again where it has more.
    private mutating func pass(_ party: Party, _ own: Waiting) {
        turn += 1
        if own.next < own.jobs.count {
            waiting[party] = own
            order.append(party)
        }
        if turn > 64, turn * 2 > order.count {
            order.removeFirst(turn)
            turn = 0
        }
    }
}

extension FairQueue: Sendable where Party: Sendable, Job: Sendable {}
extension FairQueue.Waiting: Sendable where Party: Sendable, Job: Sendable {}
