internal import SimpulCore

/// What a draft says of members of the header that rules of protection look at, besides what the schemas say.
enum RuleRemarks {
    /// The remarks on a draft of that type, by member. They name the rules that a first message meets most often;
    /// whether all are kept `simpul validate` and the broker say.
    static func remarks(on type: MessageType) -> [String: LocalizedText] {
        var remarks: [String: LocalizedText] = [:]
        if type != .consent {
            remarks["tlp"] = LocalizedText(
                "RED or AMBER+STRICT where privacy is P3 or P4.", "RED atau AMBER+STRICT bila privacy P3 atau P4.")
        }
        switch type {
        case .alert, .tip, .screening, .referral:
            remarks["urgency"] = LocalizedText(
                "About a child: Immediate or Expected.", "Jika menyangkut anak: Immediate atau Expected.")
            remarks["recipients"] = LocalizedText(
                "About a child: a protection unit (UPTD) is one of the parties, or uptdAbsence says why not.",
                "Jika menyangkut anak: UPTD PPA menjadi salah satu pihak, atau uptdAbsence menyebut sebabnya.")
        case .consent:
            remarks["recipients"] = LocalizedText(
                "The broker itself, as in hub; besides it, whom the grant lets know.",
                "Simpul itu sendiri, seperti dalam hub; selain itu, yang boleh mengetahuinya.")
        default: break
        }
        return remarks
    }
}
