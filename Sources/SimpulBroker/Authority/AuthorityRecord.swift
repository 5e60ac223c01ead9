internal import JOSE
public import SimpulCore
public import SimpulEnvelope
internal import StrictJSON

/// What the log keeps of the rules that came into force: who may do what, who may approve the next change and by which
/// certificates, and the approvals of this one. The first of a log has none.
public struct AuthorityRecord: Hashable, Sendable {
    /// Who may do what.
    public var authority: Authority
    /// Who approves the next change.
    public var approvers: ApproverKeys
    /// The tokens of those who approved this one.
    public var approvals: [[UInt8]]
    /// For approvals by certificates that the record before does not name: the endorsements of these.
    public var endorsements: [String]
    /// When it came into force.
    public var at: Timestamp

    /// A record.
    public init(
        _ authority: Authority, approvers: ApproverKeys, approvals: [[UInt8]] = [], endorsements: [String] = [],
        at: Timestamp
    ) {
        self.authority = authority
        self.approvers = approvers
        self.approvals = approvals
        self.endorsements = endorsements
        self.at = at
    }

    /// The record as the log keeps it.
    public var logged: LogRecord {
        let json: JSON = [
            "v": 1, "subject": "authority", "digest": .string(authority.digest.description),
            "policy": .string(authority.policy.description), "agencies": authority.agencies,
            "approvers": approvers.json,
            "approvals": .array(approvals.map { .string(String(decoding: $0, as: UTF8.self)) }),
            "endorsements": .array(endorsements.map { .string($0) }), "at": .string(at.description),
        ]
        return LogRecord(subject: .authority, at: at, octets: json.bytes)
    }

    /// Reads a record of the log; nil for anything that ``logged`` would not write.
    public init?(_ record: LogRecord) {
        guard record.subject == .authority, let root = try? JSONDocument(record.octets).root,
            let authority = Authority(
                policy: root["policy"]?.string.flatMap({ Digest($0) }), agencies: root["agencies"]),
            let approvers = root["approvers"].flatMap({ ApproverKeys($0) }),
            let approvals = root["approvals"], let endorsements = root["endorsements"],
            let at = root["at"]?.string.flatMap(Timestamp.init)
        else { return nil }
        self.init(
            authority, approvers: approvers, approvals: approvals.elements.compactMap(\.utf8),
            endorsements: endorsements.elements.compactMap(\.string), at: at)
        guard logged == record else { return nil }
    }
}

extension LogRecord {
    /// SHA-256 of the record's octets: what a change names the record by that it follows.
    public var digest: Digest { Digest(SHA256.hash(octets)) }
}
