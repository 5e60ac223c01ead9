internal import SimpulCore
internal import StrictJSON

/// a person with a disability is spoken with in a way that works, and consents in person or through a guardian
/// (UU 27/2022, article 26), unless vital interest is what the message stands on.
enum Accessibility {
    /// Of a referral that names a disability among the special needs.
    static func disabilityIsHeard(_ subject: RuleSubject, _ body: JSONValue, _ faults: inout RuleFaults) {
        guard subject.header.type == .referral, let needs = body.at(["person", "specialNeeds"]) else { return }
        let signs = needs.holds("SignLanguage")
        guard signs || needs.holds("WheelchairAccess") else { return }
        if signs, body["interpreter"]?.bool != true {
            faults.add(
                "/body/interpreter", "The person signs: an interpreter is needed.",
                "Orang itu berbahasa isyarat: diperlukan juru bahasa.")
        }
        // Where a life is at stake nobody is asked first (article 20(2)d), and a word must not hold up the help.
        guard subject.header.legalBasis != .vitalInterest, let consent = body["consent"],
            consent["by"]?.isOne(of: ["individual", "caregiver"]) != true,
            consent["guardianBasis"]?.isOne(of: ["Parent", "LegalGuardian", "TemporaryGuardian"]) != true
        else { return }
        faults.add(
            "/body/consent/by", "The consent is the person's own, or a guardian's.",
            "Persetujuan diberikan oleh orang itu sendiri atau walinya.")
    }
}
