internal import SimpulBroker
internal import SimpulCore

extension Writer {
    /// Leases what waits: every receipt is signed before the first row is written.
    func claim(
        _ claim: Claim, at now: Timestamp, sign: (RungEvent) throws -> Receipt
    ) throws -> ClaimOutcome {
        let waiting = claim.content.includesMessages ? try waitingDeliveries(for: claim, at: now) : []
        let told =
            claim.content.includesRungs
            ? try waitingRungs(for: claim, besides: waiting, at: now) : []
        guard !waiting.isEmpty || !told.isEmpty else {
            return .empty(nextLeaseEnd: try nextEnd(for: claim, at: now))
        }
        let receipts = try JobFailure.signing {
            try waiting.map { $0.rung.height < Rung.delivered.height ? try sign($0.event) : nil }
        }
        var leased: [LeasedDelivery] = []
        for (delivery, receipt) in zip(waiting, receipts) {
            leased.append(try lease(delivery, receipt: receipt, claim, at: now))
        }
        return .leased(leased, rungs: try told.map { rung throws(StoreError) in try lease(rung, claim, at: now) })
    }

    private func waitingDeliveries(
        for claim: Claim, at now: Timestamp
    ) throws(StoreError) -> [DeliveryRows.Waiting] {
        try deliveries.expire(of: claim.agency, at: now)
        return try deliveries.waiting(for: claim, at: now)
    }

    private func waitingRungs(
        for claim: Claim, besides deliveries: [DeliveryRows.Waiting], at now: Timestamp
    ) throws(StoreError) -> [RungRows.Waiting] {
        try rungs.expire(of: claim.agency, at: now)
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
        _ delivery: DeliveryRows.Waiting, receipt: Receipt?, _ claim: Claim, at now: Timestamp
    ) throws(StoreError) -> LeasedDelivery {
        let token = DeliveryToken()
        let attempt = delivery.attempt + 1
        let rung = receipt == nil ? delivery.rung : Rung.delivered
        try deliveries.lease(delivery.place, rung: rung, attempt: attempt, until: claim.leaseUntil)
        if attempt > 1 { try leases.forgetEnded(of: delivery.place, before: attempt, at: now) }
        try leases.insert(
            token,
            LeaseRows.Lease(
                place: delivery.place, attempt: attempt, agency: claim.agency, since: now, until: claim.leaseUntil,
                isSettled: false))
        if let receipt {
            try record(SignedRung(rung: .delivered, receipt: receipt), of: delivery.event, delivery.place)
        }
        return LeasedDelivery(
            token: token, key: delivery.event.key, attempt: attempt, leaseUntil: claim.leaseUntil, due: delivery.due,
            envelope: try messages.envelope(of: delivery.place.message),
            receipt: try log.receipt(at: delivery.place.message))
    }

    private func lease(_ rung: RungRows.Waiting, _ claim: Claim, at now: Timestamp) throws(StoreError) -> LeasedRung {
        let token = DeliveryToken()
        try rungs.lease(
            rung.leaf, of: claim.agency, attempt: rung.attempt + 1, token: token, at: now, until: claim.leaseUntil)
        return LeasedRung(
            token: token, id: rung.id, attempt: rung.attempt + 1, leaseUntil: claim.leaseUntil, receipt: rung.receipt)
    }

    /// Lets deliveries wait again whose lease is still the one of these tokens.
    func release(_ tokens: [DeliveryToken], of agency: AgencyID) throws {
        for token in tokens {
            if let lease = try leases.find(token, of: agency) {
                guard !lease.isSettled else { continue }
                if try deliveries.giveBack(lease.place, attempt: lease.attempt) { ring([agency]) }
            } else if let rung = try rungs.find(token, of: agency), rung.state == .leased {
                try rungs.hold(rung, as: .waiting, until: Timestamp(milliseconds: 0))
                ring([agency])
            }
        }
    }

    /// Ends a live lease without settling.
    func giveBack(
        _ token: DeliveryToken, of agency: AgencyID, at now: Timestamp, until: Timestamp?
    ) throws -> LeaseOutcome {
        if let lease = try leases.find(token, of: agency) {
            guard try lives(lease, at: now) else { return .leaseExpired }
            if let until {
                try deliveries.backOff(lease.place, until: until)
            } else {
                _ = try deliveries.giveBack(lease.place, attempt: lease.attempt)
            }
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
            guard try lives(lease, at: now) else { return .leaseExpired }
            let later = end(since: lease.since, now: lease.until)
            try leases.extend(token, until: later)
            try deliveries.extend(lease.place, until: later)
            return .done(leaseUntil: later)
        }
        guard let rung = try rungs.find(token, of: agency) else { return .unknown }
        guard rung.lives(at: now) else { return .leaseExpired }
        let later = end(since: rung.since, now: rung.until)
        try rungs.hold(rung, as: .leased, until: later)
        return .done(leaseUntil: later)
    }

    private func lives(_ lease: LeaseRows.Lease, at now: Timestamp) throws(StoreError) -> Bool {
        guard !lease.isSettled else { return false }
        return lives(lease, try deliveries.find(lease.place, at: now), at: now)
    }

    /// Whether a delivery is still under that lease.
    func lives(_ lease: LeaseRows.Lease, _ delivery: DeliveryRows.Standing, at now: Timestamp) -> Bool {
        delivery.state == .leased && delivery.attempt == lease.attempt && delivery.leaseUntil > now
    }
}
