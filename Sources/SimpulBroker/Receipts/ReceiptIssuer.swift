internal import JOSE
public import SimpulCore
public import SimpulEnvelope

/// Signs what the broker says.
public struct ReceiptIssuer: Sendable {
    /// Whose word it is.
    let identity: SigningIdentity

    /// The broker that signs.
    public var broker: AgencyID { identity.agency }

    /// An issuer with the broker's signing identity.
    public init(identity: SigningIdentity) { self.identity = identity }

    /// The receipt of a message that the transaction around this call makes durable.
    func accepted(_ message: AuthorizedMessage, sequence: UInt64, at now: Timestamp) throws(KeyError) -> Receipt {
        try identity.receipt(
            ReceiptStatement(
                .accepted, broker: broker, sender: message.header.sender, id: message.header.id,
                digest: message.digest, at: now, sequence: sequence, recipients: message.recipientClocks,
                senderDue: message.senderDue, level: message.level, policy: message.policy))
    }

    /// The receipt of a refusal. It names the id where a verified document gave one; the id is not used up.
    func refused(
        _ refusal: Refusal, digest: Digest?, sender: AgencyID, at now: Timestamp
    ) throws(KeyError) -> Receipt {
        try identity.receipt(
            ReceiptStatement(
                .refused, broker: broker, sender: sender, id: refusal.message, digest: digest, at: now,
                refusal: ReceiptStatement.RefusalGround(code: refusal.code, stage: refusal.stage)))
    }

    /// The receipt of a delivery that its recipient has answered, or is done with, by a message of its own.
    func answered(_ event: RungEvent, _ rung: Rung, by message: AuthorizedMessage) throws(KeyError) -> Receipt {
        let header = message.header
        let isConference = header.type == .caseConference
        let state = isConference ? header.action.map(LifecycleState.init(rawValue:)) : header.position
        return try identity.receipt(
            ReceiptStatement(
                rung, broker: broker, sender: event.key.sender, id: event.key.id, digest: event.digest,
                at: event.at, agency: event.agency,
                answer: ReceiptStatement.Answer(
                    state: rung == .answered ? state : nil, message: message.key, digest: message.digest)))
    }

    /// The receipt of what a clock has done.
    func notice(_ statement: ReceiptStatement) throws(KeyError) -> Receipt { try identity.receipt(statement) }

    /// The receipt of a delivery that was taken back.
    /// - Parameter answerBy: by when its recipient, where it had the message, says what became of it.
    func recalled(
        _ event: RungEvent, cause: RecallCause, answerBy: Timestamp?
    ) throws(KeyError) -> Receipt {
        try identity.receipt(
            ReceiptStatement(
                .recalled, broker: broker, sender: event.key.sender, id: event.key.id, digest: event.digest,
                at: event.at, agency: event.agency, cause: cause, answerBy: answerBy))
    }

    /// The receipt of what an operator has ordered: `bounced`, or `recalled` where the delivery was cancelled.
    func ordered(_ rung: Rung, _ event: RungEvent, of type: MessageType) throws(KeyError) -> Receipt {
        guard rung == .bounced else { return try recalled(event, cause: .byOperator, answerBy: nil) }
        return try identity.receipt(
            ReceiptStatement(
                .bounced, broker: broker, sender: event.key.sender, id: event.key.id, digest: event.digest,
                at: event.at, agency: event.agency, notice: ClockNotice(cause: .ending(.byOperator), type: type)))
    }

    /// The receipt of a step that the broker has seen itself: `delivered`, or `acknowledged` by a system.
    func rung(_ rung: Rung, _ event: RungEvent, by: String? = nil) throws(KeyError) -> Receipt {
        try identity.receipt(
            ReceiptStatement(
                rung, broker: broker, sender: event.key.sender, id: event.key.id, digest: event.digest,
                at: event.at, agency: event.agency, by: by))
    }
}
