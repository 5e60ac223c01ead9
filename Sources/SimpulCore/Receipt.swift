public import StrictJSON

/// A signed receipt: the octets of a compact JWS. Once made it is never made again, only handed out.
public struct Receipt: Hashable, Sendable {
    /// The token.
    public var token: [UInt8]

    /// A receipt with that token.
    public init(token: [UInt8]) { self.token = token }

    /// The token as text.
    public var text: String { String(decoding: token, as: UTF8.self) }
}

/// The rungs of the ladder (protocol §4). The raw value stands in the receipt.
public enum Rung: String, Hashable, Sendable, CaseIterable {
    case accepted, refused, delivered, acknowledged, opened, answered, closed
    case overdue, escalated, expired, bounced, recalled

    /// How high the rung stands for one recipient; a ladder only rises. A refusal, and what a clock does, have no height.
    public var height: Int {
        switch self {
        case .refused, .overdue, .escalated, .expired, .bounced, .recalled: 0
        case .accepted: 1
        case .delivered: 2
        case .acknowledged: 3
        case .opened: 4
        case .answered: 5
        case .closed: 6
        }
    }
}

/// Why a delivery is `recalled`. The raw value stands in the receipt.
public enum RecallCause: String, Hashable, Sendable, CaseIterable {
    /// The consent that the message stands on was withdrawn.
    case consentWithdrawn = "consent-withdrawn"
    /// The consent that the message stands on was ended before its time.
    case consentExpired = "consent-expired"
    /// Its sender has recalled it.
    case bySender = "by-sender"
    /// An operator has taken it back.
    case byOperator = "by-operator"
}

/// Why a delivery is parked, was bounced, or was cancelled. The raw value stands in receipts, rows and answers.
public enum DeliveryCause: String, Sendable, CaseIterable {
    /// A clock ran out, and nobody whom it was escalated to has acted.
    case overdue
    /// An operator has decided it.
    case byOperator = "by-operator"
    /// What is stored of it cannot be read.
    case unreadable
    /// It was tried too often.
    case tooManyAttempts = "too-many-attempts"
    /// Its recipient takes part no more.
    case recipientInactive = "recipient-inactive"
}

/// What a receipt says (`schemas/receipt/1.json`), before it is signed or after it was verified.
public struct ReceiptStatement: Hashable, Sendable {
    /// What has happened.
    public var rung: Rung
    /// The broker that says so, or that the message went through.
    public var broker: AgencyID
    /// The message's sender; of a refusal the agency that submitted it.
    public var sender: AgencyID
    /// The message's id; a refusal has none where the submission was unreadable.
    public var id: MessageID?
    /// The envelope's digest; a refusal has none where the submission was no envelope.
    public var digest: Digest?
    /// When it happened.
    public var at: Timestamp
    /// The leaf of the log that holds this receipt; in `accepted` only.
    public var sequence: UInt64?
    /// To whom the message goes and what they owe when; in `accepted` only.
    public var recipients: [RecipientClocks]
    /// What the sender owes when; in `accepted` only.
    public var senderDue: DueTimes
    /// How fast the message must move; in `accepted` only, and not of every type.
    public var level: ClockLevel?
    /// The policy that the times were computed by; in `accepted` only. Receipts of older brokers have none.
    public var policy: Digest?
    /// The code and stage of a refusal.
    public var refusal: RefusalGround?
    /// The recipient that a rung above `accepted` is about.
    public var agency: AgencyID?
    /// `system`, or the role of the person who took the step; never a name.
    public var by: String?
    /// What a rung was derived from; in `answered` and `closed` only.
    public var answer: Answer?
    /// Why the broker took a delivery back; in `recalled` only, and not in one of an older broker.
    public var cause: RecallCause?
    /// By when the recipient says what became of what it had; in a `recalled` about a message that it had got.
    public var answerBy: Timestamp?

    /// What a clock has done; in `overdue`, `escalated`, `expired` and `bounced` only.
    public var notice: ClockNotice?

    /// The recipient's own message that made a rung `answered` or `closed`.
    public struct Answer: Hashable, Sendable {
        /// What the answer was, in the codes of its type; nil where it says none.
        public var state: LifecycleState?
        /// The message.
        public var message: MessageKey
        /// Its digest.
        public var digest: Digest

        /// An answer.
        public init(state: LifecycleState?, message: MessageKey, digest: Digest) {
            self.state = state
            self.message = message
            self.digest = digest
        }
    }

    /// A recipient in an `accepted` receipt.
    public struct RecipientClocks: Hashable, Sendable {
        /// The recipient.
        public var agency: AgencyID
        /// The times in force for it.
        public var due: DueTimes

        /// A recipient and its clocks.
        public init(agency: AgencyID, due: DueTimes) {
            self.agency = agency
            self.due = due
        }
    }

    /// Why something was refused.
    public struct RefusalGround: Hashable, Sendable {
        /// The code.
        public var code: ErrorCode
        /// The stage.
        public var stage: Stage

        /// A ground.
        public init(code: ErrorCode, stage: Stage) {
            self.code = code
            self.stage = stage
        }
    }

    /// A statement; the members that only some rungs have are empty.
    public init(
        _ rung: Rung, broker: AgencyID, sender: AgencyID, id: MessageID?, digest: Digest?, at: Timestamp,
        sequence: UInt64? = nil, recipients: [RecipientClocks] = [], senderDue: DueTimes = .none,
        level: ClockLevel? = nil, policy: Digest? = nil, refusal: RefusalGround? = nil, agency: AgencyID? = nil,
        by: String? = nil, answer: Answer? = nil, cause: RecallCause? = nil, answerBy: Timestamp? = nil,
        notice: ClockNotice? = nil
    ) {
        self.rung = rung
        self.broker = broker
        self.sender = sender
        self.id = id
        self.digest = digest
        self.at = at
        self.sequence = sequence
        self.recipients = recipients
        self.senderDue = senderDue
        self.level = level
        self.policy = policy
        self.refusal = refusal
        self.agency = agency
        self.by = by
        self.answer = answer
        self.cause = cause
        self.answerBy = answerBy
        self.notice = notice
    }

    /// The payload of the receipt.
    public var json: JSON {
        let owed = senderDue.members
        return .object([
            "v": 1, "rung": .string(rung.rawValue), "broker": .string(broker.description),
            "id": id.map { .string($0.description) }, "sender": .string(sender.description),
            "digest": digest.map { .string($0.description) }, "at": .string(at.description),
            "seq": sequence.map { .integer(Int($0)) },
            "recipients": rung == .accepted ? .array(recipients.json) : nil,
            "senderDue": owed.isEmpty ? nil : .object(owed), "type": notice?.type.map { .string($0.rawValue) },
            "urgency": notice?.urgency.map { .string($0.rawValue) },
            "status": notice?.status.map { .string($0.rawValue) }, "level": level.map { .string($0.name) },
            "policy": policy.map { .string($0.description) },
            "code": refusal.map { .string($0.code.rawValue) }, "stage": refusal.map { .string($0.stage.rawValue) },
            "agency": agency.map { .string($0.description) }, "by": by.map { .string($0) },
            "state": answer?.state.map { .string($0.rawValue) },
            "message": answer.map {
                [
                    "id": .string($0.message.id.description), "sender": .string($0.message.sender.description),
                    "digest": .string($0.digest.description),
                ]
            },
            "clock": notice?.clock.map { .string($0.rawValue) }, "due": notice?.due.map { .string($0.description) },
            "step": notice?.step.map { .integer($0) },
            "to": notice.flatMap { $0.to.isEmpty ? nil : .array($0.to.map { .string($0.description) }) },
            "fallback": notice?.fallback.map { [$0].json[0] }, "incident": notice?.isIncident == true ? true : nil,
            "cause": (cause?.rawValue ?? notice?.cause?.rawValue).map { .string($0) },
            "answerBy": answerBy.map { .string($0.description) },
        ])
    }

    /// Reads a payload that the receipt schema has accepted; nil where it is not one of version 1 after all.
    public init?(_ value: JSONValue) {
        guard value["v"]?.int == 1, let rung = value["rung"]?.string.flatMap(Rung.init),
            let broker = value["broker"]?.string.flatMap(AgencyID.init),
            let sender = value["sender"]?.string.flatMap(AgencyID.init),
            let at = value["at"]?.string.flatMap(Timestamp.init)
        else { return nil }
        let code = value["code"]?.string.flatMap(ErrorCode.init)
        let stage = value["stage"]?.string.flatMap(Stage.init)
        self.init(
            rung, broker: broker, sender: sender, id: value["id"]?.string.flatMap(MessageID.init),
            digest: value["digest"]?.string.flatMap { Digest($0) }, at: at,
            sequence: value["seq"]?.int.map { UInt64($0) },
            recipients: (value["recipients"].map { Array($0.elements) } ?? []).compactMap(RecipientClocks.init),
            senderDue: value["senderDue"].map(DueTimes.init) ?? .none,
            level: value["level"]?.string.flatMap(ClockLevel.init),
            policy: value["policy"]?.string.flatMap { Digest($0) },
            refusal: code.flatMap { code in stage.map { RefusalGround(code: code, stage: $0) } },
            agency: value["agency"]?.string.flatMap(AgencyID.init), by: value["by"]?.string, answer: Answer(value),
            cause: rung == .recalled ? value["cause"]?.string.flatMap(RecallCause.init) : nil,
            answerBy: value["answerBy"]?.string.flatMap { Timestamp($0) }, notice: ClockNotice(value, of: rung))
    }
}

extension ReceiptStatement.RecipientClocks {
    init?(_ value: JSONValue) {
        guard let agency = value["agency"]?.string.flatMap(AgencyID.init) else { return nil }
        self.init(agency: agency, due: DueTimes(value))
    }
}

extension ReceiptStatement.Answer {
    init?(_ value: JSONValue) {
        guard let message = value["message"],
            let id = message["id"]?.string.flatMap(MessageID.init),
            let sender = message["sender"]?.string.flatMap(AgencyID.init),
            let digest = message["digest"]?.string.flatMap({ Digest($0) })
        else { return nil }
        let state = value["state"]?.string.map(LifecycleState.init(rawValue:))
        self.init(state: state, message: MessageKey(sender: sender, id: id), digest: digest)
    }
}

extension [ReceiptStatement.RecipientClocks] {
    /// Recipients with their times. Most messages give all recipients the same, so equal neighbours are written out once.
    public var json: [JSON] {
        var (due, members): (DueTimes, [JSON.Member]) = (.none, [])
        return map { recipient in
            if recipient.due != due { (due, members) = (recipient.due, recipient.due.members) }
            return .object([JSON.Member("agency", .string(recipient.agency.description))] + members)
        }
    }
}
