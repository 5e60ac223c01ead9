internal import SimpulBroker
internal import SimpulCore

/// How many deliveries of each sender nobody has settled yet. Counted once when the store is opened, a row and its
/// message read for each, then kept by the writer, which alone changes rows.
struct OpenDeliveries {
    private var counts: [AgencyID: Int] = [:]
    /// What the transaction in hand has changed so far.
    private var changes: [AgencyID: Int] = [:]

    init(_ connection: Connection) throws(StoreError) {
        let rows = try connection.prepare(
            """
            SELECT m.sender, count(*) FROM (
                SELECT message FROM deliveries WHERE state = 0
                UNION ALL SELECT message FROM deliveries WHERE state = 1
                UNION ALL SELECT message FROM deliveries WHERE state = -1
                UNION ALL SELECT message FROM deliveries WHERE state = -2
            ) d CROSS JOIN messages m ON m.seq = d.message GROUP BY m.sender
            """)
        var counts: [AgencyID: Int] = [:]
        try rows.each { row throws(StoreError) in
            counts[try row.agency(0)] = row.int(1)
            return true
        }
        self.counts = counts
    }

    subscript(_ sender: AgencyID) -> Int { (counts[sender] ?? 0) + (changes[sender] ?? 0) }

    mutating func add(_ count: Int, of sender: AgencyID) { changes[sender, default: 0] += count }

    /// The transaction is on disk.
    mutating func keep() {
        for (sender, change) in changes { counts[sender, default: 0] += change }
        changes = [:]
    }

    /// The transaction is gone.
    mutating func forget() { changes = [:] }
}
