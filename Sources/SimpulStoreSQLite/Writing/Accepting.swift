internal import SimpulBroker
internal import SimpulCore

extension Writer {
    /// A new message: its receipt is signed before anything is written, so a signer that fails leaves nothing behind.
    func accept(
        _ message: AuthorizedMessage, at now: Timestamp, queued: Int, sign: AcceptanceSigner
    ) throws -> AcceptOutcome {
        if let stored = try messages.find(message.key) {
            guard stored.digest == message.digest else { return .conflict(stored: stored.digest) }
            return .repeated(try log.receipt(at: stored.sequence))
        }
        let step: LifecycleStep?
        switch try judge(message.header) {
        case .success(let taken): step = taken
        case .failure(let refusal): return .refused(refusal)
        }
        let recipients = message.header.recipients
        guard open[message.key.sender] + recipients.count <= queued else { return .queueFull }
        let sequence = log.next
        let receipt = try JobFailure.signing { try sign.accepted(sequence) }
        let answered = try JobFailure.signing { try answer(in: message, at: now, sign: sign.answered) }
        try log.append(LogRecord(receipt: receipt, at: now), rung: .accepted)
        try messages.insert(message, sequence: sequence)
        try deliveries.insert(message, sequence: sequence)
        try owed.insert(message.senderDue, message: sequence)
        if let step { try steps.insert(step, of: message.header, message: sequence) }
        open.add(recipients.count, of: message.key.sender)
        ring(recipients)
        if let answered { try raise(answered.delivery, by: answered.rung, at: now) }
        return .accepted(receipt)
    }

    /// The step that a message takes, by what is known in this transaction.
    private func judge(_ header: Header) throws(StoreError) -> Result<LifecycleStep?, Refusal> {
        let known = try relations.relations(of: header)
        return Result { () throws(Refusal) in try known.check(header) }
    }

    private typealias Answered = (delivery: DeliveryRows.Standing, rung: SignedRung)

    /// The delivery to the sender of this message that the message answers, and its new rung; nil where there is none,
    /// or where it stands as high already.
    private func answer(
        in message: AuthorizedMessage, at now: Timestamp, sign: (RungEvent) throws -> Receipt
    ) throws -> Answered? {
        guard let id = message.header.inReplyTo, message.header.state?.isAnswer == true else { return nil }
        for asker in message.header.recipients {
            guard let asked = try messages.find(MessageKey(sender: asker, id: id))?.sequence,
                let delivery = try deliveries.find(of: message.key.sender, message: asked, at: now)
            else { continue }
            // An exercise never answers what is actual.
            guard try messages.header(of: asked)?.status == message.header.status else { return nil }
            guard delivery.rung.height < Rung.answered.height else { return nil }
            return (delivery, SignedRung(rung: .answered, receipt: try sign(delivery.event)))
        }
        return nil
    }
}
