internal import SimpulCore
internal import StrictJSON

/// data leaves the country only on a recorded ground (UU 27/2022, article 56).
enum CrossBorder {
    /// What is `outbound` names its ground, and names the consent where that is the ground.
    static func transferHasABasis(_ subject: RuleSubject, _ body: JSONValue, _ faults: inout RuleFaults) {
        guard subject.header.crossesBorder else { return }
        let basis = body["transferBasis"]
        if basis == nil, subject.headerJSON["crossBorder"]?.isString("outbound") == true {
            faults.add(
                "/body/transferBasis", "Data that leaves the country needs a ground.",
                "Data yang keluar negeri memerlukan dasar.")
        }
        if basis?.isString("CONSENT") == true, subject.header.consent == nil {
            faults.add(
                "/header/consentRef", "The ground of the transfer is a consent; name it.",
                "Dasar pemindahan adalah persetujuan; sebutkan.")
        }
    }
}
