public import SimpulBroker
public import SimpulCore

extension MemoryStore {
    /// Takes what clocks have to do.
    public func fireClocks(
        at now: Timestamp, limit: Int, by rules: ClockRules,
        sign: @escaping @Sendable (ReceiptStatement) throws -> Receipt
    ) async throws(StoreError) -> ClockRound {
        try write { state throws(StoreError) in try state.fireClocks(at: now, limit: limit, by: rules, sign: sign) }
    }

    /// When the first clock has something to do.
    public func nextClock() async throws(StoreError) -> Timestamp? { read { $0.nextClock } }

    /// Has every clock that has fired before looked at again.
    public func rearmClocks(at now: Timestamp) async throws(StoreError) {
        try write { state throws(StoreError) in
            state.rearmClocks(at: now)
            state.rearmPurges(at: now)
        }
    }
}

extension MemoryState {
    /// What a sender owes for one message.
    struct Owed {
        var clocks: OwedClocks
        var nextDue: Timestamp?
    }

    /// The clocks of a delivery as the pure value wants them.
    func clocks(at place: Place) -> DeliveryClocks {
        let (message, delivery) = (messages[place.key], delivery(at: place))
        return DeliveryClocks(
            machine: delivery.machine, due: delivery.due, expires: message?.header.expires ?? .epoch,
            level: message?.level, progress: delivery.progress)
    }

    /// Looks again at when a delivery's clocks have something to do.
    mutating func replan(_ place: Place, _ change: (inout ClockProgress) -> Void = { _ in }) {
        var progress = delivery(at: place).progress
        change(&progress)
        messages[place.key]?.deliveries[place.position].progress = progress
        let known = delivery(at: place).nextDue
        let next = clocks(at: place).moment(keeping: known)
        messages[place.key]?.deliveries[place.position].nextDue = next
    }

    var nextClock: Timestamp? {
        let deliveries = messages.values.flatMap { $0.deliveries.compactMap(\.nextDue) }
        return (deliveries + owed.values.compactMap(\.nextDue) + (again.map { [$0.since] } ?? [])).min()
    }

    mutating func rearmClocks(at now: Timestamp) {
        again = (now, messages.flatMap { key, message in message.deliveries.indices.map { (key, $0) } })
    }

    mutating func fireClocks(
        at now: Timestamp, limit: Int, by rules: ClockRules, sign: (ReceiptStatement) throws -> Receipt
    ) throws(StoreError) -> ClockRound {
        var round = ClockRound()
        let due = messages.values.flatMap { message in
            message.deliveries.enumerated().compactMap { position, delivery in
                delivery.nextDue.map { (moment: $0, sequence: message.sequence, place: (message.key, position)) }
            }
        }
        // A quarter is for what senders owe, however many deliveries are late.
        let most = max(1, limit - limit / 4)
        let places = due.filter { $0.moment <= now }
            .sorted { ($0.moment, $0.sequence, $0.place.1) < ($1.moment, $1.sequence, $1.place.1) }.prefix(most)
        for (_, _, place) in places { try fire(place, at: now, by: rules, &round, sign) }
        let late = owed.filter { $0.value.nextDue.map { $0 <= now } ?? false }
            .sorted {
                ($0.value.nextDue ?? now, $0.key.id.description) < ($1.value.nextDue ?? now, $1.key.id.description)
            }
            .prefix(limit - places.count)
        for (key, _) in late { try fire(owedFor: key, at: now, by: rules, &round, sign) }
        try lookAgain(at: now, limit: max(1, limit / 8, limit - places.count - late.count), by: rules, &round, sign)
        round.isFull = again != nil || places.count >= most || places.count + late.count >= limit
        return round
    }

    private mutating func lookAgain(
        at now: Timestamp, limit: Int, by rules: ClockRules, _ round: inout ClockRound,
        _ sign: (ReceiptStatement) throws -> Receipt
    ) throws(StoreError) {
        guard let (since, places) = again else { return }
        for place in places.suffix(limit) {
            guard !delivery(at: place).progress.isEmpty, let next = delivery(at: place).nextDue, next > now else {
                continue
            }
            try fire(place, at: now, by: rules, &round, sign)
        }
        again = places.count > limit ? (since, places.dropLast(limit)) : nil
    }

    private mutating func fire(
        _ place: Place, at now: Timestamp, by rules: ClockRules, _ round: inout ClockRound,
        _ sign: (ReceiptStatement) throws -> Receipt
    ) throws(StoreError) {
        guard let due = due(place, at: now) else { return }
        let plan = rules.plan(due, at: now)
        for action in plan.actions { round.count(action.statement) }
        try carryOut(plan, place, at: now, sign)
    }

    private func due(_ place: Place, at now: Timestamp) -> DueDelivery? {
        guard let message = messages[place.key] else { return nil }
        let agency = message.deliveries[place.position].agency
        return DueDelivery(
            event: RungEvent(key: place.key, digest: message.digest, agency: agency, at: now),
            type: message.header.type, header: message.isErased ? nil : message.header,
            holders: Set(message.deliveries.map(\.agency)),
            grants: grants.values.filter {
                $0.key.reference == message.header.neededConsent && $0.key.status == message.header.status
            }, clocks: clocks(at: place))
    }

    private mutating func carryOut(
        _ plan: ClockPlan, _ place: Place, at now: Timestamp, _ sign: (ReceiptStatement) throws -> Receipt
    ) throws(StoreError) {
        for action in plan.actions {
            let receipt = try signing { try sign(action.statement) }
            if let step = action.event {
                _ = take(step, place, at: now) { _, _ in receipt }
            } else {
                tell(append(LogRecord(receipt: receipt, at: now)), of: place.key, Set(action.told + [place.key.sender]))
                messages[place.key]?.deliveries[place.position].rungs.append(
                    RecordedRung(rung: action.statement.rung, at: now, receipt: receipt))
            }
            if let fallback = action.fallback {
                let position = messages[place.key]?.deliveries.count ?? 0
                messages[place.key]?.deliveries.append(Delivery(agency: fallback.agency, due: fallback.due))
                replan((place.key, position))
                ringing.insert(fallback.agency)
            }
        }
        messages[place.key]?.deliveries[place.position].progress = plan.progress
        messages[place.key]?.deliveries[place.position].nextDue = plan.next
    }

    mutating func redirect(
        _ order: RedirectOrder, at now: Timestamp, record: LogRecord, by rules: ClockRules,
        sign: (ReceiptStatement) throws -> Receipt
    ) throws(StoreError) -> RedirectOutcome {
        guard let position = messages[order.key]?.deliveries.firstIndex(where: { $0.agency == order.from }),
            let due = due((order.key, position), at: now)
        else { return .unknown }
        let plan: ClockPlan
        do { plan = try rules.redirect(due, to: order.to, at: now) } catch { return .impossible(error) }
        _ = append(record)
        try carryOut(plan, (order.key, position), at: now, sign)
        return .done
    }

    private mutating func fire(
        owedFor key: MessageKey, at now: Timestamp, by rules: ClockRules, _ round: inout ClockRound,
        _ sign: (ReceiptStatement) throws -> Receipt
    ) throws(StoreError) {
        guard let message = messages[key], var duty = owed[key] else { return }
        let event = RungEvent(key: key, digest: message.digest, agency: key.sender, at: now)
        for clock in duty.clocks.fire(at: now) {
            let statement = rules.statement(
                clock, of: event, type: message.header.type, header: message.header, due: duty.clocks.due[clock])
            let receipt = try signing { try sign(statement) }
            round.count(statement)
            tell(append(LogRecord(receipt: receipt, at: now)), of: key, [key.sender])
            messages[key]?.senderRungs.append(RecordedRung(rung: .overdue, at: now, receipt: receipt))
        }
        duty.nextDue = duty.clocks.next
        owed[key] = duty
    }

    // MARK: What stops a clock

    mutating func raiseAnswered(
        by header: Header, at now: Timestamp, sign: (RungEvent, Rung) throws -> Receipt
    ) throws(StoreError) {
        guard let id = header.inReplyTo else { return }
        for asker in header.recipients {
            let key = MessageKey(sender: asker, id: id)
            guard let asked = messages[key],
                let position = asked.deliveries.firstIndex(where: { $0.agency == header.sender })
            else { continue }
            let machine = asked.deliveries[position].machine
            guard asked.header.status == header.status, !machine.wasNeverGot, !asked.isErased,
                let effect = AnswerEffect(of: header, on: asked.header.type)
            else { return }
            if let rung = effect.rung, rung.height > machine.rung.height {
                let event = RungEvent(key: key, digest: asked.digest, agency: header.sender, at: now)
                let receipt = try signing { try sign(event, rung) }
                _ = take(.settle(rung), (key, position), at: now) { _, _ in receipt }
            }
            replan((key, position)) { progress in
                if effect.meetsServe { progress.isServed = true }
                if effect.isRefusal, !asked.header.fallback.isEmpty { progress.isRefused = true }
            }
            return
        }
    }

    mutating func stopClocks(by header: Header) {
        for (key, message) in messages where key.sender == header.sender && key.id != header.id {
            guard message.header.status == header.status else { continue }
            let isOfThread =
                (header.thread != nil || header.inReplyTo != nil)
                && message.header.lifecycleThread == header.lifecycleThread
            if isOfThread || header.inReplyTo == key.id || header.supersedes.contains(key.id) {
                owed[key]?.nextDue = nil
            }
            guard header.ownMessagesEnded.contains(key.id) else { continue }
            for position in message.deliveries.indices { replan((key, position)) { $0.isStopped = true } }
        }
    }
}
