internal import SimpulCore
internal import StrictJSON

/// who is, or may be, a child is one for the whole message; a child need not have been forced or deceived
/// (Palermo Protocol, article 3(c)).
enum ChildStatus {
    /// Where the body knows of a child, or doubts that somebody is of age, the header's `child` is `yes` or `presumed`.
    static func headerKnowsTheChild(_ subject: RuleSubject, _ body: JSONValue, _ faults: inout RuleFaults) {
        guard !subject.header.isAboutChild else { return }
        for place in places(of: subject, body) {
            faults.add(
                place, "This tells of a child, or of one who may be; the header says otherwise in child.",
                "Ini menunjukkan anak, atau yang mungkin anak; child pada header berkata lain.")
        }
    }

    /// In a screening of a child the means are no element of the offence.
    static func childNeedsNoMeans(_ subject: RuleSubject, _ body: JSONValue, _ faults: inout RuleFaults) {
        guard subject.header.type == .screening, subject.header.isAboutChild,
            body.at(["palermo", "meansRequired"])?.bool == true
        else { return }
        faults.add(
            "/body/palermo/meansRequired", "The header says that a child is concerned: means are not required.",
            "Menurut header menyangkut anak: cara tidak disyaratkan.")
    }

    /// Of the types that are about somebody: a feedback and a security incident name nobody.
    private static func places(of subject: RuleSubject, _ body: JSONValue) -> [String] {
        switch subject.header.type {
        case .alert:
            return (body["persons"].map { Array($0.elements) } ?? []).enumerated().compactMap { index, person in
                mark(of: person).map { "/body/persons/\(index)/\($0)" }
            }
        case .referral, .return:
            guard let person = body["person"] else { return [] }
            let mark = mark(of: person) ?? (isMinor(person["birthDate"], subject) ? "birthDate" : nil)
            return mark.map { ["/body/person/\($0)"] } ?? []
        case .tip:
            let isSaid = body.at(["affected", "anyChild"])?.isOne(of: ["yes", "presumed"]) == true
            return isSaid ? ["/body/affected/anyChild"] : []
        case .screening: return screening(body)
        default: return []
        }
    }

    private static func screening(_ body: JSONValue) -> [String] {
        var places: [String] = []
        if body["profile"]?.isOne(of: ["ILO-CL", "ILO-CS"]) == true { places.append("/body/profile") }
        let presumption = body.at(["childBestInterest", "presumptionOfAge"])
        if presumption?.isOne(of: ["applied", "age-documented"]) == true {
            places.append("/body/childBestInterest/presumptionOfAge")
        }
        return places
    }

    /// The member of a person that tells of a child: an age below 18, or one that is presumed or disputed and not
    /// clearly an adult's.
    private static func mark(of person: JSONValue) -> String? {
        let age = person["age"]?.int
        if let age, age < 18 { return "age" }
        let band = person["ageBand"]
        if band?.isOne(of: ["0-4", "5-11", "12-14", "15-17"]) == true { return "ageBand" }
        guard person["ageBasis"]?.isOne(of: ["presumed", "disputed"]) == true, age.map({ $0 < 24 }) ?? true,
            band?.isOne(of: ["24-30", "31-38", "39-47", "48+"]) != true
        else { return nil }
        return "ageBasis"
    }

    /// Whether the 18th birthday is after the day on which the message was sent. Dates of RFC 3339 compare as texts.
    private static func isMinor(_ birthDate: JSONValue?, _ subject: RuleSubject) -> Bool {
        guard let birth = birthDate?.string, birth.utf8.count == 10, let year = Int(birth.prefix(4)), year < 9000,
            let sent = subject.headerJSON["sent"]?.string
        else { return false }
        return "\(year + 18)\(birth.dropFirst(4))" > sent.prefix(10)
    }
}
