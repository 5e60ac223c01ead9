public import SimpulCore
public import SimpulEnvelope

/// The way out: leases what waits for an agency, waits with it where nothing does, and settles what it acknowledges.
public struct Inbox: Sendable {
    private let authenticator: Authenticator
    private let store: any MessageStore
    private let receipts: ReceiptIssuer
    private let recipientReceipts: RecipientReceipt
    private let counters: Counters
    private let limits: Limits
    private let now: @Sendable () -> Timestamp

    /// The inbox of one broker.
    public init(
        authenticator: Authenticator, store: any MessageStore, receipts: ReceiptIssuer, catalogue: SchemaCatalogue,
        counters: Counters, limits: Limits, now: @escaping @Sendable () -> Timestamp
    ) {
        self.authenticator = authenticator
        self.store = store
        self.receipts = receipts
        recipientReceipts = RecipientReceipt(catalogue: catalogue, broker: receipts.broker)
        self.counters = counters
        self.limits = limits
        self.now = now
    }

    /// What an agency asks for.
    public struct Request: Sendable, Equatable {
        /// Seconds to wait where nothing is there.
        public var wait: Int
        /// Deliveries at the most.
        public var max: Int
        /// Seconds of the lease.
        public var lease: Int
        /// Only this type.
        public var type: MessageType?

        /// A request; the caller has checked it against the limits.
        public init(wait: Int, max: Int, lease: Int, type: MessageType? = nil) {
            self.wait = wait
            self.max = max
            self.lease = lease
            self.type = type
        }
    }

    /// Leases deliveries, waiting as long as the request says; empty when none came in time, or when the task that calls
    /// is cancelled. The caller is judged again before each look, by the rules of that moment.
    /// - Throws: `agency-inactive`; `StoreError`.
    public func receive(_ request: Request, for caller: Caller) async throws -> [LeasedDelivery] {
        let deadline = now().advanced(bySeconds: Int64(request.wait))
        counters.update { $0.waiting += 1 }
        defer { counters.update { $0.waiting -= 1 } }
        while !Task.isCancelled {
            let agency = try authenticator.renew(caller).agency.id
            // Registered before the look, so that no change falls between look and wait.
            let changes = store.changes(for: agency)
            let outcome = try await claim(request, for: agency)
            guard case .empty(let nextLeaseEnd) = outcome else { return leased(outcome) }
            let moment = now()
            guard moment < deadline else { return [] }
            let wake = min(deadline, nextLeaseEnd ?? deadline)
            await Self.wait(for: changes, atMostMilliseconds: max(1, wake.milliseconds - moment.milliseconds))
        }
        return []
    }

    /// Gives leases back whose answer could not be written.
    public func release(_ deliveries: [LeasedDelivery], of caller: Caller) async throws(StoreError) {
        try await store.release(deliveries.map(\.token), of: caller.agency.id)
    }

    /// Settles a delivery: acknowledged by the caller's system, or as a receipt of the caller's own says.
    /// - Throws: `not-found`, `lease-expired`, or what is wrong with the receipt.
    public func acknowledge(
        _ token: DeliveryToken, receipt: [UInt8]?, from caller: Caller
    ) async throws {
        let (receipts, recipientReceipts) = (receipts, recipientReceipts)
        let outcome = try await store.settle(token, of: caller.agency.id, at: now()) { event throws(Refusal) in
            if let receipt { return try recipientReceipts.rung(of: receipt, for: event, caller: caller) }
            do {
                return SignedRung(
                    rung: .acknowledged, receipt: try receipts.rung(.acknowledged, event, by: "system"))
            } catch {
                throw Refusal(.internalError, at: .deliver, ErrorCode.internalError.title, diagnosis: "\(error)")
            }
        }
        switch outcome {
        case .settled: counters.update { $0.acknowledged += 1 }
        case .unknown: throw Refusal.notFound
        case .refused(let refusal): throw refusal
        case .leaseExpired:
            throw Refusal(
                .leaseExpired, at: .deliver,
                LocalizedText(
                    "The lease is over; the delivery is given out again. Fetch the inbox and acknowledge the new token.",
                    "Masa sewa berakhir; kiriman akan diberikan lagi. Ambil kotak masuk dan akui token yang baru."))
        }
    }

    private func claim(_ request: Request, for agency: AgencyID) async throws(StoreError) -> ClaimOutcome {
        let moment = now()
        let claim = Claim(
            agency: agency, limit: request.max, bytes: limits.inboxBytes,
            leaseUntil: moment.advanced(bySeconds: Int64(request.lease)), type: request.type)
        let receipts = receipts
        return try await store.claim(claim, at: moment) { try receipts.rung(.delivered, $0) }
    }

    private func leased(_ outcome: ClaimOutcome) -> [LeasedDelivery] {
        guard case .leased(let deliveries) = outcome else { return [] }
        counters.update { $0.leased += deliveries.count }
        return deliveries
    }

    /// Returns at the next change or after that time, whichever comes first, or when the task is cancelled.
    private static func wait(for changes: AsyncStream<Void>, atMostMilliseconds milliseconds: Int64) async {
        await withTaskGroup(of: Void.self) { group in
            group.addTask { for await _ in changes { return } }
            group.addTask { try? await Task.sleep(for: .milliseconds(milliseconds)) }
            await group.next()
            group.cancelAll()
        }
    }
}

extension Refusal {
    /// Nothing is there, or nothing that this caller may know of: both look the same.
    public static let notFound = Refusal(
        .notFound, at: .receive,
        LocalizedText("There is nothing here for you.", "Tidak ada apa pun di sini untuk Anda."))
}
