public import SimpulCore

/// Why an operator cannot redirect a delivery.
public enum RedirectObjection: Error, Sendable, Hashable {
    /// It is answered or has ended, or its message was taken back, is erased, or has expired.
    case isOver
    /// The agency has a delivery of the message, whatever has become of it.
    case hasDelivery
    /// The sender has not named the agency in the header, so the body is not sealed to it.
    case notNamed
    /// The agency takes part no more.
    case inactive
    /// The policy of now does not let the message go to the agency.
    case denied(PolicyDenial)
    /// The consent that the message needs has ended, or does not cover the agency any more.
    case notConsented
}

extension ClockRules {
    /// What an operator's redirect comes to. It goes the way of a clock's fallback: who takes over is one that the sender
    /// has named and sealed the body to, for whom acceptance has checked policy and consent; both are asked again as they
    /// stand now. Whoever has the message from now on has times of its own.
    ///
    /// What nobody has settled ends `cancelled`. What its recipient's system or an officer has stays there, since nobody
    /// can take back what was read, and owes nothing more.
    public func redirect(
        _ delivery: DueDelivery, to agency: AgencyID, at now: Timestamp
    ) throws(RedirectObjection) -> ClockPlan {
        var clocks = delivery.clocks
        guard let header = delivery.header, header.expires > now, delivery.event.agency != hub, clocks.isOpen else {
            throw .isOver
        }
        try check(agency, header, holders: delivery.holders)
        guard delivery.mayGo(to: agency, at: now) else { throw .notConsented }
        var notice = notice(delivery, nil, nil)
        notice.cause = .ending(.byOperator)
        notice.fallback = takeover(of: header, by: agency, clocks.level, at: now)
        let told = clocks.machine.wasDelivered ? [delivery.event.agency] : []
        var actions = [action(.escalated, delivery, told: told, notice)]
        if (try? clocks.machine.apply(.cancel(.byOperator), at: now)) != nil {
            actions.append(cancelled(delivery.event, told: told))
        }
        clocks.progress.isHandedOver = true
        clocks.progress.isStopped = true
        let schedule = ClockSchedule(policy.clocks, level: clocks.level)
        return ClockPlan(actions: actions, progress: clocks.progress, next: schedule.next(clocks, at: now))
    }

    private func check(
        _ agency: AgencyID, _ header: Header, holders: Set<AgencyID>
    ) throws(RedirectObjection) {
        guard !holders.contains(agency) else { throw .hasDelivery }
        guard header.fallback.contains(agency) else { throw .notNamed }
        guard let recipient = roster.activeAgency(agency) else { throw .inactive }
        // Without an entry nobody can say what its roles may send.
        guard let sender = roster.agencies[header.sender] else { throw .denied(.senderRoleMaySendNone(header.type)) }
        // Whether it answers what is red was asked at acceptance, and does not change.
        if case .denied(let denial) = policy.decide(header, from: sender, to: recipient) { throw .denied(denial) }
    }

    private func cancelled(_ event: RungEvent, told: [AgencyID]) -> ClockAction {
        let statement = ReceiptStatement(
            .recalled, broker: hub, sender: event.key.sender, id: event.key.id, digest: event.digest, at: event.at,
            agency: event.agency, cause: .byOperator)
        return ClockAction(event: .cancel(.byOperator), statement: statement, told: told)
    }
}

extension DeliveryClocks {
    /// Whether somebody may still act in its recipient's place: nobody has answered but to reject it, and it was not
    /// taken back.
    fileprivate var isOpen: Bool {
        let isUnanswered = machine.rung.height < Rung.answered.height || progress.isRefused
        return isUnanswered && !machine.state.isEnd && !progress.isStopped
    }
}
