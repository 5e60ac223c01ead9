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
        /// What it wants.
        public var content: InboxContent

        /// A request; the caller has checked it against the limits.
        public init(wait: Int, max: Int, lease: Int, content: InboxContent = .everything) {
            self.wait = wait
            self.max = max
            self.lease = lease
            self.content = content
        }
    }

    /// What an agency gets.
    public struct Answer: Sendable, Equatable {
        /// Messages, most urgent first.
        public var deliveries: [LeasedDelivery]
        /// Rungs that it is told of, oldest first.
        public var rungs: [LeasedRung]

        /// An answer.
        public init(deliveries: [LeasedDelivery] = [], rungs: [LeasedRung] = []) {
            self.deliveries = deliveries
            self.rungs = rungs
        }

        /// Whether nothing came.
        public var isEmpty: Bool { deliveries.isEmpty && rungs.isEmpty }
        /// What settles it.
        public var tokens: [DeliveryToken] { deliveries.map(\.token) + rungs.map(\.token) }
    }

    /// Leases deliveries, waiting as long as the request says; empty when none came in time, or when the task that calls
    /// is cancelled. The caller is judged again before each look, by the rules of that moment.
    /// - Throws: `agency-inactive`; `StoreError`.
    public func receive(_ request: Request, for caller: Caller) async throws -> Answer {
        let deadline = now().advanced(bySeconds: Int64(request.wait))
        counters.update { $0.waiting += 1 }
        defer { counters.update { $0.waiting -= 1 } }
        while !Task.isCancelled {
            let agency = try authenticator.renew(caller).agency.id
            // Registered before the look, so that no change falls between look and wait.
            let changes = store.changes(for: agency)
            let outcome = try await claim(request, for: agency)
            guard case .empty(let nextLeaseEnd) = outcome else { return answer(outcome) }
            let moment = now()
            guard moment < deadline else { return Answer() }
            let wake = min(deadline, nextLeaseEnd ?? deadline)
            await Self.wait(for: changes, atMostMilliseconds: max(1, wake.milliseconds - moment.milliseconds))
        }
        return Answer()
    }

    /// Gives leases back whose answer could not be written.
    public func release(_ answer: Answer, of caller: Caller) async throws(StoreError) {
        try await store.release(answer.tokens, of: caller.agency.id)
    }

    /// Gives one delivery back: the caller cannot handle it now.
    /// - Parameter seconds: for how long it is given to nobody; 0 for not at all.
    /// - Throws: `not-found`, `lease-expired`.
    public func giveBack(_ token: DeliveryToken, forSeconds seconds: Int, from caller: Caller) async throws {
        let moment = now()
        let until = seconds > 0 ? moment.advanced(bySeconds: Int64(seconds)) : nil
        _ = try Self.end(
            of: try await store.giveBack(token, of: caller.agency.id, at: moment, until: until, isFailure: false))
        counters.update { $0.givenBack += 1 }
    }

    /// Keeps one delivery for so many more seconds from now, and no longer in all than `Limits.leaseTotalSeconds`.
    /// - Returns: until when it is leased now.
    /// - Throws: `not-found`, `lease-expired`.
    public func extend(_ token: DeliveryToken, bySeconds seconds: Int, from caller: Caller) async throws -> Timestamp {
        let moment = now()
        return try Self.end(
            of: try await store.extend(
                token, of: caller.agency.id, at: moment, until: moment.advanced(bySeconds: Int64(seconds)),
                totalSeconds: limits.leaseTotalSeconds))
    }

    /// Records what a recipient says of a message without a lease: that it has it, or that an officer has opened it.
    /// - Throws: `not-found` where the caller is no recipient of the message, or what is wrong with the receipt.
    public func record(_ receipt: [UInt8], of key: MessageKey, from caller: Caller) async throws {
        let recipientReceipts = recipientReceipts
        let outcome = try await store.record(key, of: caller.agency.id, at: now()) { event throws(Refusal) in
            try recipientReceipts.rung(of: receipt, for: event, caller: caller)
        }
        switch outcome {
        case .settled: break
        case .refused(let refusal): throw refusal
        case .unknown, .leaseExpired: throw Refusal.notFound
        }
    }

    private static func end(of outcome: LeaseOutcome) throws(Refusal) -> Timestamp {
        switch outcome {
        case .done(let leaseUntil): return leaseUntil
        case .leaseExpired: throw .leaseExpired
        case .unknown: throw .notFound
        }
    }

    /// Settles a delivery: acknowledged by the caller's system, or as a receipt of the caller's own says.
    /// - Throws: `not-found`, `lease-expired`, or what is wrong with the receipt.
    public func acknowledge(
        _ token: DeliveryToken, receipt: [UInt8]?, from caller: Caller
    ) async throws {
        let (receipts, recipientReceipts) = (receipts, recipientReceipts)
        let isBare = receipt == nil
        let outcome = try await store.settle(token, of: caller.agency.id, at: now(), isBare: isBare) {
            event throws(Refusal) in
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
        case .leaseExpired: throw Refusal.leaseExpired
        }
    }

    private func claim(_ request: Request, for agency: AgencyID) async throws(StoreError) -> ClaimOutcome {
        let moment = now()
        let claim = Claim(
            agency: agency, limit: request.max, bytes: limits.inboxBytes,
            leaseUntil: moment.advanced(bySeconds: Int64(request.lease)), content: request.content)
        let receipts = receipts
        return try await store.claim(claim, at: moment) { try receipts.rung(.delivered, $0) }
    }

    private func answer(_ outcome: ClaimOutcome) -> Answer {
        guard case .leased(let deliveries, let rungs) = outcome else { return Answer() }
        counters.update { $0.leased += deliveries.count }
        return Answer(deliveries: deliveries, rungs: rungs)
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
    static let leaseExpired = Refusal(
        .leaseExpired, at: .deliver,
        LocalizedText(
            "The lease is over; the delivery is given out again. Fetch the inbox and acknowledge the new token.",
            "Masa sewa berakhir; kiriman akan diberikan lagi. Ambil kotak masuk dan akui token yang baru."))

    /// Nothing is there, or nothing that this caller may know of: both look the same.
    public static let notFound = Refusal(
        .notFound, at: .receive,
        LocalizedText("There is nothing here for you.", "Tidak ada apa pun di sini untuk Anda."))
}
