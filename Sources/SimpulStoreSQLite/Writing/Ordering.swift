internal import SimpulBroker
internal import SimpulCore

extension Writer {
    /// Does what an operator has ordered, as far as the deliveries' machines let it.
    func order(
        _ order: DeliveryOrder, at now: Timestamp, record: LogRecord,
        sign: (Rung, RungEvent, MessageType) throws -> Receipt
    ) throws -> OrderOutcome {
        guard let message = try messages.find(order.key)?.sequence else { return .unknown }
        let meant = try clocks.all(of: message, at: now).filter { order.agency ?? $0.event.agency == $0.event.agency }
        guard !meant.isEmpty else { return .unknown }
        let type = try messages.type(of: message)
        let steps = meant.compactMap { try? DeliveryStep(order.action.event, of: $0, at: now) }
        guard !steps.isEmpty else { return .impossible }
        let signed = try JobFailure.signing { try steps.map { try $0.signed { try sign($0, $1, type) } } }
        try log.append(record)
        for step in signed { try perform(step) }
        if order.action == .cancel {
            if try messages.eraseIfNobodyGotIt(message) { eraser.isNeeded() }
            try attachments.freeIfRecalled(message)
        }
        return .done(signed.map(\.event.agency))
    }

    /// Pauses a queue, or lets it go on.
    func pause(_ agency: AgencyID, _ isPaused: Bool, record: LogRecord) throws {
        let leaf = try log.append(record)
        if isPaused {
            guard let queue = PausedQueue(record) else {
                throw StoreError(.unavailable, "the record of a pause says something else")
            }
            try paused.insert(agency, queue, leaf: leaf)
        } else {
            try paused.remove(agency)
        }
        ring([agency])
    }
}
