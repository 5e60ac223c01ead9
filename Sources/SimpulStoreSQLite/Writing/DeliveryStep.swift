internal import SimpulBroker
internal import SimpulCore

/// A step of one delivery that its machine has allowed; nothing of it is written yet.
struct DeliveryStep {
    var standing: DeliveryRows.Standing
    var actions: [DeliveryMachine.Action]
    /// Whether the row is another one afterwards.
    var isChange: Bool

    /// What a delivery's machine says to an event.
    init(
        _ event: DeliveryMachine.Event, of standing: DeliveryRows.Standing, at now: Timestamp
    ) throws(DeliveryMachine.Objection) {
        self.standing = standing
        actions = try self.standing.machine.apply(event, at: now)
        isChange = self.standing.machine != standing.machine
    }

    /// The step with the receipts of the rungs that it records.
    func signed(_ sign: (Rung, RungEvent) throws -> Receipt) throws -> SignedStep {
        var receipts: [Receipt] = []
        for case .record(let rung, _) in actions { receipts.append(try sign(rung, standing.event)) }
        return SignedStep(step: self, receipts: receipts)
    }

    /// The step as it is, where it records no rung.
    func unsigned() throws(StoreError) -> SignedStep {
        for case .record(let rung, _) in actions { throw StoreError(.unavailable, "\(rung.rawValue) is not signed") }
        return SignedStep(step: self, receipts: [])
    }
}

/// A step with all that it takes to write it.
struct SignedStep {
    fileprivate var step: DeliveryStep
    fileprivate var receipts: [Receipt]

    var machine: DeliveryMachine { step.standing.machine }
    var place: DeliveryRows.Place { step.standing.place }
    var event: RungEvent { step.standing.event }
}

extension Writer {
    /// What a delivery's machine says to an event.
    /// - Throws: `JobFailure` where the machine objects: callers ask first.
    func step(
        _ event: DeliveryMachine.Event, of standing: DeliveryRows.Standing, at now: Timestamp
    ) throws -> DeliveryStep {
        do throws(DeliveryMachine.Objection) {
            return try DeliveryStep(event, of: standing, at: now)
        } catch {
            throw JobFailure(error: StoreError(.corrupt, "a delivery cannot take a step: \(error)"))
        }
    }

    /// Writes a step: the row, and what follows from it.
    func perform(_ signed: SignedStep) throws(StoreError) {
        let (standing, event) = (signed.step.standing, signed.step.standing.event)
        if signed.step.isChange { try deliveries.put(standing.machine, at: standing.place) }
        let next = standing.clocks.moment(keeping: standing.nextDue)
        if next != standing.nextDue { try clocks.put(standing.progress, next: next, at: standing.place) }
        var receipts = signed.receipts[...]
        for action in signed.step.actions {
            switch action {
            case .record(let rung, let tellsRecipient):
                guard let receipt = receipts.popFirst() else {
                    throw StoreError(.unavailable, "\(rung.rawValue) has no receipt")
                }
                try record(
                    SignedRung(rung: rung, receipt: receipt), of: event, standing.place,
                    tellingToo: tellsRecipient ? [event.agency] : [])
            case .settleLease(let attempt): try leases.settle(standing.place, attempt: attempt)
            case .close: try lanes.leave(standing.lane)
            case .ring: ring([event.agency])
            }
        }
    }

    /// Writes the leaf of a rung, and lets the message's sender have it, and whom else it is for.
    func record(
        _ signed: SignedRung, of event: RungEvent, _ place: DeliveryRows.Place, tellingToo others: [AgencyID] = []
    ) throws(StoreError) {
        let leaf = try log.append(
            LogRecord(receipt: signed.receipt, at: event.at), rung: signed.rung,
            about: LogRows.Step(message: place.message, agency: event.agency))
        let told = Set([event.key.sender] + others)
        for agency in told.sorted() {
            try rungs.insert(leaf: leaf, for: agency)
            try lanes.tell(agency, 1)
        }
        ring(told)
    }
}
