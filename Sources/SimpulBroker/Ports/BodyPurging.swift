public import SimpulCore

/// How a store lets go of envelopes that nobody needs any more.
public protocol BodyPurging: Sendable {
    /// Looks at messages whose moment has come, at most so many, the earliest first, in one transaction: what
    /// ``BodyRetention`` says is purged, and what is not is looked at again when it says.
    ///
    /// What is purged has a leaf (``PurgeRecord``), whose number its message keeps. Its envelope is gone, and so are the
    /// lists of its attachments, which are collected where no other message lists them. Key, digest, receipts, rungs,
    /// state and leaves stay as they are, and of the header what ``KeptDocument`` keeps. No octet of a purged envelope
    /// stays in a file of the store, but in one that is emptied once a while: until `Limits.purgedLogSeconds` later.
    func purge(at now: Timestamp, limit: Int) async throws(StoreError) -> PurgeRound

    /// When there is something to look at; nil where there is nothing. Cheap: it is asked several times a second.
    func nextPurge() async throws(StoreError) -> Timestamp?
}

/// What one round of purging has done.
public struct PurgeRound: Sendable, Hashable {
    /// How many envelopes are gone.
    public var purged = 0
    /// Whether there may be more to do at once.
    public var isFull = false

    /// A round that has done nothing.
    public init() {}
}
