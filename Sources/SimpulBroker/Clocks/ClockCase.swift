public import SimpulCore

/// Messages that have other clocks than their type has. The raw value stands in the policy file.
public enum ClockCase: String, Sendable, CaseIterable {
    /// A screening that has ended: reviewed, or the person withdrew.
    case screeningEnded = "screening-ended"
    /// A referral that is rejected or redirected.
    case referralRefused = "referral-refused"
    /// A referral that needs no further status.
    case referralEnded = "referral-ended"
    /// An outcome that is not the last one.
    case outcomeInterim = "outcome-interim"
    /// A request to keep what would be overwritten, such as the recording of a camera.
    case preservationRequest = "preservation-request"
    /// A convict or somebody in detention is released.
    case release
    /// The receiving side is asked whether it takes somebody who returns.
    case returnAsked = "return-asked"
    /// A question between agencies while a life may be at risk.
    case lifeAtRisk = "life-at-risk"
    /// A consent ends, or data shall be erased or restricted.
    case dataSubjectRequest = "data-subject-request"
    /// What a recipient has done about an amendment, a withdrawal or a recall.
    case correctionAnswer = "correction-answer"
    /// A correlation that comes to nothing more.
    case correlationEnded = "correlation-ended"
    /// An invitation to a case conference.
    case conferenceInvitation = "conference-invitation"

    /// The case of a message, or nil.
    public init?(_ header: Header) {
        let state = header.position?.rawValue
        let found: ClockCase? =
            switch header.type {
            case .screening: ["reviewed", "withdrawn-by-person"].contains(state) ? .screeningEnded : nil
            case .referralStatus: Self.ofReferral(header.state)
            case .outcome: ["interim", "reopened"].contains(state) ? .outcomeInterim : nil
            case .evidenceNotice: header.action == "preservation-request" ? .preservationRequest : nil
            case .legalProgress:
                ["RELEASE_OF_CONVICT", "RELEASE_FROM_DETENTION"].contains(header.milestone) ? .release : nil
            case .return: ["proposed", "risk-assessed"].contains(state) ? .returnAsked : nil
            case .infoRequest: header.isLifeAtRisk ? .lifeAtRisk : nil
            case .consent: ["withdraw", "expire"].contains(header.action) ? .dataSubjectRequest : nil
            case .withdrawal where state == nil:
                ["erase", "restrict"].contains(header.action) ? .dataSubjectRequest : nil
            case .amendment, .withdrawal, .recall: state != nil ? .correctionAnswer : nil
            case .correlationNotice:
                ["introduced", "declined", "false-match", "expired"].contains(state) ? .correlationEnded : nil
            case .caseConference: header.action == "invite" ? .conferenceInvitation : nil
            default: nil
            }
        guard let found else { return nil }
        self = found
    }

    private static func ofReferral(_ state: Header.ReferralState?) -> ClockCase? {
        switch state {
        case .rejected, .redirected: .referralRefused
        case .completed, .failed, .cancelled, .enteredInError: .referralEnded
        case .requested, .received, .accepted, .inProgress, .onHold, nil: nil
        }
    }
}
