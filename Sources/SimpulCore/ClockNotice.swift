internal import StrictJSON

/// What a receipt says of a clock that ran out (`overdue`, `escalated`, `expired`, `bounced`): codes of the header, times
/// and agencies, and nothing of the body.
public struct ClockNotice: Hashable, Sendable {
    /// The time that ran out.
    public var clock: Deadline?
    /// When that was.
    public var due: Timestamp?
    /// Which step of the chain this is, from 1.
    public var step: Int?
    /// Who is told besides sender and recipient.
    public var to: [AgencyID]
    /// The agency that gets the message itself from now on, and what it owes by when.
    public var fallback: ReceiptStatement.RecipientClocks?
    /// Why.
    public var cause: Cause?
    /// Whether a message of the first level came to its end unopened: somebody has to look into it.
    public var isIncident: Bool
    /// What kind of message it is.
    public var type: MessageType?
    /// How soon something must happen.
    public var urgency: Header.Urgency?
    /// Whether it is meant. What is not `Actual` is told to nobody but the message's parties.
    public var status: Header.Status?

    /// A time that can run out; the raw value is the member of headers and receipts that holds it.
    public enum Deadline: String, Sendable, CaseIterable {
        case ackBy, decideBy, serveBy, reviewBy, nextBy, expires

        /// The time of a clock.
        public init(_ clock: Clock) {
            self =
                switch clock {
                case .acknowledge: .ackBy
                case .decide: .decideBy
                case .serve: .serveBy
                case .review: .reviewBy
                case .next: .nextBy
                }
        }
    }

    /// Why a clock has done it.
    public enum Cause: Hashable, Sendable {
        /// Why a delivery was bounced.
        case ending(DeliveryCause)
        /// The recipient has rejected the message, so its fallback takes over.
        case rejected

        /// What stands in the receipt.
        public var rawValue: String {
            switch self {
            case .ending(let cause): cause.rawValue
            case .rejected: "rejected"
            }
        }

        init?(_ text: String) {
            if text == "rejected" {
                self = .rejected
            } else if let cause = DeliveryCause(rawValue: text) {
                self = .ending(cause)
            } else {
                return nil
            }
        }
    }

    /// A notice; the members that only some have are empty.
    public init(
        clock: Deadline? = nil, due: Timestamp? = nil, step: Int? = nil, to: [AgencyID] = [],
        fallback: ReceiptStatement.RecipientClocks? = nil, cause: Cause? = nil, isIncident: Bool = false,
        type: MessageType? = nil, urgency: Header.Urgency? = nil, status: Header.Status? = nil
    ) {
        self.clock = clock
        self.due = due
        self.step = step
        self.to = to
        self.fallback = fallback
        self.cause = cause
        self.isIncident = isIncident
        self.type = type
        self.urgency = urgency
        self.status = status
    }

    /// Reads the members of a receipt that its schema has accepted; nil for a rung that no clock brings about.
    init?(_ value: JSONValue, of rung: Rung) {
        guard [.overdue, .escalated, .expired, .bounced].contains(rung) else { return nil }
        self.init(
            clock: value["clock"]?.string.flatMap(Deadline.init),
            due: value["due"]?.string.flatMap(Timestamp.init), step: value["step"]?.int,
            to: (value["to"].map { Array($0.elements) } ?? []).compactMap { $0.string.flatMap(AgencyID.init) },
            fallback: value["fallback"].flatMap(ReceiptStatement.RecipientClocks.init),
            cause: value["cause"]?.string.flatMap(Cause.init), isIncident: value["incident"] != nil,
            type: value["type"]?.string.flatMap(MessageType.init(rawValue:)),
            urgency: value["urgency"]?.string.flatMap(Header.Urgency.init),
            status: value["status"]?.string.flatMap(Header.Status.init))
    }
}
