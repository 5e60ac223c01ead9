internal import SimpulCore
internal import SimpulEnvelope

/// An agency's inbox as the broker itself uses it to push: the same leases as for those who fetch, so both may stand side
/// by side. Rungs are not pushed; they wait to be fetched.
struct PushInbox: Sendable {
    private let store: any MessageStore
    private let receipts: ReceiptIssuer
    private let recipientReceipts: RecipientReceipt
    private let counters: Counters
    private let limits: Limits
    private let now: @Sendable () -> Timestamp

    init(
        store: any MessageStore, receipts: ReceiptIssuer, catalogue: SchemaCatalogue, counters: Counters,
        limits: Limits, now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.receipts = receipts
        recipientReceipts = RecipientReceipt(catalogue: catalogue, broker: receipts.broker)
        self.counters = counters
        self.limits = limits
        self.now = now
    }

    /// Signals each change after which a delivery of that agency may be waiting.
    func changes(for agency: AgencyID) -> AsyncStream<Void> { store.changes(for: agency) }

    /// Leases up to so many deliveries, for twice as long as an attempt may take.
    func claim(_ count: Int, for agency: AgencyID) async throws(StoreError) -> ClaimOutcome {
        let moment = now()
        let claim = Claim(
            agency: agency, limit: count, bytes: limits.inboxBytes,
            leaseUntil: moment.advanced(bySeconds: 2 * Int64(limits.pushSeconds)), content: .envelopes, way: .push)
        let receipts = receipts
        let outcome = try await store.claim(claim, at: moment) { try receipts.rung(.delivered, $0) }
        if case .leased(let deliveries, _) = outcome { counters.update { $0.leased += deliveries.count } }
        return outcome
    }

    /// Settles a delivery: acknowledged by the receiver's system, or as its own receipt says.
    /// - Returns: nil where it is settled; else what is wrong with the receipt, or with the lease.
    func settle(
        _ token: DeliveryToken, receipt: [UInt8]?, of agency: Agency, in roster: Roster
    ) async throws(StoreError) -> Refusal? {
        let moment = now()
        let speaker = RecipientReceipt.Speaker(agency: agency, roster: roster, at: moment)
        let (receipts, recipientReceipts) = (receipts, recipientReceipts)
        let outcome = try await store.settle(token, of: agency.id, at: moment, isBare: receipt == nil) {
            event throws(Refusal) in
            if let receipt { return try recipientReceipts.rung(of: receipt, for: event, by: speaker) }
            do {
                return SignedRung(
                    rung: .acknowledged, receipt: try receipts.rung(.acknowledged, event, by: "system"))
            } catch {
                throw Refusal(.internalError, at: .deliver, ErrorCode.internalError.title, diagnosis: "\(error)")
            }
        }
        switch outcome {
        case .settled:
            counters.update { $0.acknowledged += 1 }
            return nil
        case .refused(let refusal): return refusal
        case .leaseExpired: return .leaseExpired
        case .unknown: return .notFound
        }
    }

    /// Gives a delivery back after a failed attempt: it waits again from that moment on.
    func giveBack(_ token: DeliveryToken, of agency: AgencyID, until: Timestamp) async throws(StoreError) {
        _ = try await store.giveBack(token, of: agency, at: now(), until: until, isFailure: true)
    }

    /// Gives a delivery back that was not tried to its end.
    func release(_ token: DeliveryToken, of agency: AgencyID) async throws(StoreError) {
        try await store.release([token], of: agency)
    }
}
