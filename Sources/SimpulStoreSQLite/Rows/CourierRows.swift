internal import SimpulBroker
internal import SimpulCore

/// What waits for an agency, read without a lease. Of deliveries under a lease, given back or parked there are few, so
/// they are sorted; those that wait come in the order of their index.
final class CourierRows {
    private let unsettled: Statement
    private let record: Statement
    private let untold: Statement
    private let answers: Statement
    private let envelopes: MessageRows

    init(_ connection: Connection, envelopes: MessageRows) throws(StoreError) {
        self.envelopes = envelopes
        unsettled = try connection.prepare(Self.unsettledSQL)
        record = try connection.prepare("SELECT record FROM log WHERE seq = ?1")
        untold = try connection.prepare(Self.untoldSQL)
        answers = try connection.prepare(
            """
            SELECT a.leaf, l.record FROM answers a CROSS JOIN log l ON l.seq = a.leaf
            WHERE a.agency = ?1 AND a.leaf > ?2 ORDER BY a.leaf LIMIT ?3
            """)
    }

    func unsettled(
        for agency: AgencyID, after place: CourierPlace?, limit: Int, bytes: Int
    ) throws(StoreError) -> UnsettledPage {
        var (page, octets, last) = (UnsettledPage(), 0, place)
        let values: [SQLValue] = [
            .text(agency.description), .integer(place?.rank ?? -1), .sequence(place?.message ?? 0), .integer(limit + 1),
            .integer(place?.turn ?? 0),
        ]
        try unsettled.each(values) { row throws(StoreError) in
            octets += row.int(4)
            guard page.deliveries.count < limit, octets <= bytes || page.deliveries.isEmpty else {
                page.next = last
                return false
            }
            let message = row.sequence(0)
            guard let receipt = try record.first(.sequence(message), read: { $0.receipt(0) }) else {
                throw StoreError(.corrupt, "a message has no leaf")
            }
            last = CourierPlace(rank: row.int(1), turn: row.int(8), message: message)
            page.deliveries.append(
                UnsettledDelivery(
                    key: try row.key(sender: 2, id: 3),
                    due: DueTimes(
                        acknowledge: row.optionalTime(5), decide: row.optionalTime(6), serve: row.optionalTime(7)),
                    envelope: try envelopes.envelope(of: message), receipt: receipt))
            return true
        }
        return page
    }

    func untold(for agency: AgencyID, after leaf: UInt64?, limit: Int) throws(StoreError) -> [UntoldReceipt] {
        try untold.all(.text(agency.description), Self.after(leaf), .integer(limit)) { row throws(StoreError) in
            UntoldReceipt(leaf: row.sequence(0), id: try row.value(1, MessageID.init), receipt: row.receipt(2))
        }
    }

    func answers(for agency: AgencyID, after leaf: UInt64?, limit: Int) throws(StoreError) -> [UntoldReceipt] {
        try answers.all(.text(agency.description), Self.after(leaf), .integer(limit)) { row in
            UntoldReceipt(leaf: row.sequence(0), id: nil, receipt: row.receipt(1))
        }
    }

    private static func after(_ leaf: UInt64?) -> SQLValue { leaf.map { .sequence($0) } ?? .integer(-1) }

    private static func part(_ state: Int) -> String {
        """
        SELECT * FROM (
            SELECT message, rank, turn, ack_by, decide_by, serve_by FROM deliveries
            WHERE agency = ?1 AND state = \(state) AND (rank, turn, message) > (?2, ?5, ?3)
            ORDER BY rank, turn, message LIMIT ?4)
        """
    }

    private static let unsettledSQL = """
        SELECT d.message, d.rank, m.sender, m.id, length(m.envelope), d.ack_by, d.decide_by, d.serve_by, d.turn
        FROM (\([0, 1, -1].map(part).joined(separator: " UNION ALL "))) d CROSS JOIN messages m ON m.seq = d.message
        ORDER BY d.rank, d.turn, d.message LIMIT ?4
        """

    private static let untoldSQL = """
        SELECT r.leaf, m.id, l.record
        FROM (
            SELECT leaf FROM (
                SELECT leaf FROM rungs WHERE agency = ?1 AND state = 0 AND leaf > ?2 ORDER BY leaf LIMIT ?3)
            UNION ALL
            SELECT leaf FROM (
                SELECT leaf FROM rungs WHERE agency = ?1 AND state IN (-1, 1) AND leaf > ?2 ORDER BY leaf LIMIT ?3)) r
        CROSS JOIN log l ON l.seq = r.leaf CROSS JOIN messages m ON m.seq = l.message ORDER BY r.leaf LIMIT ?3
        """
}
