internal import SimpulBroker
internal import SimpulCore

/// The rows of attachments, and of the messages that list them. `listed` counts those messages, so that what nothing
/// refers to is found without looking at the rest.
final class AttachmentTable {
    private let find: Statement
    private let readable: Statement
    private let insert: Statement
    private let touch: Statement
    private let complete: Statement
    private let drop: Statement
    private let total: Statement
    private let unlisted: Statement
    private let attach: Statement
    private let detach: Statement
    private let count: Statement
    private let listing: Statement
    private let attached: Statement
    private let ended: Statement
    private let unneeded: Statement
    private let remove: Statement
    private let known: Statement

    init(_ connection: Connection) throws(StoreError) {
        find = try connection.prepare(
            "SELECT bytes, name, whole, listed FROM attachments WHERE agency = ?1 AND digest = ?2")
        readable = try connection.prepare(Self.readableSQL)
        insert = try connection.prepare(
            "INSERT INTO attachments (agency, digest, bytes, name, at, whole, listed) VALUES (?1, ?2, ?3, ?4, ?5, 0, 0)"
        )
        touch = try connection.prepare(
            "UPDATE attachments SET at = ?3, bytes = ?4, name = ?5 WHERE agency = ?1 AND digest = ?2")
        complete = try connection.prepare(
            """
            UPDATE attachments SET whole = 1, at = ?5
            WHERE agency = ?1 AND digest = ?2 AND name = ?3 AND bytes = ?4 RETURNING 1
            """)
        drop = try connection.prepare(
            "DELETE FROM attachments WHERE agency = ?1 AND digest = ?2 AND name = ?3 AND whole = 0 RETURNING 1")
        total = try connection.prepare("SELECT coalesce(sum(bytes), 0) FROM attachments WHERE agency = ?1")
        unlisted = try connection.prepare(
            "SELECT count(*) FROM (SELECT 1 FROM attachments WHERE agency = ?1 AND listed = 0 LIMIT ?2)")
        attach = try connection.prepare(
            "INSERT OR IGNORE INTO attached (digest, agency, message, until) VALUES (?1, ?2, ?3, ?4) RETURNING 1")
        detach = try connection.prepare(
            "DELETE FROM attached WHERE digest = ?1 AND agency = ?2 AND message = ?3")
        count = try connection.prepare(
            """
            UPDATE attachments SET listed = listed + ?3, at = CASE WHEN listed + ?3 = 0 THEN 0 ELSE at END
            WHERE agency = ?1 AND digest = ?2
            """)
        listing = try connection.prepare(
            """
            SELECT t.digest, t.agency FROM attached t WHERE t.message = ?1 AND NOT EXISTS (
                SELECT 1 FROM deliveries d WHERE d.message = ?1 AND NOT EXISTS (
                    SELECT 1 FROM log l WHERE l.message = ?1 AND l.agency = d.agency AND l.rung = 'recalled'))
            """)
        attached = try connection.prepare("SELECT digest, agency FROM attached WHERE message = ?1")
        ended = try connection.prepare(
            "SELECT digest, agency, message FROM attached WHERE until <= ?1 ORDER BY until LIMIT ?2")
        unneeded = try connection.prepare(
            "SELECT agency, digest, name FROM attachments WHERE listed = 0 AND at <= ?1 ORDER BY at")
        remove = try connection.prepare("DELETE FROM attachments WHERE agency = ?1 AND digest = ?2")
        known = try connection.prepare("SELECT 1 FROM attachments WHERE name = ?1")
    }

    // MARK: Uploads

    func begin(
        _ key: AttachmentKey, _ part: UploadPart, name: AttachmentName, at now: Timestamp,
        within bounds: AttachmentBounds
    ) throws(StoreError) -> UploadStart {
        let (agency, digest) = (SQLValue.text(key.agency.description), SQLValue.blob(key.digest.octets))
        guard let stored = try find(key) else {
            guard part.first == 0 else { return .absent }
            let unlisted = try unlisted.first(agency, .integer(bounds.unlisted)) { $0.int(0) } ?? 0
            guard unlisted < bounds.unlisted else { return .tooMany }
            guard try room(of: key.agency, within: bounds) >= part.total else { return .tooMuch }
            try insert.run(agency, digest, .integer(part.total), .text(name.description), .time(now))
            return .open(StoredAttachment(key: key, bytes: part.total, name: name, isWhole: false), instead: nil)
        }
        guard stored.isWhole || part.first == 0 || stored.bytes == part.total else { return .otherLength(stored.bytes) }
        guard !stored.isWhole else {
            try touch.run(agency, digest, .time(now), .integer(stored.bytes), .text(stored.name.description))
            return .present(stored)
        }
        guard try room(of: key.agency, within: bounds) + stored.bytes >= part.total else { return .tooMuch }
        let isNew = part.first == 0
        let name = isNew ? name : stored.name
        try touch.run(agency, digest, .time(now), .integer(part.total), .text(name.description))
        return .open(
            StoredAttachment(key: key, bytes: part.total, name: name, isWhole: false),
            instead: isNew ? stored.name : nil)
    }

    private func room(of agency: AgencyID, within bounds: AttachmentBounds) throws(StoreError) -> Int {
        bounds.bytes - (try total.first(.text(agency.description)) { $0.int(0) } ?? 0)
    }

    func complete(_ attachment: StoredAttachment, at now: Timestamp) throws(StoreError) -> Bool {
        let key = attachment.key
        return try complete.first(
            .text(key.agency.description), .blob(key.digest.octets), .text(attachment.name.description),
            .integer(attachment.bytes), .time(now)
        ) { _ in true } ?? false
    }

    func drop(_ attachment: StoredAttachment) throws(StoreError) -> Bool {
        try drop.first(
            .text(attachment.key.agency.description), .blob(attachment.key.digest.octets),
            .text(attachment.name.description)
        ) { _ in true } ?? false
    }

    // MARK: Questions

    func find(_ key: AttachmentKey) throws(StoreError) -> StoredAttachment? {
        try find.first(.text(key.agency.description), .blob(key.digest.octets)) { row throws(StoreError) in
            StoredAttachment(
                key: key, bytes: row.int(0), name: try row.value(1, AttachmentName.init), isWhole: row.int(2) != 0)
        }
    }

    func find(
        _ digest: Digest, readableBy agency: AgencyID, at now: Timestamp
    ) throws(StoreError) -> StoredAttachment? {
        if let own = try find(AttachmentKey(agency: agency, digest: digest)), own.isWhole { return own }
        return try readable.first(.blob(digest.octets), .text(agency.description), .time(now)) {
            row throws(StoreError) in
            StoredAttachment(
                key: AttachmentKey(agency: try row.agency(0), digest: digest), bytes: row.int(1),
                name: try row.value(2, AttachmentName.init), isWhole: true)
        }
    }

    func missing(of header: Header) throws(StoreError) -> [Int] {
        var missing: [Int] = []
        for (place, listed) in header.attachments.enumerated() {
            let stored = try find(AttachmentKey(agency: header.sender, digest: listed.digest))
            guard let stored, stored.isWhole, stored.bytes == listed.bytes else {
                missing.append(place)
                continue
            }
        }
        return missing
    }

    func known(_ names: [AttachmentName]) throws(StoreError) -> Set<AttachmentName> {
        var found: Set<AttachmentName> = []
        for name in names where try known.first(.text(name.description), read: { _ in true }) != nil {
            found.insert(name)
        }
        return found
    }

    // MARK: Messages

    /// Remembers that a message lists what it lists.
    func attach(_ header: Header, message: UInt64) throws(StoreError) {
        for listed in header.attachments {
            let (agency, digest) = (SQLValue.text(header.sender.description), SQLValue.blob(listed.digest.octets))
            let isNew = try attach.first(digest, agency, .sequence(message), .time(header.expires)) { _ in true }
            if isNew != nil { try count.run(agency, digest, .integer(1)) }
        }
    }

    /// Lets go of what a message lists once all its deliveries were taken back.
    func freeIfRecalled(_ message: UInt64) throws(StoreError) {
        let listed = try listing.all(.sequence(message)) { row throws(StoreError) in (row.blob(0), try row.agency(1)) }
        for (digest, agency) in listed { try detach(digest, agency, message) }
    }

    /// Lets go of what a message lists: its envelope is gone.
    func free(_ message: UInt64) throws(StoreError) {
        let listed = try attached.all(.sequence(message)) { row throws(StoreError) in (row.blob(0), try row.agency(1)) }
        for (digest, agency) in listed { try detach(digest, agency, message) }
    }

    /// Whether ``collect(at:unlistedSince:sparing:atMost:)`` may find anything.
    func mayCollect(at now: Timestamp, unlistedSince moment: Timestamp) throws(StoreError) -> Bool {
        if try ended.first(.time(now), .integer(1), read: { _ in true }) != nil { return true }
        return try unneeded.first(.time(moment), read: { _ in true }) != nil
    }

    func collect(
        at now: Timestamp, unlistedSince moment: Timestamp, sparing names: Set<AttachmentName>, atMost most: Int
    ) throws(StoreError) -> [AttachmentName] {
        let over = try ended.all(.time(now), .integer(most)) { row throws(StoreError) in
            (row.blob(0), try row.agency(1), row.sequence(2))
        }
        for (digest, agency, message) in over { try detach(digest, agency, message) }
        var unneeded: [(AgencyID, [UInt8], AttachmentName)] = []
        try self.unneeded.each([.time(moment)]) { row throws(StoreError) in
            let name = try row.value(2, AttachmentName.init)
            if !names.contains(name) { unneeded.append((try row.agency(0), row.blob(1), name)) }
            return unneeded.count < most
        }
        for (agency, digest, _) in unneeded { try remove.run(.text(agency.description), .blob(digest)) }
        return unneeded.map(\.2)
    }

    private func detach(_ digest: [UInt8], _ agency: AgencyID, _ message: UInt64) throws(StoreError) {
        try detach.run(.blob(digest), .text(agency.description), .sequence(message))
        try count.run(.text(agency.description), .blob(digest), .integer(-1))
    }

    /// By what its sender's messages list, for whom they are, and what was not taken back.
    private static let readableSQL = """
        SELECT t.agency, a.bytes, a.name FROM attached t
        JOIN attachments a ON a.agency = t.agency AND a.digest = t.digest
        JOIN deliveries d ON d.message = t.message AND d.agency = ?2
        WHERE t.digest = ?1 AND t.until > ?3 AND a.whole = 1 AND NOT EXISTS (
            SELECT 1 FROM log l WHERE l.message = t.message AND l.agency = ?2 AND l.rung = 'recalled')
        LIMIT 1
        """
}
