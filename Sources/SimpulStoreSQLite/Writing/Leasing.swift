internal import SimpulBroker
internal import SimpulCore

extension Writer {
    /// Leases what waits: every receipt is signed before the first row is written.
    func claim(
        _ claim: Claim, at now: Timestamp, sign: (RungEvent) throws -> Receipt
    ) throws -> ClaimOutcome {
        guard let claim = claim.whileQueue(isPaused: paused.isPaused(claim.agency)) else {
            return .empty(nextLeaseEnd: nil)
        }
        let (waiting, hasMore) =
            claim.content.includesMessages ? try waitingDeliveries(for: claim, at: now) : ([], false)
        let told =
            claim.content.includesRungs
            ? try waitingRungs(for: claim, besides: waiting, at: now) : []
        guard !waiting.isEmpty || !told.isEmpty else {
            // What else is over by now is looked for at once.
            return .empty(nextLeaseEnd: hasMore ? now : try nextEnd(for: claim, at: now))
        }
        let steps = try waiting.map { delivery in
            try step(.lease(until: claim.leaseUntil, way: claim.way), of: delivery.standing, at: now)
        }
        let signed = try JobFailure.signing { try steps.map { try $0.signed { _, event in try sign(event) } } }
        var leased: [LeasedDelivery] = []
        for (delivery, step) in zip(waiting, signed) { leased.append(try lease(delivery, step, claim, at: now)) }
        return .leased(leased, rungs: try told.map { rung throws(StoreError) in try lease(rung, claim, at: now) })
    }

    private func waitingDeliveries(
        for claim: Claim, at now: Timestamp
    ) throws(StoreError) -> ([DeliveryRows.Waiting], hasMore: Bool) {
        let hasMore = try deliveries.expire(of: claim.agency, at: now, atMost: limits.expiredAtOnce)
        return (try deliveries.waiting(for: claim, at: now), hasMore)
    }

    private func waitingRungs(
        for claim: Claim, besides deliveries: [DeliveryRows.Waiting], at now: Timestamp
    ) throws(StoreError) -> [RungRows.Waiting] {
        try rungs.expire(of: claim.agency, at: now, atMost: limits.expiredAtOnce)
        return try rungs.waiting(
            for: claim.agency, atMost: claim.limit - deliveries.count,
            bytes: max(0, claim.bytes - deliveries.reduce(0) { $0 + $1.envelopeSize }),
            isAlone: deliveries.isEmpty)
    }

    private func nextEnd(for claim: Claim, at now: Timestamp) throws(StoreError) -> Timestamp? {
        let ends = [
            claim.content.includesMessages ? try deliveries.nextLeaseEnd(for: claim, at: now) : nil,
            claim.content.includesRungs ? try rungs.nextEnd(for: claim.agency, at: now) : nil,
        ]
        return ends.compactMap { $0 }.min()
    }

    private func lease(
        _ delivery: DeliveryRows.Waiting, _ step: SignedStep, _ claim: Claim, at now: Timestamp
    ) throws(StoreError) -> LeasedDelivery {
        let token = DeliveryToken()
        let (place, attempt) = (step.place, step.machine.attempt)
        if attempt > 1 { try leases.forgetEnded(of: place, before: attempt, at: now) }
        try leases.insert(
            token,
            LeaseRows.Lease(
                place: place, attempt: attempt, agency: claim.agency, since: now, until: claim.leaseUntil,
                isSettled: false))
        try perform(step)
        try lanes.serve(delivery.standing.turn, of: delivery.standing.lane.queue)
        return LeasedDelivery(
            token: token, key: step.event.key, attempt: attempt, leaseUntil: claim.leaseUntil, due: delivery.due,
            envelope: try messages.envelope(of: place.message), receipt: try log.receipt(at: place.message),
            failures: step.machine.failures)
    }

    private func lease(_ rung: RungRows.Waiting, _ claim: Claim, at now: Timestamp) throws(StoreError) -> LeasedRung {
        let token = DeliveryToken()
        try rungs.lease(
            rung.leaf, of: claim.agency, attempt: rung.attempt + 1, token: token, at: now, until: claim.leaseUntil)
        return LeasedRung(
            token: token, id: rung.id, attempt: rung.attempt + 1, leaseUntil: claim.leaseUntil, receipt: rung.receipt)
    }

    /// Lets deliveries wait again whose lease is still the one of these tokens.
    func release(_ tokens: [DeliveryToken], of agency: AgencyID, at now: Timestamp) throws {
        for token in tokens {
            if let lease = try leases.find(token, of: agency) {
                guard !lease.isSettled else { continue }
                let standing = try deliveries.find(lease.place, at: now)
                try perform(try step(.release(attempt: lease.attempt), of: standing, at: now).unsigned())
            } else if let rung = try rungs.find(token, of: agency), rung.state == .leased {
                try rungs.hold(rung, as: .waiting, until: Timestamp(milliseconds: 0))
                ring([agency])
            }
        }
    }

    /// Ends a live lease without settling.
    func giveBack(
        _ token: DeliveryToken, of agency: AgencyID, at now: Timestamp, until: Timestamp?, isFailure: Bool
    ) throws -> LeaseOutcome {
        if let lease = try leases.find(token, of: agency) {
            let event = DeliveryMachine.Event.giveBack(attempt: lease.attempt, until: until, isFailure: isFailure)
            guard try take(event, by: lease, at: now) else { return .leaseExpired }
        } else if let rung = try rungs.find(token, of: agency) {
            guard rung.lives(at: now) else { return .leaseExpired }
            try rungs.hold(
                rung, as: until == nil ? .waiting : .backingOff, until: until ?? Timestamp(milliseconds: 0))
        } else {
            return .unknown
        }
        ring([agency])  // who waits learns the new moment
        return .done(leaseUntil: until ?? now)
    }

    /// Lets a live lease end later.
    func extend(
        _ token: DeliveryToken, of agency: AgencyID, at now: Timestamp, until: Timestamp, totalSeconds: Int
    ) throws -> LeaseOutcome {
        func end(since: Timestamp, now end: Timestamp) -> Timestamp {
            max(end, min(until, since.advanced(bySeconds: Int64(totalSeconds))))
        }
        if let lease = try leases.find(token, of: agency) {
            let later = end(since: lease.since, now: lease.until)
            guard try take(.extend(attempt: lease.attempt, until: later), by: lease, at: now) else {
                return .leaseExpired
            }
            try leases.extend(token, until: later)
            return .done(leaseUntil: later)
        }
        guard let rung = try rungs.find(token, of: agency) else { return .unknown }
        guard rung.lives(at: now) else { return .leaseExpired }
        let later = end(since: rung.since, now: rung.until)
        try rungs.hold(rung, as: .leased, until: later)
        return .done(leaseUntil: later)
    }

    /// Takes a step that only the holder of a live lease may take, and that nobody signs.
    /// - Returns: false where the lease does not live.
    private func take(
        _ event: DeliveryMachine.Event, by lease: LeaseRows.Lease, at now: Timestamp
    ) throws -> Bool {
        let standing = try deliveries.find(lease.place, at: now)
        guard !lease.isSettled, standing.machine.isLeased(by: lease.attempt, at: now) else { return false }
        try perform(try step(event, of: standing, at: now).unsigned())
        return true
    }
}
