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
        let consequence: Consequence
        switch try judge(message, at: now) {
        case .success(let allowed): consequence = allowed
        case .failure(let refusal): return .refused(refusal)
        }
        let recipients = message.header.recipients
        // A delivery to the broker itself is settled at once: a full queue never stops a withdrawal sent to it alone.
        let waiting = recipients.count { $0 != message.header.hub }
        guard try waiting == 0 || lanes.open(of: message.key.sender) + waiting <= queued else { return .queueFull }
        let sequence = log.next
        let receipt = try JobFailure.signing { try sign.accepted(sequence) }
        let answered = try JobFailure.signing { try answer(in: message, at: now, sign: sign.answered) }
        let own = try JobFailure.signing { try acknowledgement(of: message, at: now, sign: sign.acknowledged) }
        let recalled = try recalled(by: message, ending: consequence.grant, at: now)
        let recalls = try JobFailure.signing {
            try recalled.map { ($0, try sign.recalled($0.delivery.event, $0.cause, $0.wasDelivered)) }
        }
        try log.append(LogRecord(receipt: receipt, at: now), rung: .accepted)
        try messages.insert(message, sequence: sequence)
        let rank = message.header.rank(level: message.level)
        let turns = try lanes.enter(message.header, rank: rank)
        try deliveries.insert(message, sequence: sequence, rank: rank, turns: turns)
        try owed.insert(message, sequence: sequence)
        try write(consequence, of: message, sequence)
        try attachments.attach(message.header, message: sequence)
        try purges.look(
            at: BodyRetention.firstLook(
                acceptedAt: now, expires: message.header.expires, keptSeconds: limits.openedBodySeconds), sequence)
        ring(recipients)
        if let own { try settle(own, of: message.header.hub, message: sequence, at: now) }
        if let answered { try write(answered, at: now) }
        if message.header.refersToOthers { try stopClocks(by: message.header, sequence, at: now) }
        try recall(recalls, at: now)
        return .accepted(receipt)
    }

    /// What a message brings about besides its deliveries.
    private struct Consequence {
        var step: LifecycleStep?
        var grant: ConsentGrant?
    }

    /// What a message brings about, by what is known in this transaction.
    private func judge(
        _ message: AuthorizedMessage, at now: Timestamp
    ) throws(StoreError) -> Result<Consequence, Refusal> {
        let header = message.header
        let missing = try attachments.missing(of: header)
        guard missing.isEmpty else { return .failure(.attachmentMissing(missing, of: header)) }
        let related = try relations.relations(of: header)
        var known = KnownGrants.none
        if let reference = message.consent?.reference ?? header.neededConsent {
            known = try grants.known(
                reference, header.status, to: header.sender, countingTo: limits.consentMessages)
        }
        return Result { () throws(Refusal) in
            Consequence(
                step: try related.check(header),
                grant: try known.check(header, message.consent, at: now, limits: limits))
        }
    }

    private func write(
        _ consequence: Consequence, of message: AuthorizedMessage, _ sequence: UInt64
    ) throws(StoreError) {
        if let step = consequence.step { try steps.insert(step, of: message.header, message: sequence) }
        if let grant = consequence.grant { try grants.put(grant) }
        if let link = ConsentLink(message.header, message.consent) { try grants.link(link, message: sequence) }
    }

    /// The broker's own word for a delivery to itself; nil where it is no recipient.
    private func acknowledgement(
        of message: AuthorizedMessage, at now: Timestamp, sign: (RungEvent) throws -> Receipt
    ) throws -> Receipt? {
        guard message.header.recipients.contains(message.header.hub) else { return nil }
        return try sign(
            RungEvent(key: message.key, digest: message.digest, agency: message.header.hub, at: now))
    }

    /// Settles the delivery to the broker itself, which reads what it accepts as it accepts it.
    private func settle(
        _ own: Receipt, of hub: AgencyID, message: UInt64, at now: Timestamp
    ) throws {
        guard let delivery = try deliveries.find(of: hub, message: message, at: now) else { return }
        try raise(delivery, by: SignedRung(rung: .acknowledged, receipt: own), at: now)
    }

    /// A delivery that a message answers, what that does to its clocks, and its new rung, where it rises.
    private struct Answered {
        var delivery: DeliveryRows.Standing
        var question: Header
        var effect: AnswerEffect
        var rung: SignedRung?
    }

    /// The delivery to the sender of this message that the message answers; nil where there is none.
    private func answer(
        in message: AuthorizedMessage, at now: Timestamp, sign: (RungEvent, Rung) throws -> Receipt
    ) throws -> Answered? {
        let header = message.header
        guard let id = header.inReplyTo else { return nil }
        for asker in header.recipients {
            guard let asked = try messages.find(MessageKey(sender: asker, id: id))?.sequence,
                let delivery = try deliveries.find(of: message.key.sender, message: asked, at: now)
            else { continue }
            // An exercise never answers what is actual.
            guard let question = try messages.header(of: asked), question.status == header.status,
                !delivery.machine.wasNeverGot, let effect = AnswerEffect(of: header, on: question.type)
            else { return nil }
            var answered = Answered(delivery: delivery, question: question, effect: effect)
            if let rung = effect.rung, rung.height > delivery.machine.rung.height {
                answered.rung = SignedRung(rung: rung, receipt: try sign(delivery.event, rung))
            }
            return answered
        }
        return nil
    }

    private func write(_ answered: Answered, at now: Timestamp) throws {
        if let rung = answered.rung { try raise(answered.delivery, by: rung, at: now) }
        let takesOver = answered.effect.isRefusal && !answered.question.fallback.isEmpty
        try put(
            { progress in
                if answered.effect.meetsServe { progress.isServed = true }
                if takesOver { progress.isRefused = true }
            }, at: answered.delivery.place, at: now)
    }
}
