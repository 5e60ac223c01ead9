internal import SimpulBroker
internal import SimpulCore

extension Writer {
    /// Settles by a lease that lives, or that has settled before: then the rung may still rise.
    func settle(
        _ token: DeliveryToken, of agency: AgencyID, at now: Timestamp, isBare: Bool,
        sign: (RungEvent) throws(Refusal) -> SignedRung
    ) throws -> SettleOutcome {
        guard let lease = try leases.find(token, of: agency) else {
            return isBare ? try settleRung(token, of: agency, at: now) : .unknown
        }
        let delivery = try deliveries.find(lease.place, at: now)
        guard lease.isSettled || delivery.machine.isLeased(by: lease.attempt, at: now) else { return .leaseExpired }
        return try raise(delivery, at: now, sign: sign)
    }

    /// Records what a recipient says of a message that it may have no lease of.
    func record(
        _ key: MessageKey, of agency: AgencyID, at now: Timestamp, sign: (RungEvent) throws(Refusal) -> SignedRung
    ) throws -> SettleOutcome {
        guard let message = try messages.find(key)?.sequence,
            let delivery = try deliveries.find(of: agency, message: message, at: now), !delivery.machine.wasNeverGot
        else { return .unknown }
        return try raise(delivery, at: now, sign: sign)
    }

    private func raise(
        _ delivery: DeliveryRows.Standing, at now: Timestamp, sign: (RungEvent) throws(Refusal) -> SignedRung
    ) throws -> SettleOutcome {
        let signed: SignedRung
        do { signed = try sign(delivery.event) } catch { return .refused(error) }
        guard signed.rung.height >= Rung.acknowledged.height else {
            throw JobFailure(error: StoreError(.unavailable, "\(signed.rung.rawValue) settles nothing"))
        }
        try raise(delivery, by: signed, at: now)
        return .settled
    }

    /// Brings a delivery to a rung at which it is settled, and its newest lease with it. A rung that is no higher than
    /// the one that it has changes nothing else.
    func raise(_ delivery: DeliveryRows.Standing, by signed: SignedRung, at now: Timestamp) throws {
        try perform(try step(.settle(signed.rung), of: delivery, at: now).signed { _, _ in signed.receipt })
    }

    private func settleRung(
        _ token: DeliveryToken, of agency: AgencyID, at now: Timestamp
    ) throws(StoreError) -> SettleOutcome {
        guard let rung = try rungs.find(token, of: agency) else { return .unknown }
        guard !rung.state.isSettled else { return .settled }
        guard rung.lives(at: now) else { return .leaseExpired }
        try rungs.hold(rung, as: .acknowledged, until: rung.until)
        try lanes.tell(agency, -1)
        return .settled
    }
}
