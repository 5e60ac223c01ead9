internal import SimpulCore
internal import StrictJSON

/// only what this message needs, and nothing that the person withheld.
enum Minimisation {
    /// What the embedded consent withholds is not in the body.
    static func withheldIsAbsent(_ subject: RuleSubject, _ body: JSONValue, _ faults: inout RuleFaults) {
        guard let carriers = carriers[subject.header.type], let consent = body["consent"] else { return }
        for (index, scope) in (consent["withheld"].map { Array($0.elements) } ?? []).enumerated() {
            if let text = scope.string, consent["scope"]?.holds(text) == true {
                faults.add(
                    "/body/consent/withheld/\(index)", "This is given and withheld at once.",
                    "Hal ini diberikan dan ditahan sekaligus.")
            }
            for path in carriers[scope.string ?? ""] ?? [] where body.tells(path) {
                faults.addWithheld("/body/" + path.joined(separator: "/"))
            }
        }
        if subject.header.type == .referral { referral(body, consent["withheld"], &faults) }
    }

    /// Identity documents travel for return, proceedings and civil registration alone.
    static func identityDocumentsHaveAPurpose(
        _ subject: RuleSubject, _ body: JSONValue, _ faults: inout RuleFaults
    ) {
        let type = subject.header.type
        guard type == .referral || type == .return, let identifiers = body.at(["person", "identifiers"]),
            identifiers.count > 0
        else { return }
        switch subject.header.purpose {
        case .repatriation, .criminalProceedings, .civilRegistration: return
        default:
            faults.add(
                "/body/person/identifiers",
                "Identity documents travel only for REPATRIATION, CRIMINAL_PROCEEDINGS or CIVIL_REGISTRATION.",
                "Dokumen identitas hanya untuk REPATRIATION, CRIMINAL_PROCEEDINGS, atau CIVIL_REGISTRATION.")
        }
    }

    /// The members that carry a scope, by type. A scope without a member here is carried by free text alone, or by what
    /// the type cannot do without.
    private static let carriers: [MessageType: [String: [[String]]]] = [
        .referral: [
            "identity": [["person", "identifiers"]],
            "age": [["person", "age"], ["person", "ageBand"], ["person", "ageBasis"]],
            "contact": [["person", "safeContact", "phone"]],
            "safety": [["risk"]],
        ],
        .return: [
            "identity": [["person", "names"], ["person", "birthDate"], ["person", "identifiers"]],
            "age": [["person", "birthDate"], ["person", "ageBand"], ["person", "ageBasis"]],
            "location": [["to", "KEMENDAGRI"]],
            "safety": [
                ["riskAssessment", "level"], ["riskAssessment", "factors"], ["riskAssessment", "reRecruitmentRisk"],
            ],
            "exploitationDetail": [["exploitation"]],
            "travel": [["route"]],
            "reintegrationNeed": [["reintegration"]],
        ],
    ]

    /// Members of a referral that carry a scope with some of their values only.
    private static func referral(_ body: JSONValue, _ withheld: JSONValue?, _ faults: inout RuleFaults) {
        guard let withheld, let person = body["person"] else { return }
        if withheld.holds("identity"), let name = person["displayName"], let reference = person["ref"],
            name != reference
        {
            faults.add(
                "/body/person/displayName", "The identity is withheld: put the person's ref here.",
                "Identitas ditahan: isi dengan ref orang itu.")
        }
        if withheld.holds("medicalFindings") {
            for (index, need) in (person["specialNeeds"].map { Array($0.elements) } ?? []).enumerated()
            where need.isOne(of: ["Medication", "Pregnancy"]) {
                faults.addWithheld("/body/person/specialNeeds/\(index)")
            }
        }
        if withheld.holds("immigrationStatus") {
            for (index, document) in (person["identifiers"].map { Array($0.elements) } ?? []).enumerated()
            where document["kind"]?.isOne(of: ["PASSPORT", "SPLP"]) == true {
                faults.addWithheld("/body/person/identifiers/\(index)")
            }
        }
    }
}

extension JSONValue {
    /// Whether there is something at that place: a list without entries says nothing.
    fileprivate func tells(_ path: [String]) -> Bool {
        guard let value = at(path) else { return false }
        return value.kind != .array || value.count > 0
    }
}

extension RuleFaults {
    fileprivate mutating func addWithheld(_ pointer: String) {
        add(
            pointer, "The person has withheld this from the consent; leave it out.",
            "Orang itu menahan hal ini dalam persetujuannya; jangan disertakan.")
    }
}
