public import SimpulCore

/// What the courier asks of a store. Reading changes nothing: no lease, no rung. Part of ``MessageStore``, with the same
/// guarantees.
public protocol CourierStore: Sendable {
    /// Deliveries of an agency that are not settled, also those under a lease or given back for a while, but none that is
    /// parked: in the order of its queue. Envelopes add up to at most `bytes`, but one is always given.
    /// - Parameter place: where the page before ended.
    func unsettled(
        for agency: AgencyID, after place: CourierPlace?, limit: Int, bytes: Int
    ) async throws(StoreError) -> UnsettledPage

    /// Rungs that an agency is told of and has not settled, in the order of their leaves; also those under a lease.
    /// - Parameter leaf: that of the last one of the page before.
    func untold(for agency: AgencyID, after leaf: UInt64?, limit: Int) async throws(StoreError) -> [UntoldReceipt]

    /// Answers that were kept for an agency and are not confirmed, in the order of their leaves.
    /// - Parameter leaf: that of the last one of the page before.
    func answers(for agency: AgencyID, after leaf: UInt64?, limit: Int) async throws(StoreError) -> [UntoldReceipt]

    /// Says that those messages go out to an agency in a bundle, before its first octet leaves: the rung `delivered` of
    /// each that has none yet. They wait as before; settled ones are passed over.
    /// - Parameter sign: makes the receipt of the rung.
    func carry(
        _ keys: [MessageKey], to agency: AgencyID, at now: Timestamp,
        sign: @escaping @Sendable (RungEvent) throws -> Receipt
    ) async throws(StoreError)

    /// Keeps what was said to envelopes of an agency that came in a bundle, until it is confirmed. One that is kept
    /// already, and one of a message that is not there, is passed over.
    func keep(_ answers: [CourierAnswer], for agency: AgencyID) async throws(StoreError)

    /// Settles the rungs, and drops the answers, of that agency whose leaf and digest are those. Others, and those that
    /// were settled before, are passed over.
    /// - Returns: how many were settled or dropped now.
    func confirm(_ receipts: [CourierConfirmation], by agency: AgencyID) async throws(StoreError) -> Int
}

/// A place in an agency's queue: by rank, then by turn, then by age.
public struct CourierPlace: Sendable, Equatable {
    /// The rank: the lower, the sooner.
    public var rank: Int
    /// The turn in its rank.
    public var turn: Int
    /// The leaf of the message's acceptance.
    public var message: UInt64

    /// A place.
    public init(rank: Int, turn: Int, message: UInt64) {
        (self.rank, self.turn, self.message) = (rank, turn, message)
    }
}

/// Some of what waits for an agency.
public struct UnsettledPage: Sendable, Equatable {
    /// The deliveries.
    public var deliveries: [UnsettledDelivery]
    /// Where the next page begins; nil where nothing follows.
    public var next: CourierPlace?

    /// A page.
    public init(deliveries: [UnsettledDelivery] = [], next: CourierPlace? = nil) {
        (self.deliveries, self.next) = (deliveries, next)
    }
}

/// A delivery that nobody has settled, as it goes into a bundle.
public struct UnsettledDelivery: Sendable, Equatable {
    /// The message.
    public var key: MessageKey
    /// The clocks of this recipient.
    public var due: DueTimes
    /// The envelope as it was submitted.
    public var envelope: [UInt8]
    /// The broker's `accepted` receipt.
    public var receipt: Receipt

    /// A delivery.
    public init(key: MessageKey, due: DueTimes, envelope: [UInt8], receipt: Receipt) {
        (self.key, self.due, self.envelope, self.receipt) = (key, due, envelope, receipt)
    }
}

/// A receipt that an agency is to be told of.
public struct UntoldReceipt: Sendable, Equatable {
    /// Its leaf.
    public var leaf: UInt64
    /// The message's id; an answer has none, its receipt says it.
    public var id: MessageID?
    /// The receipt.
    public var receipt: Receipt

    /// A receipt.
    public init(leaf: UInt64, id: MessageID?, receipt: Receipt) {
        (self.leaf, self.id, self.receipt) = (leaf, id, receipt)
    }
}

/// What was said to an envelope that came in a bundle.
public enum CourierAnswer: Sendable, Equatable {
    /// It was accepted, now or before, under that id.
    case accepted(MessageID)
    /// It was refused, by the receipt in that leaf.
    case refused(leaf: UInt64)
}

/// An agency's word that it has a receipt.
public struct CourierConfirmation: Sendable, Equatable {
    /// The receipt's leaf, as a bundle named it.
    public var leaf: UInt64
    /// The digest of the receipt's token.
    public var digest: Digest

    /// A confirmation.
    public init(leaf: UInt64, digest: Digest) { (self.leaf, self.digest) = (leaf, digest) }
}
