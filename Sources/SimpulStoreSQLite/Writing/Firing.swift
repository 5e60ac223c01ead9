internal import SimpulBroker
internal import SimpulCore

/// A delivery with what its clocks do now, every receipt signed and nothing written.
private struct Fired {
    var standing: DeliveryRows.Standing
    var header: Header?
    var plan: ClockPlan
    var receipts: [Receipt]
}

/// A sender's duty that has run out, its receipt signed.
private struct FiredDuty {
    var due: OwedRows.Due
    var event: RungEvent
    var receipts: [Receipt]
}

extension Writer {
    /// How long until that is looked at again which could not be read.
    private static let postponedSeconds: Int64 = 3600

    /// Takes what clocks have to do. Everything is read and signed before the first row is written.
    /// - Parameter again: behind which place those that have fired before are to be looked at again; nil where none is.
    /// - Returns: also where that goes on; nil where it is done.
    func fireClocks(
        at now: Timestamp, limit: Int, again: ClockPlace?, by rules: ClockRules,
        sign: (ReceiptStatement) throws -> Receipt
    ) throws -> (ClockRound, again: ClockPlace?) {
        var round = ClockRound()
        // Two late recipients of one message may not both call the same fallback.
        var taken: [UInt64: Set<AgencyID>] = [:]
        // A quarter is for what senders owe, however many deliveries are late.
        let most = max(1, limit - limit / 4)
        let places = try clocks.due(at: now, limit: most)
        var (fired, unreadable) = try prepare(places, at: now, by: rules, &taken, &round, sign)
        let duties = try owed.due(at: now, limit: limit - places.count)
        let (signed, illegible) = try prepare(duties, at: now, by: rules, &round, sign)
        let (known, next) = try lookAgain(
            behind: again, at: now, limit: max(1, limit / 8, limit - places.count - duties.count), by: rules, &taken,
            &round, sign)
        fired += known
        for one in fired { try write(one, at: now) }
        for place in unreadable {
            try clocks.postpone(place, until: now.advanced(bySeconds: Self.postponedSeconds))
        }
        for duty in signed { try write(duty) }
        for duty in illegible { try owed.postpone(duty, until: now.advanced(bySeconds: Self.postponedSeconds)) }
        round.postponed = unreadable.count + illegible.count
        round.isFull = places.count >= most || places.count + duties.count >= limit || next != nil
        return (round, next)
    }

    /// Plans some of those anew that have fired before and do something later: what has changed of them, and from where
    /// on the others are looked at. What cannot be read stays as it is.
    private func lookAgain(
        behind place: ClockPlace?, at now: Timestamp, limit: Int, by rules: ClockRules,
        _ taken: inout [UInt64: Set<AgencyID>], _ round: inout ClockRound,
        _ sign: (ReceiptStatement) throws -> Receipt
    ) throws -> (changed: [Fired], next: ClockPlace?) {
        guard let place else { return ([], nil) }
        // What is due by now is fired as such.
        let start = place.moment > now ? place : ClockPlace(behind: now)
        let (places, last) = try clocks.fired(after: start, limit: limit)
        let (fired, _) = try prepare(places, at: now, by: rules, &taken, &round, sign)
        let changed = fired.filter { !$0.plan.actions.isEmpty || $0.plan.next != $0.standing.nextDue }
        return (changed, places.count < limit ? nil : last)
    }

    private func prepare(
        _ duties: [UInt64], at now: Timestamp, by rules: ClockRules, _ round: inout ClockRound,
        _ sign: (ReceiptStatement) throws -> Receipt
    ) throws -> (signed: [FiredDuty], illegible: [UInt64]) {
        var (signed, illegible): ([FiredDuty], [UInt64]) = ([], [])
        for duty in duties {
            do {
                signed.append(try prepare(try owed.clocks(of: duty), at: now, by: rules, &round, sign))
            } catch let error as StoreError where error.code == .corrupt {
                illegible.append(duty)
            }
        }
        return (signed, illegible)
    }

    private func prepare(
        _ places: [DeliveryRows.Place], at now: Timestamp, by rules: ClockRules,
        _ taken: inout [UInt64: Set<AgencyID>], _ round: inout ClockRound,
        _ sign: (ReceiptStatement) throws -> Receipt
    ) throws -> (fired: [Fired], unreadable: [DeliveryRows.Place]) {
        var (fired, unreadable): ([Fired], [DeliveryRows.Place]) = ([], [])
        for place in places {
            do {
                let one = try prepare(place, at: now, by: rules, taken[place.message] ?? [], &round, sign)
                let fallbacks = one.plan.actions.compactMap { $0.fallback?.agency }
                taken[place.message, default: []].formUnion(fallbacks)
                fired.append(one)
            } catch let error as StoreError where error.code == .corrupt {
                unreadable.append(place)
            }
        }
        return (fired, unreadable)
    }

    private func prepare(
        _ place: DeliveryRows.Place, at now: Timestamp, by rules: ClockRules, _ taken: Set<AgencyID>,
        _ round: inout ClockRound, _ sign: (ReceiptStatement) throws -> Receipt
    ) throws -> Fired {
        let standing = try deliveries.find(place, at: now)
        var due = try due(standing, at: now)
        due.holders.formUnion(taken)
        let plan = rules.plan(due, at: now)
        for action in plan.actions { round.count(action.statement) }
        return try signed(plan, of: standing, due.header, sign)
    }

    private func due(_ standing: DeliveryRows.Standing, at now: Timestamp) throws(StoreError) -> DueDelivery {
        let message = standing.place.message
        let header = try messages.header(of: message)
        var known: [ConsentGrant] = []
        // Asked for where somebody may take over, and for nobody else.
        if let header, !header.fallback.isEmpty, let reference = header.neededConsent {
            known = try grants.find(reference, header.status)
        }
        return DueDelivery(
            event: standing.event, type: try messages.type(of: message), header: header,
            holders: Set(try clocks.all(of: message, at: now).map(\.event.agency)), grants: known,
            clocks: standing.clocks)
    }

    private func signed(
        _ plan: ClockPlan, of standing: DeliveryRows.Standing, _ header: Header?,
        _ sign: (ReceiptStatement) throws -> Receipt
    ) throws -> Fired {
        let receipts = try JobFailure.signing { try plan.actions.map { try sign($0.statement) } }
        return Fired(standing: standing, header: header, plan: plan, receipts: receipts)
    }

    /// Gives a delivery to another agency, as an operator has ordered.
    func redirect(
        _ order: RedirectOrder, at now: Timestamp, record: LogRecord, by rules: ClockRules,
        sign: (ReceiptStatement) throws -> Receipt
    ) throws -> RedirectOutcome {
        guard let message = try messages.find(order.key)?.sequence,
            let standing = try clocks.all(of: message, at: now).first(where: { $0.event.agency == order.from })
        else { return .unknown }
        let due = try due(standing, at: now)
        let plan: ClockPlan
        do { plan = try rules.redirect(due, to: order.to, at: now) } catch { return .impossible(error) }
        let signed = try signed(plan, of: standing, due.header, sign)
        try log.append(record)
        try write(signed, at: now)
        return .done
    }

    private func prepare(
        _ due: OwedRows.Due, at now: Timestamp, by rules: ClockRules, _ round: inout ClockRound,
        _ sign: (ReceiptStatement) throws -> Receipt
    ) throws -> FiredDuty {
        var changed = due
        let late = changed.clocks.fire(at: now)
        let header = try messages.header(of: due.message)
        let (key, digest) = try messages.key(of: due.message)
        let event = RungEvent(key: key, digest: digest, agency: key.sender, at: now)
        let type = try messages.type(of: due.message)
        let statements = late.map {
            rules.statement($0, of: event, type: type, header: header, due: due.clocks.due[$0])
        }
        let receipts = try JobFailure.signing { try statements.map(sign) }
        for statement in statements { round.count(statement) }
        return FiredDuty(due: changed, event: event, receipts: receipts)
    }

    private func write(_ fired: Fired, at now: Timestamp) throws {
        let (standing, plan) = (fired.standing, fired.plan)
        for (action, receipt) in zip(plan.actions, fired.receipts) {
            if let event = action.event {
                try perform(try step(event, of: standing, at: now).signed { _, _ in receipt })
            } else {
                try record(
                    SignedRung(rung: action.statement.rung, receipt: receipt), of: standing.event, standing.place,
                    tellingToo: action.told)
            }
            if let fallback = action.fallback, let header = fired.header {
                let position = try clocks.all(of: standing.place.message, at: now).count
                let lane = Lane.Key(
                    queue: LaneQueue(recipient: fallback.agency, rank: standing.rank), sender: header.sender)
                try deliveries.insert(
                    DeliveryRows.Place(message: standing.place.message, position: position), fallback.agency, header,
                    DeliveryRows.Entry(
                        rank: standing.rank, turn: try lanes.enter(lane), due: fallback.due, level: standing.level))
                ring([fallback.agency])
            }
        }
        try clocks.put(plan.progress, next: plan.next, at: standing.place)
    }

    private func write(_ duty: FiredDuty) throws(StoreError) {
        for receipt in duty.receipts {
            try record(
                SignedRung(rung: .overdue, receipt: receipt), of: duty.event,
                DeliveryRows.Place(message: duty.due.message, position: 0))
        }
        try owed.put(duty.due.clocks, next: duty.due.clocks.next, of: duty.due.message)
    }

    // MARK: What stops a clock

    /// Writes what a message did to the clocks of a delivery besides its rung.
    func put(
        _ change: (inout ClockProgress) -> Void, at place: DeliveryRows.Place, at now: Timestamp
    ) throws(StoreError) {
        let standing = try deliveries.find(place, at: now)
        var changed = standing.clocks
        change(&changed.progress)
        let next = changed.moment(keeping: standing.nextDue)
        guard changed.progress != standing.progress || next != standing.nextDue else { return }
        try clocks.put(changed.progress, next: next, at: place)
    }

    /// Nobody owes anything any more for the messages that a new one cancels, replaces or takes back, nor its sender for
    /// what it said before.
    func stopClocks(by header: Header, _ sequence: UInt64, at now: Timestamp) throws(StoreError) {
        try owed.meet(by: header, sequence: sequence)
        for id in Set(header.supersedes + (header.inReplyTo.map { [$0] } ?? [])) {
            guard let own = try messages.find(MessageKey(sender: header.sender, id: id))?.sequence else { continue }
            try owed.meet(own, header.status)
        }
        for id in header.ownMessagesEnded {
            guard let own = try messages.find(MessageKey(sender: header.sender, id: id))?.sequence,
                // An exercise never ends what is actual.
                try messages.header(of: own)?.status == header.status
            else { continue }
            for standing in try clocks.all(of: own, at: now) {
                try put({ $0.isStopped = true }, at: standing.place, at: now)
            }
        }
    }
}
