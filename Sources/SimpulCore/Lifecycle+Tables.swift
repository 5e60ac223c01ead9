extension MessageType {
    /// The table of the type's states; nil for a type without any. docs/lifecycles.md shows them for people.
    public var lifecycle: Lifecycle? {
        switch self {
        case .referralStatus: .referralStatus
        case .outcome: .outcome
        case .infoResponse: .infoResponse
        case .amendment: .amendment
        case .withdrawal: .withdrawal
        case .recall: .recall
        case .screening: .screening
        case .evidenceNotice: .evidenceNotice
        case .return: .return
        case .bulletin: .bulletin
        case .correlationNotice: .correlationNotice
        case .securityIncident: .securityIncident
        case .alert, .tip, .referral, .activityReport, .legalProgress, .infoRequest, .consent, .feedback, .directory,
            .correlationSubmit, .caseConference:
            nil
        }
    }

    /// Whether a message of this type without a state asks for something that is done to a message of its own sender.
    public var isCorrection: Bool { self == .amendment || self == .withdrawal || self == .recall }
}

/// Answers: each recipient of the answered message has a lifecycle of its own.
extension Lifecycle {
    /// In the order of FHIR Task `status`. The referral itself is `requested` and its delivery `received`, so an answer
    /// may come at once. An open state may be said again: that is the progress report.
    static let referralStatus = Lifecycle(
        .answer(to: [.referral, .alert, .tip]), initial: ["received", "accepted", "rejected", "redirected"],
        silent: ["requested", "received"],
        [
            "requested": ["received", "accepted", "rejected", "redirected"],
            "received": ["accepted", "rejected", "redirected", "entered-in-error"],
            "accepted": ["accepted", "in-progress", "failed", "cancelled", "entered-in-error"],
            "in-progress": ["in-progress", "on-hold", "completed", "failed", "cancelled", "entered-in-error"],
            "on-hold": ["on-hold", "in-progress", "failed", "cancelled", "entered-in-error"],
            "rejected": ["entered-in-error"],
            "redirected": ["entered-in-error"],
            "completed": ["entered-in-error"],
            "failed": ["entered-in-error"],
            "cancelled": ["entered-in-error"],
            "entered-in-error": [],
        ])

    static let outcome = Lifecycle(
        .answer(to: [.referral, .return, .alert, .tip]), initial: ["interim", "final"],
        [
            "interim": ["interim", "final"],
            "final": ["followed-up", "closed", "reopened"],
            "followed-up": ["followed-up", "closed", "reopened"],
            "closed": ["reopened"],
            "reopened": ["interim", "final"],
        ])

    static let infoResponse = Lifecycle(
        .answer(to: [.infoRequest]), initial: ["granted", "partly", "denied"],
        ["partly": ["partly", "granted", "denied"], "granted": [], "denied": []])

    static let amendment = correction(to: [.amendment])
    /// The end of a consent asks for the same as a withdrawal, and is answered alike.
    static let withdrawal = correction(to: [.withdrawal, .consent])
    static let recall = correction(to: [.recall])

    /// What was restricted or retained may be done later, when the duty to keep it has ended.
    private static func correction(to types: [MessageType]) -> Lifecycle {
        Lifecycle(
            .answer(to: types), initial: ["done", "restricted", "retained"],
            ["restricted": ["done", "retained"], "retained": ["done", "restricted"], "done": []])
    }
}

/// Threads: one lifecycle for each of them.
extension Lifecycle {
    static let screening = Lifecycle(
        .thread, initial: ["presumed", "under-assessment"],
        [
            "presumed": ["under-assessment", "withdrawn-by-person"],
            "under-assessment": ["possible", "actual", "not-a-victim", "withdrawn-by-person"],
            "possible": ["reviewed"],
            "actual": ["reviewed"],
            "not-a-victim": ["reviewed"],
            "withdrawn-by-person": ["reviewed"],
            "reviewed": ["reviewed", "under-assessment"],
        ])

    static let evidenceNotice = Lifecycle(
        .thread, initial: ["noticed"],
        [
            "noticed": ["held"],
            "held": ["transferred", "presented"],
            "transferred": ["transferred", "presented"],
            "presented": ["returned", "forfeited", "destroyed"],
            "returned": [],
            "forfeited": [],
            "destroyed": [],
        ])

    /// Nothing is booked that was not assessed and accepted. Until the departure the person may refuse; unsafe it may
    /// turn out to be at any time.
    static let `return` = Lifecycle(
        .thread, initial: ["proposed"],
        [
            "proposed": ["risk-assessed", "refused-by-person", "unsafe"],
            "risk-assessed": ["accepted-by-receiving", "refused-by-person", "unsafe"],
            "accepted-by-receiving": ["booked", "refused-by-person", "unsafe"],
            "booked": ["departed", "refused-by-person", "unsafe"],
            "departed": ["arrived", "unsafe"],
            "arrived": ["followed-up", "closed", "unsafe"],
            "followed-up": ["followed-up", "closed", "unsafe"],
            "closed": [],
            "refused-by-person": [],
            "unsafe": [],
        ])

    static let bulletin = Lifecycle(
        .ownThread, initial: ["draft"],
        [
            "draft": ["approved"],
            "approved": ["published"],
            "published": ["updated", "withdrawn", "expired"],
            "updated": ["updated", "withdrawn", "expired"],
            "withdrawn": [],
            "expired": [],
        ])

    static let correlationNotice = Lifecycle(
        .thread, initial: ["matched"],
        [
            "matched": ["both-willing", "declined", "false-match", "expired"],
            "both-willing": ["introduced", "declined", "false-match", "expired"],
            "introduced": [],
            "declined": [],
            "false-match": [],
            "expired": [],
        ])

    static let securityIncident = Lifecycle(
        .ownThread, initial: ["reported"], ["reported": ["contained"], "contained": ["resolved"], "resolved": []])
}
