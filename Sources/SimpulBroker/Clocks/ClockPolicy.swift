public import SimpulCore

/// By when whom owes what of a message: the part of the policy that turns a header and the moment of acceptance into
/// times. It reads codes of the header only, so it needs no body.
public struct ClockPolicy: Hashable, Sendable {
    /// What each level gives; one row for each.
    public var levels: [ClockLevel: LevelRow]
    /// The rows of the types; a type without one owes nothing.
    public var types: [MessageType: ClockRow]
    /// The rows that stand in place of a type's where a message is such a case.
    public var cases: [ClockCase: ClockRow]
    /// How long after acceptance the sender of a message whose consent was overridden has to look at it again.
    public var override: CapRow
    /// The caps of statutory codes, such as `UU21-52`, on the first service.
    public var statutory: [String: CapRow]
    /// Whose hours working days are counted in.
    public var calendar: WorkingCalendar
    /// Who is told where a clock runs out, and when it goes back to its sender.
    public var escalation: EscalationPolicy

    /// The most statutory codes.
    public static let mostStatutoryCodes = 100

    /// What a level gives.
    public struct LevelRow: Hashable, Sendable {
        /// How long each clock runs; ``Clock/review`` is none of a level.
        public var spans: [Clock: ClockSpan]
        /// The law or proposal that it stands on.
        public var basis: String

        /// A row.
        public init(_ spans: [Clock: ClockSpan], basis: String) {
            self.spans = spans
            self.basis = basis
        }
    }

    /// One span with what it stands on.
    public struct CapRow: Hashable, Sendable {
        /// The span.
        public var span: ClockSpan
        /// The law or proposal that it stands on.
        public var basis: String

        /// A row.
        public init(_ span: ClockSpan, basis: String) {
            self.span = span
            self.basis = basis
        }
    }

    /// Those rows.
    public init(
        levels: [ClockLevel: LevelRow], types: [MessageType: ClockRow], cases: [ClockCase: ClockRow],
        override: CapRow, statutory: [String: CapRow], calendar: WorkingCalendar,
        escalation: EscalationPolicy = .standard
    ) {
        self.levels = levels
        self.types = types
        self.cases = cases
        self.override = override
        self.statutory = statutory
        self.calendar = calendar
        self.escalation = escalation
    }

    /// The times of a message that is accepted at that moment.
    ///
    /// Of each clock that runs, the sooner of the policy's time and the one that the sender asks for is in force: a
    /// sender shortens and never lengthens, and starts no clock that the policy does not have. A time that was asked for
    /// and is past already is due at once, at the moment of acceptance: nothing is due before it can be known.
    /// - Parameter answered: the level of the message that this one answers, where it is known.
    public func clocks(of header: Header, acceptedAt now: Timestamp, answering answered: ClockLevel?) -> MessageClocks {
        let row = row(for: header)
        let level = row?.level(of: header, answering: answered)
        var due = DueTimes.none
        for (clock, amount) in row?.amounts ?? [:] {
            if header.isCancel && clock != .acknowledge { continue }
            due[clock] = end(of: amount, clock, at: level, from: now)
        }
        if let latest = due.serve, let code = header.statutory, let cap = statutory[code] {
            due.serve = min(latest, moment(after: cap.span, at: level, from: now))
        }
        // Working days may be longer than elapsed ones: nobody decides on what nobody has opened.
        if let latest = due.acknowledge, let sooner = [due.decide, due.serve].compactMap({ $0 }).min() {
            due.acknowledge = min(latest, sooner)
        }
        if header.isConsentOverridden {
            let review = moment(after: override.span, at: level, from: now)
            due.review = min(due.review ?? review, review)
        }
        for clock in Clock.allCases {
            guard let latest = due[clock], let wanted = header.due[clock] else { continue }
            due[clock] = max(now, min(latest, wanted))
        }
        return MessageClocks(level: level, due)
    }

    private func row(for header: Header) -> ClockRow? {
        ClockCase(header).flatMap { cases[$0] } ?? types[header.type]
    }

    /// The sooner of what the row says itself and what the level gives.
    private func end(
        of amount: ClockRow.Amount, _ clock: Clock, at level: ClockLevel?, from now: Timestamp
    ) -> Timestamp? {
        let own = amount.span.map { span in moment(after: span, at: level, from: now) }
        guard amount.isOfLevel, let level, let span = levels[level]?.spans[clock] else { return own }
        let given = moment(after: span, at: level, from: now)
        return own.map { min($0, given) } ?? given
    }

    /// The first level knows no calendar: a working day of it is a day.
    private func moment(after span: ClockSpan, at level: ClockLevel?, from now: Timestamp) -> Timestamp {
        switch span {
        case .elapsed(let seconds): now.advanced(bySeconds: seconds)
        case .workingDays(let days) where level == .first: now.advanced(bySeconds: Int64(days) * 86400)
        case .workingDays(let days): calendar.end(ofWorkingDays: days, from: now)
        }
    }
}

/// The times in force of one message, as they were computed when it was accepted.
public struct MessageClocks: Hashable, Sendable {
    /// How fast it must move; nil where its row knows no level.
    public let level: ClockLevel?
    /// What each recipient owes.
    public let recipient: DueTimes
    /// What the sender owes.
    public let sender: DueTimes

    init(level: ClockLevel?, _ due: DueTimes) {
        self.level = level
        recipient = DueTimes(acknowledge: due.acknowledge, decide: due.decide, serve: due.serve)
        sender = DueTimes(review: due.review, next: due.next)
    }
}
