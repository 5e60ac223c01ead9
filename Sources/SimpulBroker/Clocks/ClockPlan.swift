public import SimpulCore

/// A delivery whose moment has come, as a store has found it.
public struct DueDelivery: Sendable {
    /// What it is about; its time is that of the firing.
    public var event: RungEvent
    /// The message's type.
    public var type: MessageType
    /// The message's header; nil where its envelope cannot be read.
    public var header: Header?
    /// Everybody who has a delivery of the message.
    public var holders: Set<AgencyID>
    /// The grants under the consent that it needs, as they stand now; none where it needs none.
    public var grants: [ConsentGrant]
    /// Its clocks.
    public var clocks: DeliveryClocks

    /// A delivery.
    public init(
        event: RungEvent, type: MessageType, header: Header?, holders: Set<AgencyID>, grants: [ConsentGrant],
        clocks: DeliveryClocks
    ) {
        self.event = event
        self.type = type
        self.header = header
        self.holders = holders
        self.grants = grants
        self.clocks = clocks
    }

    /// Whether the person's consent, where the message needs one, lets one agency more have it.
    func mayGo(to agency: AgencyID, at now: Timestamp) -> Bool {
        guard let header else { return false }
        return !header.needsConsent || grants.contains { $0.covers(header, handedTo: agency, at: now) }
    }
}

/// What a store has to do about one delivery, in one transaction and in this order.
public struct ClockPlan: Sendable {
    /// The steps.
    public var actions: [ClockAction]
    /// What the row holds from then on.
    public var progress: ClockProgress
    /// When the next step is to be taken.
    public var next: Timestamp?
}

/// One step, with everything that it takes to write it.
public struct ClockAction: Sendable {
    /// What the delivery's machine is told; nil where the step only records a rung.
    public var event: DeliveryMachine.Event?
    /// What the receipt says.
    public var statement: ReceiptStatement
    /// Who is told of it besides the message's sender.
    public var told: [AgencyID]

    /// Who gets the message from now on.
    public var fallback: ReceiptStatement.RecipientClocks? { statement.notice?.fallback }
}

/// The rules of one moment, as far as clocks ask for them: whom a late delivery calls. Pure.
public struct ClockRules: Sendable {
    let hub: AgencyID
    let roster: Roster
    let policy: Policy

    /// The most agencies that one step tells; more are passed over, in the order of their ids.
    static let mostTold = 10

    /// The clocks of a broker under those rules.
    public init(hub: AgencyID, rules: Rulebook.Rules) {
        self.hub = hub
        roster = rules.roster
        policy = rules.policy
    }

    /// What is to be done about a delivery at that moment.
    public func plan(_ delivery: DueDelivery, at now: Timestamp) -> ClockPlan {
        var clocks = delivery.clocks
        if delivery.event.agency == hub { clocks.isOfBroker = true }
        let schedule = ClockSchedule(policy.clocks, level: clocks.level)
        let steps = schedule.fire(&clocks, at: now)
        var holders = delivery.holders
        let all = steps.flatMap { step -> [ClockAction] in
            let taken = actions(of: step, delivery, holders: holders, &clocks.progress, at: now)
            holders.formUnion(taken.compactMap { $0.fallback?.agency })
            return taken
        }
        return ClockPlan(actions: all, progress: clocks.progress, next: schedule.next(clocks, at: now))
    }

    /// What the receipt says where a sender owes something and is late.
    public func statement(
        _ clock: Clock, of event: RungEvent, type: MessageType, header: Header?, due: Timestamp?
    ) -> ReceiptStatement {
        statement(
            .overdue, event, level: nil,
            ClockNotice(
                clock: .init(clock), due: due, type: type, urgency: header?.urgency, status: header?.status))
    }

    private func actions(
        of step: ClockStep, _ delivery: DueDelivery, holders: Set<AgencyID>, _ progress: inout ClockProgress,
        at now: Timestamp
    ) -> [ClockAction] {
        let (agency, due) = (delivery.event.agency, delivery.clocks.due)
        switch step {
        case .overdue(let clock):
            return [action(.overdue, delivery, told: [agency], notice(delivery, clock, due[clock]))]
        case .escalate(let clock, let number):
            return escalation(clock, number, delivery, holders: holders, &progress, at: now)
        case .handOver:
            var notice = notice(delivery, nil, nil)
            notice.cause = .rejected
            notice.fallback = fallback(of: delivery, holders, at: now)
            return notice.fallback == nil ? [] : [action(.escalated, delivery, told: [agency], notice)]
        case .bounce(let clock):
            let cause: DeliveryCause = roster.party(agency, of: hub) == nil ? .recipientInactive : .overdue
            var notice = notice(delivery, clock, due[clock])
            notice.cause = .ending(cause)
            return [action(.bounced, delivery, told: [], notice, .bounce(cause))]
        case .expire:
            var notice = notice(delivery, nil, nil)
            notice.isIncident = delivery.clocks.level == .first && due.acknowledge != nil
            return [action(.expired, delivery, told: [], notice, .expire)]
        case .incident:
            var notice = notice(delivery, nil, delivery.clocks.expires)
            notice.clock = .expires
            notice.isIncident = true
            return [action(.overdue, delivery, told: [agency], notice)]
        }
    }

    /// Who is called from outside learns that a message is late, and not who takes it over: that is a rung of its own,
    /// for the parties.
    private func escalation(
        _ clock: Clock, _ number: Int, _ delivery: DueDelivery, holders: Set<AgencyID>, _ progress: inout ClockProgress,
        at now: Timestamp
    ) -> [ClockAction] {
        let late = delivery.event.agency
        var outside = notice(delivery, clock, delivery.clocks.due[clock])
        outside.step = number
        call(number, delivery, holders: holders, &outside, &progress, at: now)
        guard outside.fallback != nil else {
            return [action(.escalated, delivery, told: [late] + outside.to, outside)]
        }
        var inside = outside
        inside.to = []
        outside.fallback = nil
        let handedOver = action(.escalated, delivery, told: [late], inside)
        return outside.to.isEmpty
            ? [handedOver] : [action(.escalated, delivery, told: [late] + outside.to, outside), handedOver]
    }

    func action(
        _ rung: Rung, _ delivery: DueDelivery, told: [AgencyID], _ notice: ClockNotice,
        _ event: DeliveryMachine.Event? = nil
    ) -> ClockAction {
        ClockAction(
            event: event, statement: statement(rung, delivery.event, level: delivery.clocks.level, notice), told: told)
    }

    func notice(_ delivery: DueDelivery, _ clock: Clock?, _ due: Timestamp?) -> ClockNotice {
        ClockNotice(
            clock: clock.map { .init($0) }, due: due, type: delivery.type, urgency: delivery.header?.urgency,
            status: delivery.header?.status)
    }

    private func statement(
        _ rung: Rung, _ event: RungEvent, level: ClockLevel?, _ notice: ClockNotice
    ) -> ReceiptStatement {
        ReceiptStatement(
            rung, broker: hub, sender: event.key.sender, id: event.key.id, digest: event.digest, at: event.at,
            level: level, agency: event.agency, notice: notice)
    }

    // MARK: Whom a step calls

    private func call(
        _ number: Int, _ delivery: DueDelivery, holders: Set<AgencyID>, _ notice: inout ClockNotice,
        _ progress: inout ClockProgress, at now: Timestamp
    ) {
        let late = delivery.event.agency
        let escalation = policy.clocks.escalation
        var targets = escalation.chain(of: delivery.clocks.level).steps[number - 1].to
        if number == 1, delivery.header?.isAboutChild == true { targets += escalation.child }
        // An exercise, or what cannot be read any more, never leaves its parties.
        let isActual = delivery.header?.status == .actual
        var called: Set<AgencyID> = []
        for target in targets where target != .fallback {
            called.formUnion(isActual ? agencies(target, of: late) : target.isOfLateAgency ? [late] : [])
        }
        notice.to = Array(called.sorted().prefix(Self.mostTold))
        guard targets.contains(.fallback), !progress.isHandedOver else { return }
        notice.fallback = fallback(of: delivery, holders, at: now)
        if notice.fallback != nil { progress.isHandedOver = true }
    }

    private func agencies(_ target: EscalationPolicy.Target, of late: AgencyID) -> [AgencyID] {
        let desks = roster.agencies[late]?.desks
        switch target {
        case .chief: return [desks?.chief.flatMap(active) ?? late]
        case .duty: return [desks?.duty.flatMap(active) ?? late]
        case .taskforce: return active(.taskForce)
        case .audit: return active(.audit)
        case .fallback: return []
        }
    }

    private func active(_ agency: AgencyID) -> AgencyID? { roster.activeAgency(agency)?.id }

    private func active(_ role: Role) -> [AgencyID] {
        roster.agencies.values.filter { $0.isActive && $0.roles.contains(role) }.map(\.id)
    }

    /// The first fallback that takes part, does not have the message and may have it by the consent of now, with clocks
    /// of its own from now on. Its sender has signed it and sealed the body for it, and the acceptance has checked the
    /// policy for it.
    private func fallback(
        of delivery: DueDelivery, _ holders: Set<AgencyID>, at now: Timestamp
    ) -> ReceiptStatement.RecipientClocks? {
        guard let header = delivery.header, header.expires > now else { return nil }
        let next = header.fallback.first {
            !holders.contains($0) && roster.activeAgency($0) != nil && delivery.mayGo(to: $0, at: now)
        }
        return next.map { takeover(of: header, by: $0, delivery.clocks.level, at: now) }
    }

    /// Who has the message from now on, and by when it owes what.
    func takeover(
        of header: Header, by agency: AgencyID, _ level: ClockLevel?, at now: Timestamp
    ) -> ReceiptStatement.RecipientClocks {
        var unasked = header
        // What the sender asked of the first recipient is past.
        unasked.due = .none
        let due = policy.clocks.clocks(of: unasked, acceptedAt: now, answering: level).recipient
        return ReceiptStatement.RecipientClocks(agency: agency, due: due)
    }
}

extension EscalationPolicy.Target {
    fileprivate var isOfLateAgency: Bool { self == .chief || self == .duty }
}

/// The agencies that answer for one that is late.
public struct Desks: Hashable, Sendable {
    /// Who is chief of its unit.
    public var chief: AgencyID?
    /// Who is on duty for it.
    public var duty: AgencyID?

    /// Desks; nil stands for the agency itself.
    public init(chief: AgencyID? = nil, duty: AgencyID? = nil) {
        self.chief = chief
        self.duty = duty
    }
}
