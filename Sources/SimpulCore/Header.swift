public import StrictJSON

/// The clear part of a message: coded, signed, naming no person. Made only from a value that `schemas/header/1.json`
/// has accepted; what the broker acts on is typed here, the rest stays in the envelope.
public struct Header: Hashable, Sendable {
    /// The id that the sender gave.
    public var id: MessageID
    /// The agency that sends.
    public var sender: AgencyID
    /// What kind of message this is.
    public var type: MessageType
    /// The minor version of its schema that the sender used.
    public var schemaMinor: Int
    /// The broker that this message is for.
    public var hub: AgencyID
    /// When the sender made it.
    public var sent: Timestamp
    /// When it loses its meaning.
    public var expires: Timestamp
    /// To whom it goes, in the order of the sender.
    public var recipients: [AgencyID]
    /// Who takes over where a recipient rejects or is late.
    public var fallback: [AgencyID]
    /// The digest of the sealed body's plaintext; only there where the body is sealed.
    public var bodyDigest: Digest?
    /// The class that the sender gives the body.
    public var privacy: PrivacyClass
    /// Whether a child is, or may be, concerned.
    public var child: Child
    /// How soon something must happen.
    public var urgency: Urgency?
    /// How bad it is.
    public var severity: Severity?
    /// How soon the services are needed; of a `referral` only.
    public var priority: Priority?
    /// What a `referral` asks for; `referral` where it does not say.
    public var mode: ReferralMode?
    /// The statutory clock that runs, such as `UU21-52`.
    public var statutory: String?
    /// What the data is for.
    public var purpose: Purpose
    /// What the processing stands on.
    public var legalBasis: LegalBasis
    /// How far it may be passed on.
    public var trafficLight: TrafficLight
    /// The consent that it names.
    public var consent: ConsentReference?
    /// Whether it goes out although no consent covers it: two officers decided so.
    public var isConsentOverridden: Bool
    /// Whether it goes out without a consent on the word of one officer, which no rule lets pass: who decides so and
    /// who approves it are two.
    public var overridesConsentAlone: Bool
    /// Whether it is about a person at risk, and about no victim; of a `referral` only.
    public var isRiskOnly: Bool
    /// Whether an agency may be involved in what it tells.
    public var implicatesAgency: Bool
    /// Whether it says why no protection unit is a party.
    public var explainsNoProtectionUnit: Bool
    /// Whether it crosses the border of the country.
    public var crossesBorder: Bool
    /// Who may read it; of a `bulletin` only.
    public var audience: Audience?
    /// What it does, in the codes of its type, such as `withdraw` of a `consent`.
    public var action: String?
    /// The milestone of a `legal-progress`.
    public var milestone: String?
    /// The attachments that it lists.
    public var attachments: [ListedAttachment]
    /// Whether it is meant: an exercise never counts for what is actual.
    public var status: Status
    /// Whether it cancels an own message: `kind` is `Cancel`.
    public var isCancel: Bool
    /// The first message of its thread, where it says so.
    public var thread: MessageID?
    /// The message that this one answers.
    public var inReplyTo: MessageID?
    /// Own messages that this one replaces.
    public var supersedes: [MessageID]
    /// Where it is in the lifecycle of its type: `state`, of a return `step`.
    public var position: LifecycleState?
    /// Where it says that it comes from.
    public var previous: LifecycleState?
    /// How the services that were asked for stand; of a `referral-status` only.
    public var state: ReferralState?
    /// The times that the sender asks for: `ackBy`, `decideBy`, `serveBy`, `reviewBy`, `nextBy`.
    public var due: DueTimes

    /// `yes` and `presumed` are treated alike.
    public enum Child: String, Sendable { case yes, no, presumed, unknown }

    /// CAP 1.2 `status`.
    public enum Status: String, Sendable, CaseIterable {
        case actual = "Actual"
        case exercise = "Exercise"
        case system = "System"
        case test = "Test"
        case draft = "Draft"
    }

    /// The states of a referral (FHIR Task `status`, in the words of `schemas/header/1.json`).
    public enum ReferralState: String, Sendable, CaseIterable {
        case requested, received, accepted, rejected, redirected
        case inProgress = "in-progress"
        case onHold = "on-hold"
        case completed, failed, cancelled
        case enteredInError = "entered-in-error"

        /// Whether the state is an answer: it meets the clock `decideBy`.
        public var isAnswer: Bool { self == .accepted || self == .rejected || self == .redirected }
    }

    /// CAP 1.2 `urgency`.
    public enum Urgency: String, Sendable, CaseIterable {
        case immediate = "Immediate"
        case expected = "Expected"
        case future = "Future"
        case past = "Past"
        case unknown = "Unknown"
    }

    /// What two messages of one sender differ by.
    public var key: MessageKey { MessageKey(sender: sender, id: id) }

    /// Whether the body may only travel sealed (protocol §3: classes P3 and P4, and everything about a child). The consent
    /// of a child is the exception: it names nobody, and the broker is to read it.
    public var mustBeSealed: Bool { privacy.mustBeSealed || isAboutChild && type != .consent }

    /// Whether it may not go out without a consent: it names one or stands on one, and no two officers decided to go
    /// without. A `consent` itself needs none, nor does what only takes an earlier message back.
    public var needsConsent: Bool {
        switch type {
        case .consent, .withdrawal, .recall: false
        default: !isConsentOverridden && (consent != nil || legalBasis == .consent)
        }
    }

    /// The consent that it needs.
    public var neededConsent: ConsentReference? { needsConsent ? consent : nil }

    /// Whether a child is concerned; one who is presumed to be a child counts as one.
    public var isAboutChild: Bool { child == .yes || child == .presumed }

    /// Reads a header that the header schema has accepted.
    /// - Returns: nil where the value is not such a header after all.
    public init?(_ value: JSONValue) {
        guard let id = value["id"]?.string.flatMap(MessageID.init),
            let sender = value["sender"]?.string.flatMap(AgencyID.init),
            let type = value["type"]?.string.flatMap(MessageType.init(rawValue:)),
            let schema = value["schema"]?.string, let minor = schema.split(separator: ".").last.flatMap({ Int($0) }),
            let hub = value["hub"]?.string.flatMap(AgencyID.init),
            let sent = value["sent"]?.string.flatMap(Timestamp.init),
            let expires = value["expires"]?.string.flatMap(Timestamp.init),
            let recipients = Self.agencies(value["recipients"]), let fallback = Self.agencies(value["fallback"]),
            let privacy = value["privacy"]?.string.flatMap(PrivacyClass.init),
            let child = value["child"]?.string.flatMap(Child.init),
            let status = value["status"]?.string.flatMap(Status.init),
            let purpose = value["purpose"]?.string.flatMap(Purpose.init),
            let legalBasis = value["legalBasis"]?.string.flatMap(LegalBasis.init),
            let trafficLight = value["tlp"]?.string.flatMap(TrafficLight.init)
        else { return nil }
        self.id = id
        self.sender = sender
        self.type = type
        schemaMinor = minor
        self.hub = hub
        self.sent = sent
        self.expires = expires
        self.recipients = recipients
        self.fallback = fallback
        bodyDigest = value["bodyDigest"]?.string.flatMap { Digest($0) }
        self.privacy = privacy
        self.child = child
        urgency = value["urgency"]?.string.flatMap(Urgency.init)
        severity = value["severity"]?.string.flatMap(Severity.init)
        priority = value["priority"]?.string.flatMap(Priority.init)
        mode = type == .referral ? value["mode"]?.string.flatMap(ReferralMode.init) ?? .referral : nil
        statutory = value["statutory"]?.string
        self.purpose = purpose
        self.legalBasis = legalBasis
        self.trafficLight = trafficLight
        consent = value["consentRef"]?.string.flatMap(ConsentReference.init)
        let override = value["consentOverride"]
        isConsentOverridden = override != nil
        overridesConsentAlone = override.map { $0["decidedBy"]?.string == $0["approvedBy"]?.string } ?? false
        isRiskOnly = value["riskOnly"] != nil
        implicatesAgency = value["agencyImplicated"] != nil
        explainsNoProtectionUnit = value["uptdAbsence"] != nil
        crossesBorder = value["crossBorder"] != nil
        audience = value["audience"]?.string.flatMap(Audience.init)
        action = value["action"]?.string
        milestone = value["milestone"]?.string
        guard let attachments = ListedAttachment.all(in: value["attachments"]) else { return nil }
        self.attachments = attachments
        self.status = status
        isCancel = value["kind"]?.isString("Cancel") ?? false
        thread = value["thread"]?.string.flatMap(MessageID.init)
        inReplyTo = value["inReplyTo"]?.string.flatMap(MessageID.init)
        supersedes = value["supersedes"].map { $0.elements.compactMap { $0.string.flatMap(MessageID.init) } } ?? []
        position = value[type == .return ? "step" : "state"]?.string.map(LifecycleState.init(rawValue:))
        previous = value["previous"]?.string.map(LifecycleState.init(rawValue:))
        state = type == .referralStatus ? value["state"]?.string.flatMap(ReferralState.init) : nil
        due = DueTimes(value)
    }

    private static func agencies(_ value: JSONValue?) -> [AgencyID]? {
        var result: [AgencyID] = []
        for element in value.map({ Array($0.elements) }) ?? [] {
            guard let agency = element.string.flatMap(AgencyID.init) else { return nil }
            result.append(agency)
        }
        return result
    }
}

/// The kinds of message that have a schema.
public enum MessageType: String, Hashable, Sendable, CaseIterable {
    case alert
    case tip
    case referral
    case referralStatus = "referral-status"
    case activityReport = "activity-report"
    case screening
    case outcome
    case legalProgress = "legal-progress"
    case evidenceNotice = "evidence-notice"
    case `return`
    case infoRequest = "info-request"
    case infoResponse = "info-response"
    case consent
    case amendment
    case withdrawal
    case recall
    case feedback
    case bulletin
    case directory
    case correlationSubmit = "correlation-submit"
    case correlationNotice = "correlation-notice"
    case securityIncident = "security-incident"
    case caseConference = "case-conference"

    /// The highest minor version of its schema that this build knows.
    public var newestMinor: Int { 0 }
}
