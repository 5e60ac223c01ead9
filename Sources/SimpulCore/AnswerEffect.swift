/// What a message of a recipient does to the clocks of the message that it answers. docs/clocks.md has the table: every
/// clock that runs can be met by one of these, or by the rung `opened`.
public struct AnswerEffect: Sendable, Hashable {
    /// The rung that the delivery rises to: `answered` meets `decideBy`, `closed` meets everything.
    public var rung: Rung?
    /// Whether `serveBy` is met, or owed no more because the recipient will not serve.
    public var meetsServe: Bool
    /// Whether the recipient refuses: then a fallback takes over at once.
    public var isRefusal: Bool

    init(_ rung: Rung? = nil, meetsServe: Bool = false, isRefusal: Bool = false) {
        self.rung = rung
        self.meetsServe = meetsServe
        self.isRefusal = isRefusal
    }

    /// What a message does that names a message of the given type in `inReplyTo`; nil where it does nothing.
    public init?(of header: Header, on question: MessageType) {
        let effect: AnswerEffect? =
            switch header.type {
            case .referralStatus where Self.isAnswered(question, by: .referralStatus): Self.ofStatus(header.state)
            case .outcome where Self.isAnswered(question, by: .outcome): Self.ofOutcome(header.position)
            case .infoResponse where question == .infoRequest:
                header.position.map { _ in AnswerEffect(.answered, meetsServe: true) }
            case .amendment, .recall: question == header.type ? Self.ofCorrection(header.position) : nil
            case .withdrawal where question == .withdrawal || question == .consent: Self.ofCorrection(header.position)
            case .return where question == .return: Self.ofReturn(header.position)
            case .correlationNotice where question == .correlationNotice: Self.ofCorrelation(header.position)
            case .caseConference where question == .caseConference:
                header.action == "accept" || header.action == "decline" ? AnswerEffect(.answered) : nil
            case .securityIncident where question == .securityIncident: Self.ofIncident(header.position)
            default: nil
            }
        guard let effect else { return nil }
        self = effect
    }

    private static func isAnswered(_ question: MessageType, by type: MessageType) -> Bool {
        guard case .answer(let types)? = type.lifecycle?.subject else { return false }
        return types.contains(question)
    }

    private static func ofStatus(_ state: Header.ReferralState?) -> AnswerEffect? {
        switch state {
        case .accepted: AnswerEffect(.answered)
        case .rejected: AnswerEffect(.answered, meetsServe: true, isRefusal: true)
        case .redirected: AnswerEffect(.answered, meetsServe: true)
        case .inProgress, .completed, .failed, .cancelled: AnswerEffect(meetsServe: true)
        case .requested, .received, .onHold, .enteredInError, nil: nil
        }
    }

    private static func ofOutcome(_ state: LifecycleState?) -> AnswerEffect? {
        switch state {
        case "final", "closed": AnswerEffect(.closed, meetsServe: true)
        case nil: nil
        default: AnswerEffect(meetsServe: true)
        }
    }

    /// A first answer `retained` or `restricted` says what is done as `done` does.
    private static func ofCorrection(_ state: LifecycleState?) -> AnswerEffect? {
        state.map { _ in AnswerEffect(.answered, meetsServe: true) }
    }

    private static func ofReturn(_ step: LifecycleState?) -> AnswerEffect? {
        switch step {
        case "risk-assessed", "accepted-by-receiving": AnswerEffect(.answered)
        case "refused-by-person", "unsafe", "booked", "departed", "arrived", "followed-up":
            AnswerEffect(.answered, meetsServe: true)
        case "closed": AnswerEffect(.closed, meetsServe: true)
        default: nil
        }
    }

    private static func ofCorrelation(_ state: LifecycleState?) -> AnswerEffect? {
        state == nil || state == "matched" ? nil : AnswerEffect(.answered)
    }

    /// Without a state it tells what its sender has done about the other's incident.
    private static func ofIncident(_ state: LifecycleState?) -> AnswerEffect? {
        switch state {
        case nil, "contained": AnswerEffect(meetsServe: true)
        case "resolved": AnswerEffect(.closed, meetsServe: true)
        default: nil
        }
    }
}

extension MessageType {
    /// The types whose messages answer one of this type, as far as codes of a header do.
    public var answers: [MessageType] {
        let own: [MessageType] = [.return, .correlationNotice, .caseConference, .securityIncident]
        return MessageType.allCases.filter { type in
            if case .answer(let types)? = type.lifecycle?.subject { return types.contains(self) }
            return type == self && own.contains(self)
        }
    }
}

extension Header {
    /// Whether it takes earlier messages of its sender back or replaces them, so that nobody owes anything for them.
    public var ownMessagesEnded: [MessageID] {
        let isWithdrawn = (type == .recall || type == .withdrawal) && position == nil
        let named = isCancel || isWithdrawn ? inReplyTo : nil
        return supersedes + (named.map { [$0] } ?? [])
    }

    /// The thread whose state a message has: the one that it names, else the one that the message which it answers
    /// began, else its own.
    public var lifecycleThread: MessageID { thread ?? inReplyTo ?? id }
}
