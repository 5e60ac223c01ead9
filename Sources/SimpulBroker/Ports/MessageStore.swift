public import SimpulCore

/// What was accepted before, as far as the check of a message asks for it. Nothing is written through it.
public protocol MessageHistory: Sendable {
    /// The acceptance of the message under that key, if there is one.
    func acceptance(of key: MessageKey) async throws(StoreError) -> StoredAcceptance?

    /// What is known of the messages that a header refers to, and of the state that its thread has.
    func relations(of header: Header) async throws(StoreError) -> Relations

    /// The grants under a reference that an agency holds, or that are shared with it by their present terms, whether
    /// they live or have ended; and how many messages stand on the reference.
    func grants(
        under reference: ConsentReference, status: Header.Status, for agency: AgencyID
    ) async throws(StoreError) -> KnownGrants

    /// Which of the attachments that a header lists its sender has not uploaded whole, with that length: their places
    /// in the list.
    func missingAttachments(of header: Header) async throws(StoreError) -> [Int]
}

/// Where messages, deliveries, receipts and the log live. The path calls it; SQLite, PostgreSQL and the memory of tests
/// implement it, and one contract suite runs on all of them.
///
/// What every implementation guarantees:
/// * A call that returns has its effect on disk (an fsync covers it). A call that throws has had no effect.
/// * A change and the log leaves that record it are one transaction. Leaves are numbered from 0 without a gap.
/// * Calls may come from any number of tasks at once. Waiting writes are bounded; beyond the bound a call throws
///   ``StoreError/busy``.
/// * The closures that sign run inside the transaction: they are fast, and never call the store.
public protocol MessageStore: MessageHistory, AttachmentRows, CourierStore, BodyPurging {
    /// Stores messages in their order, in one transaction: of each a waiting delivery for each recipient, its receipt
    /// and the leaf of the receipt. Each stands alone: one that fails fails nobody else.
    ///
    /// A (sender, id) that is there already changes nothing: with the same digest the first receipt comes back, with
    /// another one the conflict. A message that answers another one (``Header/inReplyTo`` with a state that is an
    /// answer), by a recipient of that one and to its sender, raises that delivery to `answered` in the same
    /// transaction.
    ///
    /// ``Relations/check(_:)`` is asked in the transaction again, by what those before this one have written; the step
    /// that it returns is stored with the message. So is ``KnownGrants/check(_:_:at:limits:)``, and the grant that it
    /// returns. A delivery to the broker itself is settled as `acknowledged` at once. The attachments that a header lists
    /// must be there in that transaction, and stay from then on: until the message expires or is purged, or all its
    /// deliveries are taken back.
    ///
    /// The end of a grant recalls, in the same transaction, what stands on it: each message of an agency that it was
    /// ever shared with which no other living grant of that status and reference covers. A delivery of such a message
    /// that is not settled is ``DeliveryState/recalled``: it is given out no more, its newest lease is settled, and what
    /// its recipient says of it later is recorded without changing that. Each delivery gets a leaf, once; the message's
    /// sender is told, and of one that was delivered its recipient too. A message that nobody has got loses its
    /// envelope. A `recall` without a state does so to the deliveries of its message that were never delivered.
    /// - Parameters:
    ///   - queued: deliveries of this sender that may be unsettled, these included, but none to the broker itself; more
    ///     is ``AcceptOutcome/queueFull``.
    ///   - sign: what makes the receipts of a message.
    /// - Returns: one result for each message, in their order.
    func accept(
        _ messages: [AuthorizedMessage], at now: Timestamp, queued: Int,
        sign: @escaping @Sendable (AuthorizedMessage) -> AcceptanceSigner
    ) async throws(StoreError) -> [Result<AcceptOutcome, StoreError>]

    /// Appends one leaf that is about no delivery: a refusal, a roster or a policy.
    /// - Returns: the leaf's number.
    @discardableResult
    func append(_ record: LogRecord) async throws(StoreError) -> UInt64

    /// Leases waiting deliveries of an agency: by rank (``Header/rank(level:)``), inside a rank by turn (``Lane``), then
    /// oldest first.
    ///
    /// A delivery waits while it is neither settled nor under a live lease. Where very many leases or pauses have ended
    /// since the last claim, one claim lets `Limits.expiredAtOnce` of them wait again, the most urgent first. The first lease of a delivery is its rung
    /// `delivered`, with a leaf. Envelopes in the answer add up to at most `claim.bytes`, but one is always given.
    /// Behind the deliveries come rungs that the agency is told of, oldest first: those of its own messages, and those
    /// that took back what it had got. They have no rungs of their own.
    /// - Parameter sign: makes the receipt of the rung `delivered`.
    func claim(
        _ claim: Claim, at now: Timestamp, sign: @escaping @Sendable (RungEvent) throws -> Receipt
    ) async throws(StoreError) -> ClaimOutcome

    /// Gives leases back, because their answer could not be written. Unknown and settled ones are passed over.
    func release(_ tokens: [DeliveryToken], of agency: AgencyID) async throws(StoreError)

    /// Gives one live lease back: its delivery waits again, at once or from that moment on.
    /// - Parameter isFailure: whether an attempt has failed; it is counted then.
    func giveBack(
        _ token: DeliveryToken, of agency: AgencyID, at now: Timestamp, until: Timestamp?, isFailure: Bool
    ) async throws(StoreError) -> LeaseOutcome

    /// Lets one live lease end later: then, but no later than so many seconds after it began. It never ends earlier.
    func extend(
        _ token: DeliveryToken, of agency: AgencyID, at now: Timestamp, until: Timestamp, totalSeconds: Int
    ) async throws(StoreError) -> LeaseOutcome

    /// Settles a leased delivery: it is not given out again, and the rung that `sign` makes is recorded with a leaf.
    /// A rung no higher than one that the delivery has is not recorded again. Each rung that is recorded waits for the
    /// message's sender from then on.
    /// - Parameters:
    ///   - isBare: whether the caller brings no receipt. A leased rung is settled only so, and `sign` is not called.
    ///   - sign: makes or checks the receipt; what it throws is handed on as ``SettleOutcome/refused(_:)``.
    func settle(
        _ token: DeliveryToken, of agency: AgencyID, at now: Timestamp, isBare: Bool,
        sign: @escaping @Sendable (RungEvent) throws(Refusal) -> SignedRung
    ) async throws(StoreError) -> SettleOutcome

    /// Records a rung of one recipient's delivery without a lease, as ``settle(_:of:at:isBare:sign:)`` does. It settles
    /// the delivery, and its newest lease with it.
    /// - Returns: ``SettleOutcome/unknown`` where that agency is no recipient of the message.
    func record(
        _ key: MessageKey, of agency: AgencyID, at now: Timestamp,
        sign: @escaping @Sendable (RungEvent) throws(Refusal) -> SignedRung
    ) async throws(StoreError) -> SettleOutcome

    /// Takes what clocks have to do at that moment: of at most so many deliveries and duties of senders, the earliest
    /// first, in one transaction. Each step is a rung with its leaf; the message's sender is told, and whom the plan
    /// names. What could not be read is looked at again an hour later.
    ///
    /// A clock is stopped by what meets it, in the transaction that writes it: by a rung of its delivery; by a message
    /// that answers (``AnswerEffect``); by one that cancels, replaces or takes back (``Header/ownMessagesEnded``); what a
    /// sender owes by its next message in the thread, or one that names the message.
    /// - Parameters:
    ///   - rules: whom a late delivery calls.
    ///   - sign: makes the receipt of a step.
    func fireClocks(
        at now: Timestamp, limit: Int, by rules: ClockRules,
        sign: @escaping @Sendable (ReceiptStatement) throws -> Receipt
    ) async throws(StoreError) -> ClockRound

    /// When the first clock has something to do; nil where none runs. Cheap: it is asked several times a second.
    func nextClock() async throws(StoreError) -> Timestamp?

    /// Has every clock that has fired before, and waits for its next step, looked at again: after the policy has changed,
    /// or the machine's clock was set back. The rounds from that moment on take some each, beside what is due and never
    /// in its place, and are full until all were looked at.
    /// So is, at once, a message whose purge was planned later than anybody plans it at that moment.
    func rearmClocks(at now: Timestamp) async throws(StoreError)

    /// Does what an operator has ordered, in one transaction with the record of it, whose leaf comes first. What was never
    /// delivered and is cancelled loses its envelope where nobody else has got the message.
    /// - Parameter sign: makes the receipt of a rung that the order brings about (`bounced`, `recalled`).
    func order(
        _ order: DeliveryOrder, at now: Timestamp, record: LogRecord,
        sign: @escaping @Sendable (Rung, RungEvent, MessageType) throws -> Receipt
    ) async throws(StoreError) -> OrderOutcome

    /// Gives a delivery to another agency, as ``ClockRules/redirect(_:to:at:)`` says, in one transaction with the record
    /// of it, whose leaf comes first.
    /// - Parameter sign: makes the receipt of a rung that it brings about (`escalated`, `recalled`).
    func redirect(
        _ order: RedirectOrder, at now: Timestamp, record: LogRecord, by rules: ClockRules,
        sign: @escaping @Sendable (ReceiptStatement) throws -> Receipt
    ) async throws(StoreError) -> RedirectOutcome

    /// Pauses the queue of an agency, or lets it go on, in one transaction with the record of it. While it is paused no
    /// claim is given a message of it; rungs are given, leases that live stay, and what is settled is settled.
    /// - Parameter record: its action says which. A pause of what is paused, and an end of what is not, are recorded too.
    func pause(_ agency: AgencyID, _ isPaused: Bool, record: LogRecord) async throws(StoreError)

    /// The queues that are paused; as of the newest commit.
    var pausedQueues: [AgencyID: PausedQueue] { get }

    /// All that is known of one message, or nil.
    func state(of key: MessageKey) async throws(StoreError) -> MessageState?

    /// What an agency has sent, in the order of acceptance.
    func sent(by agency: AgencyID, _ query: OutboxQuery) async throws(StoreError) -> OutboxPage

    /// The numbers that operators see.
    func statistics(at now: Timestamp) async throws(StoreError) -> StoreStatistics

    /// Transactions committed since the store was opened; each is one fsync.
    var commits: Int { get }

    /// The newest leaf of that subject, or nil; of receipts always nil.
    func newest(_ subject: LogRecord.Subject) async throws(StoreError) -> LogRecord?

    /// Signals, from now on, each change after which a delivery of that agency may be waiting. Signals may be merged,
    /// and may come without need; none is missing. Ends when the task that iterates it is cancelled.
    func changes(for agency: AgencyID) -> AsyncStream<Void>
}

extension MessageStore {
    /// The digest that the newest leaf of that subject records, or nil.
    public func lastRecorded(_ subject: LogRecord.Subject) async throws(StoreError) -> Digest? {
        try await newest(subject)?.configurationDigest
    }
}

/// Why the store could not do something. The cause is for the operator's log only.
public struct StoreError: Error, Sendable {
    /// The kinds of trouble.
    public enum Code: String, Sendable {
        /// The queue of writes is full.
        case busy
        /// The transaction could not be committed: nothing of it is stored.
        case unavailable
        /// What is stored is not what was written.
        case corrupt
    }

    /// What kind of trouble it is.
    public var code: Code
    /// What exactly went wrong, for the operator.
    public var cause: String

    /// An error.
    public init(_ code: Code, _ cause: String) {
        self.code = code
        self.cause = cause
    }
}

/// The acceptance that a repeated submission is answered with.
public struct StoredAcceptance: Sendable, Equatable {
    /// The digest of the envelope that was accepted.
    public var digest: Digest
    /// The first receipt.
    public var receipt: Receipt

    /// An acceptance.
    public init(digest: Digest, receipt: Receipt) {
        self.digest = digest
        self.receipt = receipt
    }
}

/// How an acceptance ended.
public enum AcceptOutcome: Sendable, Equatable {
    /// The message is new, and on disk.
    case accepted(Receipt)
    /// The same digest was accepted before: its receipt.
    case repeated(Receipt)
    /// Another digest was accepted under this id.
    case conflict(stored: Digest)
    /// The sender has as many unsettled deliveries as it may have; nothing was stored.
    case queueFull
    /// The message does not fit what was accepted meanwhile; nothing was stored.
    case refused(Refusal)
}

/// What signs an acceptance and what follows from it. Each closure runs inside the transaction.
public struct AcceptanceSigner: Sendable {
    /// Makes the receipt `accepted`, given the leaf's number.
    public var accepted: @Sendable (UInt64) throws -> Receipt
    /// Makes the receipt `answered` or `closed` of the delivery that the message answers.
    public var answered: @Sendable (RungEvent, Rung) throws -> Receipt
    /// Makes the receipt `acknowledged` of a delivery to the broker itself.
    public var acknowledged: @Sendable (RungEvent) throws -> Receipt
    /// Makes the receipt `recalled` of a delivery that the message takes back; told why, and whether its recipient had
    /// got it.
    public var recalled: @Sendable (RungEvent, RecallCause, _ wasDelivered: Bool) throws -> Receipt

    /// A signer.
    public init(
        accepted: @escaping @Sendable (UInt64) throws -> Receipt,
        answered: @escaping @Sendable (RungEvent, Rung) throws -> Receipt,
        acknowledged: @escaping @Sendable (RungEvent) throws -> Receipt,
        recalled: @escaping @Sendable (RungEvent, RecallCause, _ wasDelivered: Bool) throws -> Receipt
    ) {
        self.accepted = accepted
        self.answered = answered
        self.acknowledged = acknowledged
        self.recalled = recalled
    }
}

/// What an agency asks of its inbox.
public struct Claim: Sendable, Equatable {
    /// Whose inbox.
    public var agency: AgencyID
    /// How many deliveries at the most.
    public var limit: Int
    /// How many octets of envelopes at the most, once there is one.
    public var bytes: Int
    /// Until when they are leased.
    public var leaseUntil: Timestamp
    /// What it wants.
    public var content: InboxContent
    /// How they are given out.
    public var way: DeliveryWay

    /// A claim.
    public init(
        agency: AgencyID, limit: Int, bytes: Int, leaseUntil: Timestamp, content: InboxContent = .everything,
        way: DeliveryWay = .fetch
    ) {
        self.agency = agency
        self.limit = limit
        self.bytes = bytes
        self.leaseUntil = leaseUntil
        self.content = content
        self.way = way
    }
}

extension Claim {
    /// The claim as far as it may be met while the queue is paused: without messages; nil where nothing is left of it.
    public func whileQueue(isPaused: Bool) -> Claim? {
        guard isPaused, content.includesMessages else { return self }
        guard content.includesRungs else { return nil }
        var rest = self
        rest.content = .rungs
        return rest
    }
}

/// What an agency wants of its inbox.
public enum InboxContent: Sendable, Hashable {
    /// Messages, and rungs.
    case everything
    /// Messages of one type.
    case messages(MessageType)
    /// Messages of every type, and no rungs.
    case envelopes
    /// Rungs of its own messages, and of those that were taken back from it.
    case rungs

    /// The one type of message that is wanted; nil for every type.
    public var type: MessageType? { if case .messages(let type) = self { type } else { nil } }
    /// Whether messages are wanted at all.
    public var includesMessages: Bool { self != .rungs }
    /// Whether rungs are wanted.
    public var includesRungs: Bool { self == .everything || self == .rungs }
}

/// How a claim ended.
public enum ClaimOutcome: Sendable, Equatable {
    /// Leased deliveries and rungs, at least one of them.
    case leased([LeasedDelivery], rungs: [LeasedRung])
    /// Nothing waits. Then it is worth another look: the first lease or pause ends, of whatever type; nil where there is
    /// none.
    case empty(nextLeaseEnd: Timestamp?)
}

/// One delivery under a lease.
public struct LeasedDelivery: Sendable, Equatable {
    /// The token that settles it.
    public var token: DeliveryToken
    /// The message.
    public var key: MessageKey
    /// How often it was leased, this time included.
    public var attempt: Int
    /// How often it could not be handed over since the last time that it could.
    public var failures: Int
    /// Until when it is leased.
    public var leaseUntil: Timestamp
    /// The clocks of this recipient.
    public var due: DueTimes
    /// The envelope as it was submitted.
    public var envelope: [UInt8]
    /// The broker's `accepted` receipt.
    public var receipt: Receipt

    /// A leased delivery.
    public init(
        token: DeliveryToken, key: MessageKey, attempt: Int, leaseUntil: Timestamp, due: DueTimes, envelope: [UInt8],
        receipt: Receipt, failures: Int = 0
    ) {
        self.token = token
        self.key = key
        self.attempt = attempt
        self.failures = failures
        self.leaseUntil = leaseUntil
        self.due = due
        self.envelope = envelope
        self.receipt = receipt
    }
}

/// A rung that an agency is told of, under a lease.
public struct LeasedRung: Sendable, Equatable {
    /// The token that settles it.
    public var token: DeliveryToken
    /// The message's id; its sender stands in the receipt.
    public var id: MessageID
    /// How often it was leased, this time included.
    public var attempt: Int
    /// Until when it is leased.
    public var leaseUntil: Timestamp
    /// The receipt of the rung.
    public var receipt: Receipt

    /// A leased rung.
    public init(token: DeliveryToken, id: MessageID, attempt: Int, leaseUntil: Timestamp, receipt: Receipt) {
        self.token = token
        self.id = id
        self.attempt = attempt
        self.leaseUntil = leaseUntil
        self.receipt = receipt
    }
}

/// A step of one delivery, about to become a receipt.
public struct RungEvent: Sendable, Equatable {
    /// The message.
    public var key: MessageKey
    /// Its digest.
    public var digest: Digest
    /// The recipient.
    public var agency: AgencyID
    /// When.
    public var at: Timestamp

    /// A step.
    public init(key: MessageKey, digest: Digest, agency: AgencyID, at: Timestamp) {
        self.key = key
        self.digest = digest
        self.agency = agency
        self.at = at
    }
}

/// A rung and the receipt that proves it.
public struct SignedRung: Sendable, Equatable {
    /// The rung.
    public var rung: Rung
    /// Its receipt.
    public var receipt: Receipt

    /// A signed rung.
    public init(rung: Rung, receipt: Receipt) {
        self.rung = rung
        self.receipt = receipt
    }
}

/// How a change of one lease ended.
public enum LeaseOutcome: Sendable, Equatable {
    /// It is done; the lease ends, or has ended, then.
    case done(leaseUntil: Timestamp)
    /// The lease is over.
    case leaseExpired
    /// No lease of this agency has such a token.
    case unknown
}

/// How settling ended.
public enum SettleOutcome: Sendable, Equatable {
    /// The delivery is settled, now or before, by this very lease.
    case settled
    /// The lease is over, and the delivery was not settled by it.
    case leaseExpired
    /// No lease of this agency has such a token.
    case unknown
    /// The receipt was refused; the delivery stays leased.
    case refused(Refusal)
}
