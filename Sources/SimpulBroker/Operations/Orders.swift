public import SimpulCore

/// What operators do to queues and deliveries. Each act is in the log, with who and why, in the transaction that does it.
public struct Orders: Sendable {
    private let store: any MessageStore
    private let receipts: ReceiptIssuer
    private let rulebook: Rulebook
    private let now: @Sendable () -> Timestamp

    /// The orders of one broker.
    public init(
        store: any MessageStore, receipts: ReceiptIssuer, rulebook: Rulebook, now: @escaping @Sendable () -> Timestamp
    ) {
        self.store = store
        self.receipts = receipts
        self.rulebook = rulebook
        self.now = now
    }

    /// Does something to deliveries of one message.
    /// - Parameter reason: as ``OperationRecord/isReason(_:)`` takes it.
    /// - Returns: the recipients to whose deliveries it was done.
    /// - Throws: `not-found`; `delivery-state` where no delivery that is meant stands where it can be done.
    public func perform(_ order: DeliveryOrder, by: OperationBy, reason: String) async throws -> [AgencyID] {
        let (moment, receipts) = (now(), receipts)
        let record = OperationRecord(
            order.action.operation, by: by, reason: reason, at: moment, agency: order.agency, message: order.key)
        let outcome = try await store.order(order, at: moment, record: record.logged) { rung, event, type in
            try receipts.ordered(rung, event, of: type)
        }
        switch outcome {
        case .done(let agencies): return agencies
        case .unknown: throw Refusal.notFound
        case .impossible: throw Refusal.deliveryState
        }
    }

    /// Pauses what waits for an agency, or lets it go on.
    /// - Throws: `not-found` for an agency that neither the roster nor a pause knows.
    public func pause(_ agency: AgencyID, _ isPaused: Bool, by: OperationBy, reason: String) async throws {
        guard rulebook.rules.roster.agencies[agency] != nil || store.pausedQueues[agency] != nil else {
            throw Refusal.notFound
        }
        let record = OperationRecord(
            isPaused ? .pauseQueue : .resumeQueue, by: by, reason: reason, at: now(), agency: agency)
        try await store.pause(agency, isPaused, record: record.logged)
    }
}

extension DeliveryOrder.Action {
    /// What the log calls it.
    var operation: OperationAction {
        switch self {
        case .retry: .retry
        case .cancel: .cancel
        case .park: .park
        case .bounce: .bounce
        }
    }
}

extension Refusal {
    static let deliveryState = Refusal(
        .deliveryState, at: .deliver,
        LocalizedText(
            "No delivery of this message stands where this can be done. Look at its trace first.",
            "Tidak ada kiriman pesan ini yang keadaannya memungkinkan tindakan itu. Periksa jejaknya dahulu."))
}
