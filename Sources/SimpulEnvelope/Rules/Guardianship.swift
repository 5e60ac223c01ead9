internal import SimpulCore
internal import StrictJSON

/// a guardian may be the danger (UU 27/2022, articles 25 and 20(2)c to e).
enum Guardianship {
    /// Where a guardian is suspected, the message stands on another basis than consent, no parent or guardian has given
    /// one, and the child has assented.
    static func suspectedGuardianDecidesNothing(
        _ subject: RuleSubject, _ body: JSONValue, _ faults: inout RuleFaults
    ) {
        let guardian: String
        switch subject.header.type {
        case .referral where body.at(["caregiver", "reason"])?.isString("GuardianSuspected") == true:
            guardian = "guardianBasis"
        case .screening where body.at(["interview", "guardianReason"])?.isString("GuardianSuspected") == true:
            guardian = "guardian"
        default: return
        }
        switch subject.header.legalBasis {
        case .legalDuty, .vitalInterest, .publicTask: break
        default:
            faults.add(
                "/header/legalBasis", "A guardian is suspected: the basis is PDP20-2c, PDP20-2d or PDP20-2e.",
                "Wali dicurigai: dasarnya PDP20-2c, PDP20-2d, atau PDP20-2e.")
        }
        guard let consent = body["consent"] else { return }
        let isTemporary = consent[guardian]?.string?.hasPrefix("TemporaryGuardian") == true
        if consent[guardian]?.isOne(of: ["Parent", "LegalGuardian"]) == true {
            faults.addSuspected("/body/consent/\(guardian)")
        } else if consent["by"]?.isString("caregiver") == true, !isTemporary {
            faults.addSuspected("/body/consent/by")
        }
        if subject.header.isAboutChild, consent["assentOfChild"]?.bool != true {
            faults.add(
                "/body/consent/assentOfChild", "A guardian is suspected: the child has to assent.",
                "Wali dicurigai: perlu kesediaan anak.")
        }
    }
}

extension RuleFaults {
    fileprivate mutating func addSuspected(_ pointer: String) {
        add(
            pointer, "A guardian is suspected and cannot consent; a temporary guardian can.",
            "Wali dicurigai dan tidak dapat menyetujui; wali sementara dapat.")
    }
}
