internal import SimpulBroker
internal import SimpulCore
internal import SimpulEnvelope

/// The rows of grants, and of the messages that stand on a reference or change a grant under it.
final class GrantRows {
    private let put: Statement
    private let link: Statement
    private let find: Statement
    private let count: Statement
    private let standing: Statement

    init(_ connection: Connection) throws(StoreError) {
        put = try connection.prepare(
            """
            INSERT OR REPLACE INTO grants
                (status, reference, holder, share_with, purposes, types, since, until, ever_shared, ended, cause)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)
            """)
        link = try connection.prepare(
            "INSERT INTO consented (status, reference, changes, message) VALUES (?1, ?2, ?3, ?4)")
        find = try connection.prepare(Self.findSQL)
        count = try connection.prepare(
            """
            SELECT count(*) FROM (SELECT 1 FROM consented WHERE status = ?1 AND reference = ?2 AND changes = 0 LIMIT ?3)
            """)
        standing = try connection.prepare(
            """
            SELECT c.message, m.sender FROM consented c CROSS JOIN messages m ON m.seq = c.message
            WHERE c.status = ?1 AND c.reference = ?2 AND c.changes = 0 ORDER BY c.message
            """)
    }

    /// Every grant under a reference, in the order of their holders.
    func find(_ reference: ConsentReference, _ status: Header.Status) throws(StoreError) -> [ConsentGrant] {
        try find.all(.text(status.rawValue), .text(reference.description)) { row throws(StoreError) in
            try row.grant()
        }
    }

    /// What an agency may know of a reference.
    /// - Parameter most: how many messages may stand on it; they are counted no further than one beyond.
    func known(
        _ reference: ConsentReference, _ status: Header.Status, to agency: AgencyID, countingTo most: Int
    ) throws(StoreError) -> KnownGrants {
        let grants = try find(reference, status).filter { $0.isShared(with: agency) }
        guard !grants.isEmpty else { return .none }
        let messages = try count.first(
            .text(status.rawValue), .text(reference.description), .integer(most + 1)
        ) { $0.int(0) }
        return KnownGrants(grants: grants, messages: messages ?? 0)
    }

    /// Writes a grant as it is from now on.
    func put(_ grant: ConsentGrant) throws(StoreError) {
        try put.run(
            .text(grant.key.status.rawValue), .text(grant.key.reference.description),
            .text(grant.key.holder.description), .words(grant.terms.shareWith.map(\.description)),
            .words(grant.terms.purposes.map(\.rawValue)), .words(grant.terms.types.map(\.rawValue)),
            .time(grant.terms.from), .time(grant.terms.until), .words(grant.everShared.map(\.description)),
            .time(grant.end?.at), grant.end.map { .text($0.cause.rawValue) } ?? .null)
    }

    /// Remembers that a message changes a grant, or stands on one.
    func link(_ link: ConsentLink, message: UInt64) throws(StoreError) {
        try self.link.run(
            .text(link.status.rawValue), .text(link.reference.description), .integer(link.changes ? 1 : 0),
            .sequence(message))
    }

    /// The messages that stand on a reference and were sent by an agency that a grant was ever shared with, in the order
    /// of acceptance.
    func messages(on grant: ConsentGrant) throws(StoreError) -> [UInt64] {
        let values = (SQLValue.text(grant.key.status.rawValue), SQLValue.text(grant.key.reference.description))
        return try standing.all(values.0, values.1) { row throws(StoreError) in
            grant.wasShared(with: try row.agency(1)) ? row.sequence(0) : nil
        }.compactMap { $0 }
    }

    /// Makes the rows of the messages in an older file, as if each consent had been judged when it was accepted. One
    /// that would have been refused changes nothing.
    static func fill(_ connection: Connection, limits: Limits) throws(StoreError) {
        let (grants, messages) = (
            try GrantRows(connection), try MessageRows(connection, limits: limits, mayBePurged: false)
        )
        let all = try connection.prepare(
            "SELECT m.seq, l.at FROM messages m JOIN log l ON l.seq = m.seq ORDER BY m.seq")
        try all.each { row throws(StoreError) in
            // An envelope that cannot be read is for the audit to tell.
            guard let (header, consent) = try messages.consent(of: row.sequence(0)),
                let link = ConsentLink(header, consent)
            else { return true }
            try grants.link(link, message: row.sequence(0))
            guard let consent else { return true }
            let key = consent.key(in: header)
            let known = try grants.find(key.reference, key.status).first { $0.key == key }
            if let grant = ConsentGrant.after(known, consent, of: key, at: row.time(1)) { try grants.put(grant) }
            return true
        }
    }

    private static let findSQL = "\(columnsSQL) WHERE status = ?1 AND reference = ?2 ORDER BY holder"

    /// What ``Row/grant()`` reads.
    static let columnsSQL = """
        SELECT status, reference, holder, share_with, purposes, types, since, until, ever_shared, ended, cause
        FROM grants
        """
}

/// What a message has to do with consents: the reference that it stands on, or the one whose grant it changes.
struct ConsentLink: Hashable {
    var status: Header.Status
    var reference: ConsentReference
    var changes: Bool

    /// Nil for a message that needs no consent.
    init?(_ header: Header, _ statement: ConsentStatement?) {
        guard let reference = statement?.reference ?? header.neededConsent else { return nil }
        (status, self.reference, changes) = (header.status, reference, statement != nil)
    }
}

extension SQLValue {
    /// Codes and ids, none of which has a blank, in one column.
    static func words(_ words: [String]) -> SQLValue { .text(words.sorted().joined(separator: " ")) }
}

extension Row {
    /// A grant, from the columns of ``GrantRows/columnsSQL``.
    func grant() throws(StoreError) -> ConsentGrant {
        let key = GrantKey(
            holder: try agency(2), status: try value(0, Header.Status.init(rawValue:)),
            reference: try value(1, ConsentReference.init))
        let end = try optionalTime(9).map { at throws(StoreError) in
            ConsentGrant.End(at: at, cause: try value(10, RecallCause.init(rawValue:)))
        }
        return ConsentGrant(
            key: key,
            terms: ConsentTerms(
                shareWith: try words(3, AgencyID.init), purposes: try words(4, Header.Purpose.init(rawValue:)),
                types: try words(5, MessageType.init(rawValue:)), from: time(6), until: time(7)),
            everShared: try words(8, AgencyID.init), end: end)
    }

    private func words<Value: Hashable>(
        _ column: Int32, _ parse: (String) -> Value?
    ) throws(StoreError) -> Set<Value> {
        var values: Set<Value> = []
        for word in try text(column).split(separator: " ") {
            guard let value = parse(String(word)) else { throw unreadable(column) }
            values.insert(value)
        }
        return values
    }
}
