internal import JOSE
public import SimpulCore

/// Whose attachment it is. Each agency has its own of every digest, and none of its is shared: what one has uploaded
/// tells nobody anything about what another one has.
public struct AttachmentKey: Hashable, Sendable {
    /// Who uploads it.
    public var agency: AgencyID
    /// The digest of its ciphertext.
    public var digest: Digest

    /// A key.
    public init(agency: AgencyID, digest: Digest) {
        self.agency = agency
        self.digest = digest
    }
}

/// The name under which an attachment's octets are kept: 128 random bits in hexadecimal, which tell nothing.
public struct AttachmentName: Hashable, Sendable, CustomStringConvertible {
    /// 32 lower-case hexadecimal digits.
    public let description: String

    /// Parses a name; nil for anything else.
    public init?(_ text: String) {
        let digits = text.utf8
        guard digits.count == 32,
            digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        description = text
    }

    /// A new name.
    public static func random() -> AttachmentName {
        let text = SecureRandom.bytes(16).map { octet in
            let digits = String(octet, radix: 16)
            return digits.count == 2 ? digits : "0" + digits
        }.joined()
        guard let name = AttachmentName(text) else { preconditionFailure("16 octets are 32 digits") }
        return name
    }
}

/// An attachment, or an upload on its way to be one.
public struct StoredAttachment: Hashable, Sendable {
    /// Whose it is.
    public var key: AttachmentKey
    /// Octets of the whole.
    public var bytes: Int
    /// Where its octets are.
    public var name: AttachmentName
    /// Whether all of it is there, and has its digest.
    public var isWhole: Bool

    /// An attachment.
    public init(key: AttachmentKey, bytes: Int, name: AttachmentName, isWhole: Bool) {
        self.key = key
        self.bytes = bytes
        self.name = name
        self.isWhole = isWhole
    }
}

/// What of an upload is to come.
public struct UploadPart: Hashable, Sendable {
    /// Where the octets that come belong.
    public var first: Int
    /// How many come.
    public var count: Int
    /// Octets of the whole.
    public var total: Int

    /// A part; nil where it does not lie in the whole, or the whole is empty.
    public init?(first: Int, count: Int, total: Int) {
        guard first >= 0, count >= 0, total > 0, first <= total, count <= total - first else { return nil }
        self.first = first
        self.count = count
        self.total = total
    }
}

/// How much an agency may have.
public struct AttachmentBounds: Hashable, Sendable {
    /// Octets of all its attachments, of uploads those that they will have.
    public var bytes: Int
    /// Its attachments that no message lists.
    public var unlisted: Int

    /// Bounds.
    public init(bytes: Int, unlisted: Int) {
        self.bytes = bytes
        self.unlisted = unlisted
    }
}

/// How the beginning of an upload ended.
public enum UploadStart: Hashable, Sendable {
    /// Its octets may come. Where an upload that is not whole began anew, its octets come to a file of their own, and
    /// nobody needs the one before any more.
    case open(StoredAttachment, instead: AttachmentName?)
    /// The agency has uploaded all of it before.
    case present(StoredAttachment)
    /// Nothing of it is there, so it does not go on.
    case absent
    /// What is there belongs to a whole of another length.
    case otherLength(Int)
    /// The agency has as many unlisted attachments as it may have.
    case tooMany
    /// The agency would have more octets than it may have.
    case tooMuch
}

/// What the store knows of attachments: who has uploaded which, and the messages that list them. The octets are with
/// ``AttachmentFiles``. A message is accepted only while what it lists is there whole, in the same transaction.
public protocol AttachmentRows: Sendable {
    /// Begins an upload, or goes on with it; in both cases it counts as new again for ``collect(at:unlistedSince:sparing:atMost:)``.
    /// - Parameter name: where the octets of one that begins are to be: two uploads of the same never share a file, unless
    ///   one goes on where the other ended.
    func begin(
        _ key: AttachmentKey, _ part: UploadPart, name: AttachmentName, at now: Timestamp,
        within bounds: AttachmentBounds
    ) async throws(StoreError) -> UploadStart

    /// Says that an upload is whole. Its octets are on disk.
    /// - Returns: false where there is no such upload any more.
    func complete(_ attachment: StoredAttachment, at now: Timestamp) async throws(StoreError) -> Bool

    /// Forgets an upload that is not whole; one of another name stays.
    /// - Returns: whether it was there.
    func drop(_ attachment: StoredAttachment) async throws(StoreError) -> Bool

    /// What an agency itself has uploaded, whole or not.
    func attachment(_ key: AttachmentKey) async throws(StoreError) -> StoredAttachment?

    /// A whole attachment that an agency may read: its own; or that of the sender of a message that lists it, has not
    /// expired, and is for that agency and not taken back from it.
    func attachment(
        _ digest: Digest, readableBy agency: AgencyID, at now: Timestamp
    ) async throws(StoreError) -> StoredAttachment?

    /// Lets go of what nothing refers to: no message whose `expires` is still to come lists it, and it was last
    /// uploaded before that moment; or it was listed and its last message is gone.
    /// - Parameters:
    ///   - names: what is being uploaded at this moment: it stays.
    ///   - count: attachments, and lists of messages, at the most.
    /// - Returns: what nothing refers to any more, and nobody finds.
    func collect(
        at now: Timestamp, unlistedSince moment: Timestamp, sparing names: Set<AttachmentName>, atMost count: Int
    ) async throws(StoreError) -> [AttachmentName]

    /// Those of some names that an attachment or an upload has.
    func known(_ names: [AttachmentName]) async throws(StoreError) -> Set<AttachmentName>
}
