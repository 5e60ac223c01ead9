internal import SimpulCore
internal import StrictJSON

/// What header and body both say, they say alike: the broker acts on the one, people read the other.
enum Agreement {
    /// Prevention calls nobody a victim: no statutory clock of victims runs.
    static func preventionHasNoVictimClock(_ subject: RuleSubject, _: RoleLookup, _ faults: inout RuleFaults) {
        guard subject.header.isRiskOnly, subject.header.statutory != nil else { return }
        faults.add(
            "/header/statutory", "Prevention is about no victim: no such clock runs.",
            "Pencegahan tidak menyangkut korban: tenggat ini tidak berlaku.")
    }

    /// A state, milestone or action of the header has in the body what it is about, and nothing of another one.
    static func lifecycleHasItsContent(_ subject: RuleSubject, _ body: JSONValue, _ faults: inout RuleFaults) {
        let header = subject.header
        let state = header.position?.rawValue
        func has(_ member: String, _ isAsked: Bool) { faults.require(member, of: body, isAsked) }
        switch header.type {
        case .outcome: has("closureReason", state == "closed")
        case .referralStatus: has("rejectReason", state == "rejected")
        case .evidenceNotice:
            faults.demand(header.action == "preservation-request" ? "preservation" : "items", of: body)
        case .legalProgress: legalProgress(header.milestone ?? "", body, &faults)
        case .infoResponse: infoResponse(state ?? "", body, &faults)
        case .caseConference:
            if header.action == "invite" { faults.demand("invitation", of: body) }
            has("answer", header.action == "accept" || header.action == "decline")
            has("decisions", header.action == "decisions")
            if header.action == "decline", body.at(["answer", "reason"]) == nil {
                faults.addMissing("/body/answer/reason")
            }
        case .amendment, .withdrawal, .recall:
            has("answer", state != nil)
            faults.compare(body.at(["answer", "result"])?.string, state, at: "/body/answer/result")
        default: return
        }
    }

    /// What stands in both is the same.
    static func sameTwice(_ subject: RuleSubject, _ body: JSONValue, _ faults: inout RuleFaults) {
        let header = subject.header
        switch header.type {
        case .referral:
            if (body["riskOnly"]?.bool ?? false) != header.isRiskOnly { faults.addDifferent("/body/riskOnly") }
            prevention(header, body, &faults)
            services(subject, body["requested"], at: "/body/requested", &faults)
            consent(header, body.at(["consent", "id"]), at: "/body/consent/id", &faults)
        case .return: consent(header, body.at(["consent", "id"]), at: "/body/consent/id", &faults)
        case .consent: consent(header, body["consentRef"], at: "/body/consentRef", &faults)
        case .referralStatus: services(subject, body["perService"], at: "/body/perService", &faults)
        case .outcome: services(subject, body["services"], at: "/body/services", &faults)
        case .bulletin:
            faults.compare(body["audience"]?.string, header.audience?.rawValue, at: "/body/audience")
        default: return
        }
    }

    /// What milestones tell of; each of them in the others' messages would be told twice, or too early.
    private static let milestones: [(member: String, needs: Set<String>, allows: Set<String>)] = [
        ("hearing", ["HEARING_DATE"], []), ("verdict", ["VERDICT"], ["RESTITUTION_DECIDED"]),
        ("restitution", ["RESTITUTION_DECIDED"], ["VERDICT"]),
        ("release", ["RELEASE_OF_CONVICT", "RELEASE_FROM_DETENTION"], ["VERDICT"]),
    ]

    private static func legalProgress(_ milestone: String, _ body: JSONValue, _ faults: inout RuleFaults) {
        for (member, needs, allows) in milestones where !allows.contains(milestone) {
            faults.require(member, of: body, needs.contains(milestone))
        }
    }

    /// `granted` denies nothing, `denied` gives nothing but a reason, `partly` gives and denies.
    private static func infoResponse(_ state: String, _ body: JSONValue, _ faults: inout RuleFaults) {
        let denied = (body["answers"].map { Array($0.elements) } ?? []).map { $0["denied"] != nil }
        faults.require("reason", of: body, state == "denied")
        switch state {
        case "granted" where denied.contains(true), "denied" where denied.contains(false),
            "partly" where !denied.contains(true) || !denied.contains(false):
            faults.addDifferent("/body/answers")
        default: return
        }
    }

    private static func prevention(_ header: Header, _ body: JSONValue, _ faults: inout RuleFaults) {
        guard header.isRiskOnly, body.at(["consent", "scope"])?.holds("exploitationDetail") == true else { return }
        faults.add(
            "/body/consent/scope", "Prevention is about no victim: exploitation is no part of it.",
            "Pencegahan tidak menyangkut korban: eksploitasi bukan bagiannya.")
    }

    private static func services(
        _ subject: RuleSubject, _ entries: JSONValue?, at pointer: String, _ faults: inout RuleFaults
    ) {
        guard let entries, let coded = subject.headerJSON["services"] else { return }
        let told = Set(entries.elements.compactMap { $0["service"]?.string })
        if told != Set(coded.elements.compactMap(\.string)) { faults.addDifferent(pointer) }
    }

    private static func consent(
        _ header: Header, _ reference: JSONValue?, at pointer: String, _ faults: inout RuleFaults
    ) {
        guard let reference, let named = header.consent else { return }
        faults.compare(reference.string, named.description, at: pointer)
    }
}

extension RuleFaults {
    /// The member is there exactly where the header asks for it.
    fileprivate mutating func require(_ member: String, of body: JSONValue, _ isAsked: Bool) {
        guard (body[member] != nil) != isAsked else { return }
        if isAsked {
            addMissing("/body/\(member)")
        } else {
            add(
                "/body/\(member)", "What the header says does not go with this.",
                "Yang dikatakan header tidak sesuai dengan ini.")
        }
    }

    /// The member is there.
    fileprivate mutating func demand(_ member: String, of body: JSONValue) {
        if body[member] == nil { addMissing("/body/\(member)") }
    }

    fileprivate mutating func compare(_ told: String?, _ coded: String?, at pointer: String) {
        if let told, let coded, told != coded { addDifferent(pointer) }
    }

    fileprivate mutating func addMissing(_ pointer: String) {
        add(pointer, "What the header says asks for this.", "Yang dikatakan header memerlukan ini.")
    }

    fileprivate mutating func addDifferent(_ pointer: String) {
        add(pointer, "The header says something else.", "Header berkata lain.")
    }
}
