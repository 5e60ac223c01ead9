public import SimpulCore
internal import StrictJSON

extension TestMessage {
    /// A `consent` for the broker alone: the terms cover referrals and their answers for services, from an hour before
    /// that moment to 90 days after it.
    public static func consent(
        _ action: String, _ reference: String = "C-2026", by holder: TestAgency, sharedWith agencies: [TestAgency],
        at now: Timestamp
    ) -> TestMessage {
        var draft = TestMessage(from: holder, to: [], at: now)
        draft.becomeConsent()
        draft.header["recipients"] = ["id-1709.simpul"]
        draft.header["action"] = .string(action)
        draft.body["consentRef"] = .string(reference)
        draft.body["shareWith"] = .array(agencies.map { .string($0.id.description) })
        draft.body["types"] = ["referral", "referral-status"]
        draft.body["from"] = .string(now.advanced(bySeconds: -3600).description)
        draft.body["until"] = .string(now.advanced(bySeconds: 90 * 86400).description)
        return draft
    }

    /// The end of a consent, which leaves its terms out.
    public static func consentEnd(
        _ action: String = "withdraw", _ reference: String = "C-2026", by holder: TestAgency, at now: Timestamp
    ) -> TestMessage {
        var draft = consent(action, reference, by: holder, sharedWith: [], at: now)
        draft.body = [
            "consentRef": .string(reference), "identityIncluded": false,
            "ended": [
                "at": .string(now.description),
                "cause": .string(action == "expire" ? "ELAPSED" : "WITHDRAWN_BY_PERSON"),
            ],
        ]
        return draft
    }

    /// A sealed referral that stands on a consent.
    public static func referral(
        on reference: String = "C-2026", from sender: TestAgency, to recipients: [TestAgency], at now: Timestamp
    ) -> TestMessage {
        var draft = TestMessage(from: sender, to: recipients, at: now)
        draft.becomeReferral(for: recipients)
        draft.header["legalBasis"] = "PDP20-2a"
        draft.header["consentRef"] = .string(reference)
        return draft
    }
}
