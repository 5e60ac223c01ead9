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

    /// Gives a delivery to another agency, which the message's sender has named as fallback.
    /// - Parameter reason: as ``OperationRecord/isReason(_:)`` takes it.
    /// - Throws: `not-found`; `delivery-state` where the delivery is over, or the other agency has one; `policy-denied`,
    ///   `consent` and `recipient-unknown` where the other agency may not have the message.
    public func redirect(_ order: RedirectOrder, by: OperationBy, reason: String) async throws {
        let (moment, receipts) = (now(), receipts)
        let record = OperationRecord(
            .redirect, by: by, reason: reason, at: moment, agency: order.from, message: order.key, to: order.to)
        let rules = ClockRules(hub: receipts.broker, rules: rulebook.rules)
        let outcome = try await store.redirect(order, at: moment, record: record.logged, by: rules) {
            try receipts.notice($0)
        }
        switch outcome {
        case .done: return
        case .unknown: throw Refusal.notFound
        case .impossible(let objection): throw Refusal(objection)
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
    fileprivate init(_ objection: RedirectObjection) {
        let (code, text) = objection.told
        self.init(code, at: code == .deliveryState ? .deliver : .authorize, text)
    }

    static let deliveryState = Refusal(
        .deliveryState, at: .deliver,
        LocalizedText(
            "No delivery of this message stands where this can be done. Look at its trace first.",
            "Tidak ada kiriman pesan ini yang keadaannya memungkinkan tindakan itu. Periksa jejaknya dahulu."))
}

extension RedirectObjection {
    fileprivate var told: (code: ErrorCode, text: LocalizedText) {
        switch self {
        case .isOver:
            (
                .deliveryState,
                LocalizedText(
                    "This delivery is over: it is answered or has ended, or its message was taken back or has expired.",
                    "Kiriman ini selesai: sudah dijawab atau berakhir, atau pesannya ditarik atau habis masa berlakunya."
                )
            )
        case .hasDelivery:
            (
                .deliveryState,
                LocalizedText(
                    "The agency that shall take over has a delivery of this message already. Look at the trace.",
                    "Instansi pengganti sudah mempunyai kiriman pesan ini. Periksa jejaknya.")
            )
        case .notNamed:
            (
                .policyDenied,
                LocalizedText(
                    "A message goes to those only whom its sender has named, as recipient or fallback, and sealed it for.",
                    "Pesan hanya diberikan kepada pihak yang disebut pengirim, sebagai penerima atau cadangan.")
            )
        case .inactive:
            (
                .recipientUnknown,
                LocalizedText(
                    "The agency that shall take over takes part no more.", "Instansi pengganti tidak lagi ikut serta.")
            )
        case .denied(let denial):
            (
                .policyDenied,
                LocalizedText(
                    "The policy of now does not allow this (\(denial.text.english)).",
                    "Kebijakan saat ini tidak mengizinkan ini (\(denial.text.indonesian)).")
            )
        case .notConsented:
            (
                .consent,
                LocalizedText(
                    "The consent that this message stands on has ended, or does not cover the agency any more.",
                    "Persetujuan yang mendasari pesan ini sudah berakhir, atau tidak lagi mencakup instansi itu.")
            )
        }
    }
}
