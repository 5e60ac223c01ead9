internal import JOSE
public import SimpulCore
internal import StrictJSON

/// One entry of the log: what happened, as octets that prove themselves. The log stores it with a fresh nonce; what the
/// tree shows to the world is only the hash of both, so that erasing them erases the record (protocol §5).
public struct LogRecord: Hashable, Sendable {
    /// What the record is about.
    public enum Subject: String, Hashable, Sendable, CaseIterable {
        /// A receipt: the record is its token.
        case receipt
        /// The roster in force from here on: the record names its digest.
        case roster
        /// The policy in force from here on: the record names its digest.
        case policy
        /// Who may do what from here on, and who has approved that: an ``AuthorityRecord``.
        case authority
        /// What an operator has done: an ``OperationRecord``.
        case operation
        /// The envelope of a message is gone from here on: a ``PurgeRecord``.
        case purge
    }

    /// What the record is about.
    public var subject: Subject
    /// When it happened.
    public var at: Timestamp
    /// The record.
    public var octets: [UInt8]

    /// A receipt as a record.
    public init(receipt: Receipt, at: Timestamp) {
        subject = .receipt
        self.at = at
        octets = receipt.token
    }

    /// A configuration that came into force.
    public init(_ subject: Subject, digest: Digest, at: Timestamp) {
        precondition(subject == .roster || subject == .policy, "other records say more than a digest")
        self.subject = subject
        self.at = at
        let json: JSON = [
            "v": 1, "subject": .string(subject.rawValue), "digest": .string(digest.description),
            "at": .string(at.description),
        ]
        octets = json.bytes
    }

    /// A record as a store has kept it.
    public init(subject: Subject, at: Timestamp, octets: [UInt8]) {
        self.subject = subject
        self.at = at
        self.octets = octets
    }

    /// The digest that a record about the rules names.
    public var configurationDigest: Digest? {
        guard subject != .receipt, let document = try? JSONDocument(octets) else { return nil }
        return document.root["digest"]?.string.flatMap { Digest($0) }
    }

    /// A fresh 32-octet nonce.
    public static func nonce() -> [UInt8] { SecureRandom.bytes(32) }

    /// The leaf hash: SHA-256(0x00 ‖ SHA-256(nonce ‖ record)).
    public func leaf(nonce: [UInt8]) -> [UInt8] {
        SHA256.hash([0x00] + SHA256.hash(nonce + octets).bytes).bytes
    }
}
