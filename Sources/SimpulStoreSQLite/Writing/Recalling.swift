internal import SimpulBroker
internal import SimpulCore

/// A delivery that a message takes back.
struct Recalled {
    var delivery: DeliveryRows.Standing
    var cause: RecallCause

    /// Whether its recipient has had it; then the recipient is told.
    var wasDelivered: Bool { delivery.machine.wasDelivered }
}

extension Writer {
    /// The deliveries that a new message takes back: those of everything that stands on the grant that it ends, or of
    /// the one message that it recalls.
    func recalled(
        by message: AuthorizedMessage, ending grant: ConsentGrant?, at now: Timestamp
    ) throws(StoreError) -> [Recalled] {
        if let grant, let cause = grant.end?.cause {
            var recalled: [Recalled] = []
            for sequence in try messages(standingOn: grant, at: now) {
                recalled += try deliveries.unrecalled(of: sequence, at: now).map {
                    Recalled(delivery: $0, cause: cause)
                }
            }
            return recalled
        }
        let header = message.header
        guard header.type == .recall, header.position == nil, let id = header.inReplyTo,
            let own = try messages.find(MessageKey(sender: header.sender, id: id))?.sequence,
            // An exercise never takes back what is actual.
            try messages.header(of: own)?.status == header.status
        else { return [] }
        // Who has had it gets the recall itself.
        return try deliveries.unrecalled(of: own, at: now).map { Recalled(delivery: $0, cause: .bySender) }
            .filter { !$0.wasDelivered && !$0.delivery.machine.state.isSettled }
    }

    /// What stands on a grant that ends, unless its sender has recorded another one of its own that covers it. A grant
    /// that somebody else has recorded under the same reference saves nothing: it may have been planted.
    private func messages(standingOn grant: ConsentGrant, at now: Timestamp) throws(StoreError) -> [UInt64] {
        let others = try grants.find(grant.key.reference, grant.key.status)
            .filter { $0.key != grant.key && $0.lives(at: now) }
        var standing: [UInt64] = []
        for sequence in try grants.messages(on: grant) {
            if !others.isEmpty, let header = try messages.header(of: sequence),
                others.contains(where: { $0.key.holder == header.sender && $0.covers(header, at: now) })
            {
                continue
            }
            standing.append(sequence)
        }
        return standing
    }

    /// Takes deliveries back, each with its leaf, and erases what nobody has got.
    func recall(_ recalled: [(Recalled, Receipt)], at now: Timestamp) throws {
        for (one, receipt) in recalled { try recall(one, receipt, at: now) }
        for sequence in Set(recalled.map(\.0.delivery.place.message)).sorted() {
            if try messages.eraseIfNobodyGotIt(sequence) { eraser.isNeeded() }
            try attachments.freeIfRecalled(sequence)
        }
    }

    /// What is settled stands where it stands: that it was taken back is recorded and told.
    private func recall(_ one: Recalled, _ receipt: Receipt, at now: Timestamp) throws {
        let delivery = one.delivery
        guard delivery.machine.state.isSettled else {
            return try perform(try step(.recall, of: delivery, at: now).signed { _, _ in receipt })
        }
        try record(
            SignedRung(rung: .recalled, receipt: receipt), of: delivery.event, delivery.place,
            tellingToo: one.wasDelivered ? [delivery.event.agency] : [])
        try put({ $0.isStopped = true }, at: delivery.place, at: now)
    }
}
