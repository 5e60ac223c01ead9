public import SimpulCore

/// What grants are keyed by. An agency holds those that it has recorded itself, so nobody changes or blocks another's
/// by taking its reference; and what is exercised never backs what is actual.
public struct GrantKey: Hashable, Sendable {
    /// The agency that recorded it.
    public var holder: AgencyID
    /// The status of the messages that it backs.
    public var status: Header.Status
    /// What it is called.
    public var reference: ConsentReference

    /// A key.
    public init(holder: AgencyID, status: Header.Status, reference: ConsentReference) {
        self.holder = holder
        self.status = status
        self.reference = reference
    }
}

/// One grant as it stands, made by the `consent` messages of its holder one after the other.
public struct ConsentGrant: Hashable, Sendable {
    /// How a grant has ended.
    public struct End: Hashable, Sendable {
        /// When the broker was told.
        public var at: Timestamp
        /// Whether it was withdrawn, or has expired.
        public var cause: RecallCause

        /// An end.
        public init(at: Timestamp, cause: RecallCause) {
            self.at = at
            self.cause = cause
        }
    }

    /// Whose it is.
    public var key: GrantKey
    /// What it covers now.
    public var terms: ConsentTerms
    /// Every agency that it was ever shared with: what stands on earlier terms ends with it too.
    public var everShared: Set<AgencyID>
    /// How it has ended; nil where nobody has ended it.
    public var end: End?

    /// A grant.
    public init(key: GrantKey, terms: ConsentTerms, everShared: Set<AgencyID>, end: End?) {
        self.key = key
        self.terms = terms
        self.everShared = everShared
        self.end = end
    }

    /// Whether a message may stand on it at that moment.
    public func lives(at now: Timestamp) -> Bool { end == nil && terms.from <= now && now < terms.until }

    /// Whether that agency may know of it: it holds it, or it is shared with it.
    public func isShared(with agency: AgencyID) -> Bool { covers(agency) }

    /// Whether a message of that agency may stand on it, now or under earlier terms.
    public func wasShared(with agency: AgencyID) -> Bool { agency == key.holder || everShared.contains(agency) }

    /// Whether it covers a message, its sender included, at that moment.
    public func covers(_ header: Header, at now: Timestamp) -> Bool {
        lives(at: now) && covers(header.sender) && gaps(for: header).isEmpty
    }

    /// Whether it lets a message go to one agency more at that moment, whatever it said when the message was accepted.
    public func covers(_ header: Header, handedTo agency: AgencyID, at now: Timestamp) -> Bool {
        lives(at: now) && covers(header.sender) && covers(agency) && terms.types.contains(header.type)
            && terms.purposes.contains(header.purpose)
    }

    /// The places of a header that it does not cover, as pointers; its sender is not among them.
    public func gaps(for header: Header) -> [String] {
        func outside(_ member: String, _ agencies: [AgencyID]) -> [String] {
            agencies.indices.filter { !covers(agencies[$0]) }.map { "/header/\(member)/\($0)" }
        }
        return (terms.types.contains(header.type) ? [] : ["/header/type"])
            + (terms.purposes.contains(header.purpose) ? [] : ["/header/purpose"])
            + outside("recipients", header.recipients) + outside("fallback", header.fallback)
    }

    /// The grant after a statement of its holder, accepted at that moment.
    /// - Returns: nil where the statement does not fit: a grant that is there already, or none that could be changed.
    public static func after(
        _ grant: ConsentGrant?, _ statement: ConsentStatement, of key: GrantKey, at now: Timestamp
    ) -> ConsentGrant? {
        switch (statement.act, grant) {
        case (.grant(let terms), nil):
            return ConsentGrant(key: key, terms: terms, everShared: terms.shareWith, end: nil)
        case (.modify(let terms), let grant?) where grant.end == nil && now < grant.terms.until:
            return ConsentGrant(
                key: key, terms: terms, everShared: grant.everShared.union(terms.shareWith), end: nil)
        case (.withdraw, var grant?) where grant.end == nil:
            grant.end = End(at: now, cause: .consentWithdrawn)
            return grant
        case (.expire, var grant?) where grant.end == nil:
            grant.end = End(at: now, cause: .consentExpired)
            return grant
        default: return nil
        }
    }

    private func covers(_ agency: AgencyID) -> Bool { agency == key.holder || terms.shareWith.contains(agency) }
}

extension ConsentStatement {
    /// The grant that a message with this statement is about.
    public func key(in header: Header) -> GrantKey {
        GrantKey(holder: header.sender, status: header.status, reference: reference)
    }
}
