internal import SimpulBroker
internal import SimpulCore

extension Writer {
    /// Leases what waits: every receipt is signed before the first row is written.
    func claim(
        _ claim: Claim, at now: Timestamp, sign: (RungEvent) throws -> Receipt
    ) throws -> ClaimOutcome {
        try deliveries.expire(of: claim.agency, at: now)
        let waiting = try deliveries.waiting(for: claim, at: now)
        guard !waiting.isEmpty else {
            return .empty(nextLeaseEnd: try deliveries.nextLeaseEnd(for: claim, at: now))
        }
        let receipts = try JobFailure.signing {
            try waiting.map { $0.rung.height < Rung.delivered.height ? try sign($0.event) : nil }
        }
        var leased: [LeasedDelivery] = []
        for (delivery, receipt) in zip(waiting, receipts) {
            leased.append(try lease(delivery, receipt: receipt, claim, at: now))
        }
        return .leased(leased)
    }

    private func lease(
        _ delivery: DeliveryRows.Waiting, receipt: Receipt?, _ claim: Claim, at now: Timestamp
    ) throws(StoreError) -> LeasedDelivery {
        let token = DeliveryToken()
        let attempt = delivery.attempt + 1
        let rung = receipt == nil ? delivery.rung : Rung.delivered
        try deliveries.lease(delivery.place, rung: rung, attempt: attempt, until: claim.leaseUntil)
        if attempt > 1 { try leases.forgetEnded(of: delivery.place, at: now) }
        try leases.insert(
            token,
            LeaseRows.Lease(
                place: delivery.place, attempt: attempt, agency: claim.agency, until: claim.leaseUntil,
                isSettled: false))
        if let receipt {
            try log.append(
                LogRecord(receipt: receipt, at: now), rung: .delivered,
                about: LogRows.Step(message: delivery.place.message, agency: claim.agency))
        }
        return LeasedDelivery(
            token: token, key: delivery.event.key, attempt: attempt, leaseUntil: claim.leaseUntil, due: delivery.due,
            envelope: try messages.envelope(of: delivery.place.message),
            receipt: try log.receipt(at: delivery.place.message))
    }

    /// Lets deliveries wait again whose lease is still the one of these tokens.
    func release(_ tokens: [DeliveryToken], of agency: AgencyID) throws {
        for token in tokens {
            guard let lease = try leases.find(token, of: agency), !lease.isSettled else { continue }
            if try deliveries.giveBack(lease.place, attempt: lease.attempt) { ring([agency]) }
        }
    }

    /// Settles by a lease that lives, or that has settled before: then the rung may still rise.
    func settle(
        _ token: DeliveryToken, of agency: AgencyID, at now: Timestamp,
        sign: (RungEvent) throws(Refusal) -> SignedRung
    ) throws -> SettleOutcome {
        guard let lease = try leases.find(token, of: agency) else { return .unknown }
        let delivery = try deliveries.find(lease.place, at: now)
        let lives = delivery.state == .leased && delivery.attempt == lease.attempt && delivery.leaseUntil > now
        guard lease.isSettled || lives else { return .leaseExpired }
        let signed: SignedRung
        do { signed = try sign(delivery.event) } catch { return .refused(error) }
        guard signed.rung.height >= Rung.acknowledged.height else {
            throw JobFailure(error: StoreError(.unavailable, "\(signed.rung.rawValue) settles nothing"))
        }
        if !lease.isSettled { try leases.settle(token) }
        if signed.rung.height > delivery.rung.height {
            try log.append(
                LogRecord(receipt: signed.receipt, at: now), rung: signed.rung,
                about: LogRows.Step(message: lease.place.message, agency: agency))
            try deliveries.settle(
                lease.place, as: DeliveryState(settledWith: signed.rung), rung: signed.rung)
        }
        return .settled
    }
}
