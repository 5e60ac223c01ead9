internal import SimpulBroker
internal import SimpulCore

/// Whose turn it is in each queue, and what is counted of each agency, so that nothing has to be counted by reading rows:
/// one row for each (recipient, rank, sender) and each (recipient, rank), and one for each agency.
///
/// The writer alone changes them. Rows are read when they are first needed and written once in a transaction, however
/// many messages it has; between transactions at most ``kept`` of them stay in memory.
final class LaneRows {
    /// Rows that are remembered between transactions; each costs about 150 octets.
    static let kept = 4096

    /// What is counted of one agency.
    struct Party: Hashable {
        /// Messages that it has sent.
        var sent = 0
        /// Deliveries of its messages that nobody has settled.
        var open = 0
        /// Rungs that it is told of and has not settled.
        var told = 0
    }

    private var lanes: Remembered<Lane.Key, Lane> = .init()
    private var served: Remembered<LaneQueue, Int> = .init()
    private var parties: Remembered<AgencyID, Party> = .init()
    private let findLane: Statement
    private let putLane: Statement
    private let findServed: Statement
    private let putServed: Statement
    private let findParty: Statement
    private let putParty: Statement

    init(_ connection: Connection) throws(StoreError) {
        findLane = try connection.prepare(
            "SELECT last, open, settled FROM lanes WHERE agency = ?1 AND rank = ?2 AND sender = ?3")
        putLane = try connection.prepare(
            "INSERT OR REPLACE INTO lanes (agency, rank, sender, last, open, settled) VALUES (?1, ?2, ?3, ?4, ?5, ?6)")
        findServed = try connection.prepare("SELECT turn FROM served WHERE agency = ?1 AND rank = ?2")
        putServed = try connection.prepare("INSERT OR REPLACE INTO served (agency, rank, turn) VALUES (?1, ?2, ?3)")
        findParty = try connection.prepare("SELECT sent, open, told FROM parties WHERE agency = ?1")
        putParty = try connection.prepare(
            "INSERT OR REPLACE INTO parties (agency, sent, open, told) VALUES (?1, ?2, ?3, ?4)")
    }

    /// Deliveries of a sender's messages that nobody has settled.
    func open(of sender: AgencyID) throws(StoreError) -> Int { try party(sender).open }

    /// A message is there, with a delivery to each recipient.
    /// - Returns: the turn of each.
    func enter(_ header: Header, rank: Int) throws(StoreError) -> [Int] {
        var party = try party(header.sender)
        party.sent += 1
        party.open += header.recipients.count
        parties[header.sender] = party
        return try header.recipients.map { recipient throws(StoreError) in
            let key = Lane.Key(queue: LaneQueue(recipient: recipient, rank: rank), sender: header.sender)
            var lane = try lane(key)
            let turn = lane.enter(served: try turn(servedIn: key.queue))
            lanes[key] = lane
            return turn
        }
    }

    /// A message goes to one agency more: a fallback takes over.
    /// - Returns: its turn.
    func enter(_ key: Lane.Key) throws(StoreError) -> Int {
        var (lane, party) = (try lane(key), try party(key.sender))
        party.open += 1
        parties[key.sender] = party
        let turn = lane.enter(served: try self.turn(servedIn: key.queue))
        lanes[key] = lane
        return turn
    }

    /// A delivery is given out.
    func serve(_ turn: Int, of queue: LaneQueue) throws(StoreError) {
        if try turn > self.turn(servedIn: queue) { served[queue] = turn }
    }

    /// A delivery is settled, or has ended.
    func leave(_ key: Lane.Key) throws(StoreError) {
        var (lane, party) = (try lane(key), try party(key.sender))
        lane.leave()
        party.open -= 1
        lanes[key] = lane
        parties[key.sender] = party
    }

    /// An agency is told of so many rungs more.
    func tell(_ agency: AgencyID, _ count: Int) throws(StoreError) {
        var party = try party(agency)
        party.told += count
        parties[agency] = party
    }

    /// Writes what has changed, before the transaction is committed.
    func store() throws(StoreError) {
        for (key, lane) in lanes.takeChanges() {
            try putLane.run(
                .text(key.queue.recipient.description), .integer(key.queue.rank), .text(key.sender.description),
                .integer(lane.last), .integer(lane.open), .integer(lane.settled))
        }
        for (queue, turn) in served.takeChanges() {
            try putServed.run(.text(queue.recipient.description), .integer(queue.rank), .integer(turn))
        }
        for (agency, party) in parties.takeChanges() {
            try putParty.run(
                .text(agency.description), .integer(party.sent), .integer(party.open), .integer(party.told))
        }
    }

    /// The transaction is on disk.
    func keep() {
        lanes.shrink(to: Self.kept)
        served.shrink(to: Self.kept)
        parties.shrink(to: Self.kept)
    }

    /// The transaction is gone.
    func forget() { (lanes, served, parties) = (.init(), .init(), .init()) }

    private func lane(_ key: Lane.Key) throws(StoreError) -> Lane {
        if let lane = lanes[key] { return lane }
        let stored = try findLane.first(
            .text(key.queue.recipient.description), .integer(key.queue.rank), .text(key.sender.description)
        ) { Lane(last: $0.int(0), open: $0.int(1), settled: $0.int(2)) }
        return lanes.remember(stored ?? Lane(), for: key)
    }

    private func turn(servedIn queue: LaneQueue) throws(StoreError) -> Int {
        if let turn = served[queue] { return turn }
        let stored = try findServed.first(.text(queue.recipient.description), .integer(queue.rank)) { $0.int(0) }
        return served.remember(stored ?? 0, for: queue)
    }

    private func party(_ agency: AgencyID) throws(StoreError) -> Party {
        if let party = parties[agency] { return party }
        let stored = try findParty.first(.text(agency.description)) {
            Party(sent: $0.int(0), open: $0.int(1), told: $0.int(2))
        }
        return parties.remember(stored ?? Party(), for: agency)
    }
}

/// Rows as they are on disk, and those that a transaction has changed.
struct Remembered<Key: Hashable, Value> {
    private var values: [Key: Value] = [:]
    private var changed: Set<Key> = []

    /// A value that is known; one that is set is a change.
    subscript(key: Key) -> Value? {
        get { values[key] }
        set {
            values[key] = newValue
            changed.insert(key)
        }
    }

    mutating func remember(_ value: Value, for key: Key) -> Value {
        values[key] = value
        return value
    }

    /// What has changed; it is none afterwards.
    mutating func takeChanges() -> [(key: Key, value: Value)] {
        defer { changed = [] }
        return changed.compactMap { key in values[key].map { (key, $0) } }
    }

    /// Forgets everything where there is more than that.
    mutating func shrink(to count: Int) { if values.count > count { values = [:] } }
}
