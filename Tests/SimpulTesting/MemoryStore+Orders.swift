public import SimpulBroker
public import SimpulCore

extension MemoryStore {
    /// Does what an operator has ordered.
    public func order(
        _ order: DeliveryOrder, at now: Timestamp, record: LogRecord,
        sign: @escaping @Sendable (Rung, RungEvent, MessageType) throws -> Receipt
    ) async throws(StoreError) -> OrderOutcome {
        try write { state throws(StoreError) in try state.order(order, at: now, record: record, sign: sign) }
    }

    /// Gives a delivery to another agency.
    public func redirect(
        _ order: RedirectOrder, at now: Timestamp, record: LogRecord, by rules: ClockRules,
        sign: @escaping @Sendable (ReceiptStatement) throws -> Receipt
    ) async throws(StoreError) -> RedirectOutcome {
        try write { state throws(StoreError) in
            try state.redirect(order, at: now, record: record, by: rules, sign: sign)
        }
    }

    /// Pauses a queue, or lets it go on.
    public func pause(_ agency: AgencyID, _ isPaused: Bool, record: LogRecord) async throws(StoreError) {
        try write { state throws(StoreError) in
            _ = state.append(record)
            state.paused[agency] = isPaused ? state.paused[agency] ?? PausedQueue(record) : nil
            state.ringing.insert(agency)
        }
    }

    /// The queues that are paused.
    public var pausedQueues: [AgencyID: PausedQueue] { read { $0.paused } }
}

extension MemoryState {
    mutating func order(
        _ order: DeliveryOrder, at now: Timestamp, record: LogRecord,
        sign: (Rung, RungEvent, MessageType) throws -> Receipt
    ) throws(StoreError) -> OrderOutcome {
        guard let message = messages[order.key] else { return .unknown }
        let meant = message.deliveries.indices.filter {
            order.agency ?? message.deliveries[$0].agency == message.deliveries[$0].agency
        }
        guard !meant.isEmpty else { return .unknown }
        let possible = meant.filter { position in
            var machine = message.deliveries[position].machine
            return (try? machine.apply(order.action.event, at: now)) != nil
        }
        guard !possible.isEmpty else { return .impossible }
        _ = append(record)
        for position in possible {
            do {
                _ = try take(order.action.event, (order.key, position), at: now) { rung, event in
                    try sign(rung, event, message.header.type)
                }
            } catch {
                throw StoreError(.unavailable, "signing failed: \(error)")
            }
            replan((order.key, position))
        }
        if order.action == .cancel, messages[order.key]?.deliveries.allSatisfy(\.machine.wasNeverGot) == true,
            message.header.type != .consent
        {
            messages[order.key]?.envelope = []
        }
        if order.action == .cancel { freeAttachments(of: order.key) }
        return .done(possible.map { message.deliveries[$0].agency })
    }
}
