internal import SimpulCore
internal import StrictJSON

/// nobody is punished for what trafficking made them do (UU 21/2007, article 18).
enum NonPunishment {
    /// The flag, true or false, goes with every screening that found a victim and with every return.
    static func flagTravels(_ subject: RuleSubject, _ body: JSONValue, _ faults: inout RuleFaults) {
        let holder: JSONValue?
        let place: String
        switch subject.header.type {
        case .return: (holder, place) = (body, "/body")
        case .screening: (holder, place) = (body["result"], "/body/result")
        default: return
        }
        let victims = ["PossibleVictimOfTrafficking", "ActualVictimOfTrafficking"]
        guard subject.header.type == .return || holder?["traffickingStatus"]?.isOne(of: victims) == true,
            holder?["nonPunishmentFlag"] == nil
        else { return }
        faults.add(
            "\(place)/nonPunishmentFlag", "Say whether the person must not be punished.",
            "Sebutkan apakah orang itu tidak boleh dipidana.")
    }
}
